"""Somebody opens the link of his message: whose it is, and how the escalation stands. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifier.desk import Desk
from notifier.domain.forms import Language, StaffStatus
from notifier.domain.ladder import UNANSWERED, EscalationState
from notifier.policy import CASE_NUMBER, RoutePolicy
from notifier.queries import cases, escalations, staff
from notifier.tables import EscalationRow, MessageRow, StaffRow
from notifier.use_cases.climb_ladder import facts_of
from notifier.use_cases.enter_staff import form_of
from shared.messaging.unit_of_work import UnitOfWork
from shared.security.encryption import SealBroken
from shared.security.links import LinkExpired, LinkForged


class LinkState(StrEnum):
    """In `open` and `exhausted` there is a button."""

    OPEN = "open"
    EXHAUSTED = "exhausted"
    DONE = "done"
    OVER = "over"
    EXPIRED = "expired"


ANSWERABLE = frozenset({LinkState.OPEN, LinkState.EXHAUSTED})
"""Whoever holds the link may take it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A genuine link. `route` and `facts` are there while it can be taken on, `done_by` and `done_at` after."""

    message: MessageRow
    escalation: EscalationRow
    holder: StaffRow
    state: LinkState
    route: RoutePolicy | None = None
    facts: dict[str, object]
    done_by: str | None = None
    done_at: datetime | None = None

    @property
    def language(self) -> Language:
        return Language(self.holder.language)


async def open_link(work: UnitOfWork, *, token: str, desk: Desk) -> Link | None:
    """None for what we did not make, and for somebody who does not work here any more. What no key opens is a gap."""
    try:
        message_id, has_expired = desk.links.read(token, now=work.now), False
    except LinkForged:
        return None
    except LinkExpired as expired:
        message_id, has_expired = expired.subject, True
    message = await work.session.get(MessageRow, message_id)
    if message is None or message.escalation_id is None or message.staff_number is None:
        return None
    member = await staff.by_staff_number(work.session, staff_number=message.staff_number)
    if member is None or member.status != StaffStatus.ACTIVE:
        return None
    escalation = await escalations.find(work.session, escalation_id=message.escalation_id)
    state = _state(escalation)
    return Link(
        message=message,
        escalation=escalation,
        holder=member,
        state=LinkState.EXPIRED if has_expired and state in ANSWERABLE else state,
        route=desk.policy.routes.get(escalation.route),
        facts=await _facts(work, escalation=escalation, desk=desk),
        done_by=await _name(work, staff_number=escalation.acknowledged_by, desk=desk),
        done_at=escalation.ended_at,
    )


def _state(escalation: EscalationRow) -> LinkState:
    if escalation.state == EscalationState.ACKNOWLEDGED:
        return LinkState.DONE
    if escalation.state not in UNANSWERED:
        return LinkState.OVER
    return LinkState.EXHAUSTED if escalation.state == EscalationState.EXHAUSTED else LinkState.OPEN


async def _facts(work: UnitOfWork, *, escalation: EscalationRow, desk: Desk) -> dict[str, object]:
    if escalation.facts is None:
        return {}
    facts = facts_of(escalation, desk=desk)
    case = None if escalation.case_id is None else await cases.find(work.session, case_id=escalation.case_id)
    facts.setdefault(CASE_NUMBER, None if case is None else case.case_number)
    return facts


async def _name(work: UnitOfWork, *, staff_number: str | None, desk: Desk) -> str | None:
    if staff_number is None:
        return None
    member = await staff.by_staff_number(work.session, staff_number=staff_number)
    try:
        return staff_number if member is None else form_of(member, desk=desk).name
    except SealBroken:
        return staff_number
