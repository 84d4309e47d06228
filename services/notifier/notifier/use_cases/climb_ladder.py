"""An escalation begins, climbs and ends (逐级上报, R430): the domain decides, this writes down and tells."""

from datetime import timedelta
from uuid import UUID

from notifier.desk import Desk
from notifier.domain.ladder import (
    UNANSWERED,
    AnswerDue,
    Begun,
    Climb,
    EscalationState,
    Happening,
    Level,
    Over,
    Tell,
    Unreachable,
    WithdrawUnsent,
    step,
)
from notifier.domain.sending import MessageState
from notifier.policy import CASE_ID, ToLadder
from notifier.queries import escalations, happenings, messages
from notifier.tables import EscalationRow
from notifier.use_cases.write_message import Heard, Receiver, end_message, write_to_role
from shared.contracts.notifier import EscalationExhausted, EscalationRaised, EscalationWithdrawn
from shared.messaging.unit_of_work import UnitOfWork
from shared.security.encryption import SealBroken

ANSWER_DEADLINE = "escalation_answer"
"""The time of a level is over."""

FACTS = "escalation.facts"


async def begin_escalation(work: UnitOfWork, *, route: str, to: ToLadder, heard: Heard, desk: Desk) -> None:
    """The first level is told. Where what it is about ended before we heard of it, that is the end of it too."""
    id_ = work.new_id()
    escalation = EscalationRow(
        id=id_,
        route=route,
        ladder=to.ladder,
        about=heard.type,
        event_id=heard.event_id,
        case_id=heard.case_id,
        facts=desk.seal_facts(heard.facts, place=FACTS, row=id_),
        caused_at=heard.happened_at,
        ended_by=list(to.ended_by),
        only_after={type_: list(others) for type_, others in to.only_after.items()},
        levels=[
            {"role": level.role, "seconds": int(level.answer_within.total_seconds())}
            for level in desk.policy.ladders[to.ladder].climb
        ],
        state=EscalationState.OPEN,
        level=0,
        raised_at=work.now,
        policy_version=desk.policy_version,
    )
    work.session.add(escalation)
    await work.session.flush()
    await climb(work, escalation=escalation, happening=Begun(), desk=desk)
    await _withdraw_if_over(work, escalation=escalation, desk=desk)


async def withdraw_ended(work: UnitOfWork, *, case_id: UUID, desk: Desk) -> None:
    """Something happened in the case: what is over by that is withdrawn. The caller holds the case."""
    for escalation in await escalations.unanswered_of_case(work.session, case_id=case_id):
        await _withdraw_if_over(work, escalation=escalation, desk=desk)


async def _withdraw_if_over(work: UnitOfWork, *, escalation: EscalationRow, desk: Desk) -> None:
    if escalation.state not in UNANSWERED or not escalation.ended_by:
        return
    escalation.end_reason = await happenings.ending_since(
        work.session,
        thing=f"{CASE_ID}/{escalation.case_id}",
        types=escalation.ended_by,
        only_after=escalation.only_after,
        since=escalation.caused_at,
    )
    if escalation.end_reason is not None:
        await climb(work, escalation=escalation, happening=Over(), desk=desk)


async def climb(work: UnitOfWork, *, escalation: EscalationRow, happening: Happening, desk: Desk) -> None:
    """Whatever follows from what happened. The caller holds the escalation."""
    before = climb_of(escalation)
    move = step(before, happening)
    if move.climb == before:
        return
    escalation.level, escalation.version = move.climb.level, escalation.version + 1
    if not move.climb.is_heard and before.is_heard:
        _stop_waiting(work, escalation=escalation)
    for due in move.deadlines:
        _wait(work, escalation=escalation, due=due, desk=desk)
    if move.climb.state is not before.state:
        _end(work, escalation=escalation, state=move.climb.state)
    for command in move.commands:
        match command:
            case Tell(level, role):
                if not await _tell(work, escalation=escalation, level=level, role=role, desk=desk):
                    await climb(work, escalation=escalation, happening=Unreachable(level), desk=desk)
            case WithdrawUnsent():
                await _withdraw_unsent(work, escalation=escalation)


def climb_of(escalation: EscalationRow) -> Climb:
    """Where an escalation stands, as the domain sees it."""
    levels = tuple(
        Level(role=str(level["role"]), answer_within=timedelta(seconds=int(level["seconds"])))
        for level in escalation.levels
    )
    return Climb(
        levels=levels,
        level=escalation.level,
        is_heard=escalation.answer_by is not None,
        state=EscalationState(escalation.state),
    )


async def _tell(work: UnitOfWork, *, escalation: EscalationRow, level: int, role: str, desk: Desk) -> bool:
    """Write to everybody in the role; whether there is anybody."""
    work.publish(
        EscalationRaised(
            escalation_id=escalation.id,
            case_id=escalation.case_id,
            about=escalation.about,
            ladder=escalation.ladder,
            level=level,
            role=role,
            raised_at=work.now,
        )
    )
    heard = Heard(
        type=escalation.about,
        event_id=escalation.event_id,
        happened_at=escalation.caused_at,
        case_id=escalation.case_id,
        facts=facts_of(escalation, desk=desk),
    )
    everybody = Receiver(role=role, escalation_id=escalation.id, level=level)
    return await write_to_role(work, route=escalation.route, heard=heard, receiver=everybody, desk=desk)


def facts_of(escalation: EscalationRow, *, desk: Desk) -> dict[str, object]:
    """What the event said. Where no key opens it, people are told with gaps rather than not at all."""
    try:
        return desk.open_facts(escalation.facts or "", place=FACTS, row=escalation.id)
    except SealBroken:
        return {}


def _wait(work: UnitOfWork, *, escalation: EscalationRow, due: AnswerDue, desk: Desk) -> None:
    escalation.answer_by = desk.policy.answer_by(escalation.ladder, start=work.now, within=due.within)
    work.set_deadline(
        f"{ANSWER_DEADLINE}/{escalation.id}",
        kind=ANSWER_DEADLINE,
        due=escalation.answer_by,
        data={"escalation_id": str(escalation.id), "level": str(due.level)},
    )


def _stop_waiting(work: UnitOfWork, *, escalation: EscalationRow) -> None:
    escalation.answer_by = None
    work.cancel_deadline(f"{ANSWER_DEADLINE}/{escalation.id}")


async def _withdraw_unsent(work: UnitOfWork, *, escalation: EscalationRow) -> None:
    for message in await messages.unsent_of_escalation(work.session, escalation_id=escalation.id):
        end_message(work, message=message, state=MessageState.WITHDRAWN)


def _end(work: UnitOfWork, *, escalation: EscalationRow, state: EscalationState) -> None:
    """Whoever acknowledges says so himself: he knows who he is."""
    escalation.state, escalation.ended_at = state, work.now
    _stop_waiting(work, escalation=escalation)
    if state not in UNANSWERED:
        escalation.facts = None
    named = {
        "escalation_id": escalation.id,
        "case_id": escalation.case_id,
        "about": escalation.about,
        "ladder": escalation.ladder,
    }
    if state is EscalationState.EXHAUSTED:
        work.publish(EscalationExhausted(**named, level=escalation.level, exhausted_at=work.now))
    if state is EscalationState.WITHDRAWN:
        work.publish(EscalationWithdrawn(**named, reason=escalation.end_reason or "", withdrawn_at=work.now))
