"""A technician is away, or back earlier: who is away gets no turn."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.forms import AbsenceForm, check_period
from dispatch.policy import require_known
from dispatch.queries import technicians, visits
from dispatch.tables import AbsenceRow, VisitRow
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal


async def record_absence(
    work: UnitOfWork, *, technician_id: UUID, form: AbsenceForm, desk: Desk
) -> tuple[AbsenceRow, list[VisitRow]]:
    """From `away_from` until before `until` he is passed over. Raises Refusal for a period that is empty.

    An absence is a fact, so it is taken down whatever was agreed: his open visits in that time come back with it, and
    stay agreed until somebody moves them.
    """
    technician = await technicians.lock(work.session, technician_id=technician_id)
    require_known([form.reason], known=desk.policy.absence_reasons, field="reason")
    check_period(form.away_from, last=form.until)
    if form.away_from == form.until:
        raise Refusal("period_empty", detail="the absence ends when it begins", expected="an end after away_from")
    absence = AbsenceRow(
        id=work.new_id(),
        technician_id=technician.id,
        away_from=form.away_from,
        until=form.until,
        reason=form.reason,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(absence)
    await desk.audit.record(
        work,
        action="absence_recorded",
        subject=f"technician/{technician.id}",
        details={"reason": form.reason, "until": form.until.isoformat()},
    )
    clashes = await visits.occupied(
        work.session, technician_id=technician.id, since=form.away_from, until=form.until, but=None
    )
    return absence, clashes


async def remove_absence(work: UnitOfWork, *, absence_id: UUID, desk: Desk) -> None:
    """He is there after all: those who wait for him are served."""
    absence = await technicians.find_absence(work.session, absence_id=absence_id)
    technician = await technicians.lock(work.session, technician_id=absence.technician_id)
    await work.session.delete(absence)
    wake_waiting(work, department=technician.department)
    await desk.audit.record(work, action="absence_removed", subject=f"technician/{technician.id}")
