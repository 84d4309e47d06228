"""Somebody answers (R429): by the link in his message, or as a person who is among those who were told."""

from typing import Literal
from uuid import UUID

from notifier.desk import Desk
from notifier.domain.forms import StaffStatus
from notifier.domain.ladder import UNANSWERED, Acknowledged
from notifier.queries import escalations, staff
from notifier.tables import EscalationRow
from notifier.use_cases.climb_ladder import climb, climb_of
from shared.contracts.notifier import EscalationAcknowledged
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, NotAllowed, require_version

type Via = Literal["link", "api"]


async def acknowledge_by_link(
    work: UnitOfWork, *, escalation_id: UUID, staff_number: str, level: int, desk: Desk
) -> EscalationRow:
    """The holder of a genuine link answers. Nothing where it has ended already: the page says how."""
    escalation = await escalations.lock(work.session, escalation_id=escalation_id)
    if escalation.state in UNANSWERED:
        await _answer(work, escalation=escalation, staff_number=staff_number, level=level, via="link", desk=desk)
    return escalation


async def acknowledge_by_api(
    work: UnitOfWork, *, escalation_id: UUID, version: int | None, desk: Desk
) -> EscalationRow:
    """Whoever calls answers. Raises NotAllowed for a stranger, IllegalTransition where it has ended already."""
    escalation = await escalations.lock(work.session, escalation_id=escalation_id)
    require_version(escalation.version, expected=version)
    staff_number = work.cause.actor.id
    level = await _level_of(work, escalation=escalation, staff_number=staff_number)
    if escalation.state not in UNANSWERED:
        raise IllegalTransition(
            f"escalation_{escalation.state}",
            detail=f"the escalation is {escalation.state} since {escalation.ended_at}",
            expected="an escalation that is open or exhausted",
        )
    await _answer(work, escalation=escalation, staff_number=staff_number, level=level, via="api", desk=desk)
    return escalation


async def _answer(
    work: UnitOfWork, *, escalation: EscalationRow, staff_number: str, level: int, via: Via, desk: Desk
) -> None:
    escalation.acknowledged_by, escalation.acknowledged_via = staff_number, via
    escalation.acknowledged_level = level
    await climb(work, escalation=escalation, happening=Acknowledged(), desk=desk)
    work.publish(
        EscalationAcknowledged(
            escalation_id=escalation.id,
            case_id=escalation.case_id,
            about=escalation.about,
            ladder=escalation.ladder,
            level=level,
            staff_number=staff_number,
            via=via,
            acknowledged_at=work.now,
        )
    )
    subject, details = f"escalation/{escalation.id}", {"level": level, "via": via}
    await desk.audit.record(work, action="escalation_acknowledged", subject=subject, details=details)


async def _level_of(work: UnitOfWork, *, escalation: EscalationRow, staff_number: str) -> int:
    member = await staff.by_staff_number(work.session, staff_number=staff_number)
    told = climb_of(escalation)
    level = None
    if work.cause.actor.kind == "person" and member is not None and member.status == StaffStatus.ACTIVE:
        level = told.level_of(member.role)
    if level is None:
        raise NotAllowed(
            "not_told",
            detail=f"{staff_number} is not among those who were told of this escalation",
            expected=f"an active member of the staff in one of the roles: {', '.join(sorted(told.roles_told))}",
        )
    return level
