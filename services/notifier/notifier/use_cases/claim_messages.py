"""Messages are taken in hand to be sent: leased to one courier, with all that is needed to write them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from notifier.desk import Desk
from notifier.domain.forms import Language, StaffStatus
from notifier.domain.ladder import UNANSWERED, EscalationState
from notifier.domain.sending import FailureReason, MessageState, Never
from notifier.domain.texts import value_at
from notifier.policy import CASE_NUMBER, RoutePolicy
from notifier.queries import cases, escalations, happenings, messages, staff
from notifier.tables import AttemptRow, EscalationRow, MessageRow
from notifier.use_cases.climb_ladder import climb_of
from notifier.use_cases.enter_staff import form_of
from notifier.use_cases.write_message import FACTS, end_message
from shared.messaging.unit_of_work import UnitOfWork
from shared.security.encryption import SealBroken


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
    """What the message is written from. What is to be acknowledged has a link, and says until when."""

    route: RoutePolicy
    facts: dict[str, object]
    link_expires_at: datetime | None = None
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
    """The next messages that are due. What is overtaken, or of an escalation that has ended, is withdrawn instead."""
    errands = []
    for message in await messages.claim_due(work.session, at_most=at_most, lease=lease):
        escalation = None
        if message.escalation_id is not None:
            escalation = await escalations.find(work.session, escalation_id=message.escalation_id)
        try:
            is_overtaken = await _is_overtaken(work, message=message, desk=desk)
        except SealBroken:
            is_overtaken = False  # what cannot be opened fails below, and holds nothing else up
        if is_overtaken or (escalation is not None and escalation.state not in UNANSWERED):
            end_message(work, message=message, state=MessageState.WITHDRAWN)
            continue
        errands.append(await _errand(work, message=message, escalation=escalation, desk=desk))
    return errands


async def _is_overtaken(work: UnitOfWork, *, message: MessageRow, desk: Desk) -> bool:
    """Whether something happened after what the message is about that makes it old."""
    route = desk.policy.routes.get(message.route)
    if route is None or message.facts is None:
        return False
    facts = desk.open_facts(message.facts, place=FACTS, row=message.id)
    for overtaken in route.overtaken:
        thing = f"{overtaken.same}/{value_at(facts, overtaken.same)}"
        if await happenings.is_overtaken(work.session, thing=thing, types=overtaken.by, since=message.caused_at):
            return True
    return False


async def _errand(work: UnitOfWork, *, message: MessageRow, escalation: EscalationRow | None, desk: Desk) -> Errand:
    message.attempts += 1
    work.session.add(AttemptRow(message_id=message.id, number=message.attempts, begun_at=work.now))
    route = desk.policy.routes.get(message.route)
    to: Addressee | CustomerToAsk | Never = Never(FailureReason.NO_TEXT, "no route")
    contents = None
    if route is not None:
        try:
            to = await _addressee(work, message=message, desk=desk)
            contents = await _contents(work, message=message, route=route, escalation=escalation, desk=desk)
        except SealBroken:
            to = Never(FailureReason.UNREADABLE, "seal broken")
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
    expires_at = message.made_at + desk.policy.sending.link_lifetime
    answer_by = _answer_by(work, escalation=escalation, desk=desk)
    return Contents(route=route, facts=facts, link_expires_at=expires_at, answer_by=answer_by)


def _answer_by(work: UnitOfWork, *, escalation: EscalationRow, desk: Desk) -> datetime | None:
    """When the next level is told: counted from now where this message is the first that its level gets."""
    if escalation.state != EscalationState.OPEN or escalation.answer_by is not None:
        return escalation.answer_by
    within = climb_of(escalation).levels[escalation.level - 1].answer_within
    return desk.policy.answer_by(escalation.ladder, start=work.now, within=within)
