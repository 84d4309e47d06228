"""A case was called off: its order ends wherever it is, and every step on the way is taken back."""

from datetime import datetime

from dispatch.desk import Desk
from dispatch.domain.offers import OfferState
from dispatch.domain.visits import VisitState, VisitStep
from dispatch.domain.visits import advance as advance_visit
from dispatch.domain.work_orders import Step, WorkOrderState, advance
from dispatch.queries import cases, visits, work_orders
from dispatch.tables import WorkOrderRow
from dispatch.use_cases.answer_offer import decline
from dispatch.use_cases.arrival_clock import stop_arrival_clock
from dispatch.use_cases.find_technician import RETRY_DEADLINE
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.contracts.dispatch import WorkOrderCancelled
from shared.contracts.intake import CaseCancelled
from shared.messaging.unit_of_work import UnitOfWork


async def cancel_work_order(work: UnitOfWork, *, case: CaseCancelled, desk: Desk) -> None:
    """Call the order off; where it is not opened yet, remember it for `open_work_order`."""
    known = await cases.lock(work.session, case_id=case.case_id)
    if known.cancelled_at is not None:
        return
    known.cancelled_at, known.cancel_reason = case.cancelled_at, case.reason
    order = await work_orders.of_case(work.session, case_id=case.case_id)
    if order is not None:
        await call_off(work, order=order, reason=case.reason, at=case.cancelled_at, desk=desk)


async def call_off(work: UnitOfWork, *, order: WorkOrderRow, reason: str, at: datetime, desk: Desk) -> None:
    """Withdraw the offer, release the visit, stop the clocks. The caller holds the order."""
    order.state = advance(WorkOrderState(order.state), step=Step.CANCEL)
    order.cancelled_at, order.cancel_reason, order.retry_at = at, reason, None
    order.version += 1
    work.cancel_deadline(f"{RETRY_DEADLINE}/{order.id}")
    offer = await work_orders.pending_offer(work.session, order_id=order.id)
    if offer is not None:
        decline(work, order=order, offer=offer, state=OfferState.WITHDRAWN)
    visit = await visits.open_of_order(work.session, order_id=order.id)
    if visit is not None:
        visit.state = advance_visit(VisitState(visit.state), step=VisitStep.RELEASE)
        visit.released_at = work.now
        visit.version += 1
    await stop_arrival_clock(work, order=order, at=at, reason="cancelled", desk=desk)
    work.publish(
        WorkOrderCancelled(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            reason=reason,
            cancelled_at=at,
        )
    )
    wake_waiting(work, department=order.department)
