"""The technician packs for the trip, leaves, and begins: which of these starts the order is policy (R314)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import SetOut
from dispatch.domain.visits import VisitState, VisitStep, advance
from dispatch.queries import technicians
from dispatch.tables import VisitRow, WorkOrderRow
from dispatch.use_cases.agree_visit import lock_visit
from dispatch.use_cases.arrange import arrange
from shared.contracts.dispatch import TechnicianDeparted, WorkOrderStarted
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def prepare_visit(work: UnitOfWork, *, visit_id: UUID, version: int | None, desk: Desk) -> VisitRow:
    """R257: material and tools are packed by the work order; parts may be drawn for it where this starts the order."""
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    visit.state = advance(VisitState(visit.state), step=VisitStep.PREPARE)
    visit.prepared_at = work.now
    visit.version += 1
    if desk.policy.visits.starts_with == "preparation":
        await start_order(work, order=order, visit=visit)
    await desk.audit.record(work, action="visit_prepared", subject=f"visit/{visit.id}")
    return visit


async def record_departure(work: UnitOfWork, *, visit_id: UUID, version: int | None, desk: Desk) -> VisitRow:
    """R239, R327: he goes out with his order and everything that was asked for it.

    Raises IllegalTransition while a part is neither reserved nor issued.
    """
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    state = advance(VisitState(visit.state), step=VisitStep.DEPART)
    await arrange(work, order=order, happening=SetOut(), desk=desk)
    visit.state, visit.departed_at = state, work.now
    visit.version += 1
    work.publish(
        TechnicianDeparted(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            departed_at=work.now,
        )
    )
    await desk.audit.record(work, action="technician_departed", subject=f"visit/{visit.id}")
    return visit


async def start_work(work: UnitOfWork, *, visit_id: UUID, version: int | None, desk: Desk) -> VisitRow:
    """The repair on site begins; the order is started by now in any case."""
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    visit.state = advance(VisitState(visit.state), step=VisitStep.START)
    visit.started_at = work.now
    visit.version += 1
    await start_order(work, order=order, visit=visit)
    await desk.audit.record(work, action="work_started", subject=f"visit/{visit.id}")
    return visit


async def start_order(work: UnitOfWork, *, order: WorkOrderRow, visit: VisitRow) -> None:
    """R314 (开工): once, by the step that the policy names, and at the latest when the repair begins.

    What goes to the workshop, or is said to be done by somebody who is back, was begun. The caller holds the order.
    """
    if order.started_at is not None:
        return
    technician = await technicians.find(work.session, technician_id=visit.technician_id)
    order.started_at = work.now
    order.version += 1
    work.publish(
        WorkOrderStarted(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            staff_number=technician.staff_number,
            started_at=work.now,
        )
    )
