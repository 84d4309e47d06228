"""A visit that does not take place: its time is free again, and whoever expected it hears so."""

from dispatch.domain.visits import VisitState, VisitStep, advance
from dispatch.tables import VisitRow, WorkOrderRow
from shared.contracts.dispatch import VisitWithdrawn
from shared.messaging.unit_of_work import UnitOfWork


def release(work: UnitOfWork, *, visit: VisitRow, reason: str) -> None:
    """Let the visit fall through. Raises IllegalTransition where it has begun. The caller holds its order."""
    visit.state = advance(VisitState(visit.state), step=VisitStep.RELEASE)
    visit.released_at, visit.release_reason = work.now, reason
    visit.version += 1


def tell_withdrawn(work: UnitOfWork, *, order: WorkOrderRow, visit: VisitRow, reason: str) -> None:
    """Customer and technician hear that they do not meet; `reason` is `parts` or `cancelled`."""
    work.publish(
        VisitWithdrawn(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            reason=reason,
            withdrawn_at=work.now,
        )
    )
