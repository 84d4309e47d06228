"""The technician stands before the unit, and later is back."""

from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import SetOut
from dispatch.domain.visits import AHEAD, VisitState, VisitStep, advance, check_arrival
from dispatch.domain.work_orders import Step, WorkOrderState
from dispatch.domain.work_orders import advance as advance_order
from dispatch.tables import VisitRow
from dispatch.use_cases.agree_visit import lock_visit
from dispatch.use_cases.arrange import arrange
from dispatch.use_cases.arrival_clock import stop_arrival_clock
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.contracts.dispatch import TechnicianArrived
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def record_arrival(
    work: UnitOfWork, *, visit_id: UUID, version: int | None, arrived_at: datetime | None, desk: Desk
) -> VisitRow:
    """R222: stops the arrival clock at `arrived_at`, by default now. Who is there without his parts is refused."""
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    at = arrived_at or work.now
    state = advance(VisitState(visit.state), step=VisitStep.ARRIVE)
    if visit.state in AHEAD:
        await arrange(work, order=order, happening=SetOut(), desk=desk)
    visit.state = state
    order.state = advance_order(WorkOrderState(order.state), step=Step.ARRIVE)
    check_arrival(at, agreed_at=visit.agreed_at, now=work.now)
    visit.arrived_at = order.arrived_at = at
    visit.version += 1
    order.version += 1
    await stop_arrival_clock(work, order=order, at=at, reason="technician_arrived", desk=desk)
    work.publish(
        TechnicianArrived(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            arrived_at=at,
        )
    )
    await desk.audit.record(
        work, action="technician_arrived", subject=f"visit/{visit.id}", details={"arrived_at": at.isoformat()}
    )
    return visit


async def record_return(work: UnitOfWork, *, visit_id: UUID, version: int | None, desk: Desk) -> VisitRow:
    """R235: he is back from the repair, and gets turns again. How it ended may be reported afterwards."""
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    visit.state = advance(VisitState(visit.state), step=VisitStep.RETURN)
    visit.returned_at = work.now
    visit.version += 1
    wake_waiting(work, department=order.department)
    await desk.audit.record(work, action="technician_returned", subject=f"visit/{visit.id}")
    return visit
