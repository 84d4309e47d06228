"""Messages are taken in hand to be sent: leased to one courier, with all that is needed to write them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from notifier.desk import Desk
from notifier.domain.forms import Language, StaffStatus
from notifier.domain.ladder import UNANSWERED, EscalationState
from notifier.domain.sending import FailureReason, MessageState, Never
from notifier.policy import CASE_NUMBER, RoutePolicy
from notifier.queries import cases, escalations, messages, staff
from notifier.tables import AttemptRow, EscalationRow, MessageRow
from notifier.use_cases.climb_ladder import climb_of
from notifier.use_cases.enter_staff import form_of
from notifier.use_cases.write_message import FACTS, end_message
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who reads the message, and where."""

    name: str
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class CustomerToAsk:
    """Only intake knows where he is reached."""

    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the message is written from. `answer_by` and `staff_number` are there where it is to be acknowledged."""

    route: RoutePolicy
    facts: dict[str, object]
    staff_number: str | None = None
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One attempt at one message, in the hands of one courier. What can never be sent says so in `to`."""

    message_id: UUID
    attempt: int
    to: Addressee | CustomerToAsk | Never
    contents: Contents | None
    taken_at: datetime
    traceparent: str | None


async def claim_messages(work: UnitOfWork, *, at_most: int, lease: timedelta, desk: Desk) -> list[Errand]:
    """The next messages that are due. What belongs to an escalation that has ended is withdrawn instead."""
    errands = []
    for message in await messages.claim_due(work.session, at_most=at_most, lease=lease):
        escalation = None
        if message.escalation_id is not None:
            escalation = await escalations.find(work.session, escalation_id=message.escalation_id)
        if escalation is not None and escalation.state not in UNANSWERED:
            end_message(work, message=message, state=MessageState.WITHDRAWN)
            continue
        errands.append(await _errand(work, message=message, escalation=escalation, desk=desk))
    return errands


async def _errand(work: UnitOfWork, *, message: MessageRow, escalation: EscalationRow | None, desk: Desk) -> Errand:
    message.attempts += 1
    work.session.add(AttemptRow(message_id=message.id, number=message.attempts, begun_at=work.now))
    route = desk.policy.routes.get(message.route)
    to = await _addressee(work, message=message, desk=desk)
    contents = None
    if route is None:
        to = Never(FailureReason.NO_TEXT, "no route")
    else:
        contents = await _contents(work, message=message, route=route, escalation=escalation, desk=desk)
    return Errand(
        message_id=message.id,
        attempt=message.attempts,
        to=to,
        contents=contents,
        taken_at=work.now,
        traceparent=message.traceparent,
    )


async def _addressee(work: UnitOfWork, *, message: MessageRow, desk: Desk) -> Addressee | CustomerToAsk | Never:
    if message.customer_id is not None:
        return CustomerToAsk(message.customer_id)
    member = await staff.by_staff_number(work.session, staff_number=message.staff_number or "")
    if member is None or member.status != StaffStatus.ACTIVE:
        return Never(FailureReason.UNKNOWN_STAFF, "not in the directory" if member is None else "left")
    form = form_of(member, desk=desk)
    return Addressee(name=form.name, email=form.email, language=form.language)


async def _contents(
    work: UnitOfWork, *, message: MessageRow, route: RoutePolicy, escalation: EscalationRow | None, desk: Desk
) -> Contents:
    facts = desk.open_facts(message.facts or "", place=FACTS, row=message.id)
    if message.case_id is not None:
        case = await cases.find(work.session, case_id=message.case_id)
        facts.setdefault(CASE_NUMBER, None if case is None else case.case_number)
    if escalation is None:
        return Contents(route=route, facts=facts)
    answer_by = _answer_by(work, escalation=escalation, desk=desk)
    return Contents(route=route, facts=facts, staff_number=message.staff_number, answer_by=answer_by)


def _answer_by(work: UnitOfWork, *, escalation: EscalationRow, desk: Desk) -> datetime | None:
    """When the next level is told: counted from now where this message is the first that its level gets."""
    if escalation.state != EscalationState.OPEN or escalation.answer_by is not None:
        return escalation.answer_by
    within = climb_of(escalation).levels[escalation.level - 1].answer_within
    return desk.policy.answer_by(escalation.ladder, start=work.now, within=within)
