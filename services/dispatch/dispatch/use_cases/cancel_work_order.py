"""A case was called off: its order ends wherever it is, and every step on the way is taken back."""

from datetime import datetime

from dispatch.desk import Desk
from dispatch.domain.arrangement import OrderOver
from dispatch.domain.items import ItemState, ItemStep
from dispatch.domain.items import advance as advance_item
from dispatch.domain.offers import OfferState
from dispatch.domain.visits import EXPECTED
from dispatch.domain.work_orders import ENDED, Step, WorkOrderState, advance
from dispatch.queries import cases, items, visits, work_orders
from dispatch.tables import WorkOrderRow
from dispatch.use_cases.answer_offer import decline
from dispatch.use_cases.arrange import arrange
from dispatch.use_cases.arrival_clock import stop_arrival_clock
from dispatch.use_cases.find_technician import RETRY_DEADLINE
from dispatch.use_cases.item_clocks import stop_workshop_clock
from dispatch.use_cases.release_visit import release, tell_withdrawn
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.contracts.dispatch import WorkOrderCancelled
from shared.contracts.intake import CaseCancelled
from shared.messaging.unit_of_work import UnitOfWork

CANCELLED = "cancelled"


async def cancel_work_order(work: UnitOfWork, *, case: CaseCancelled, desk: Desk) -> None:
    """Call its orders off; where one is not opened yet, remember it for `open_work_order`.

    What is repaired already stays repaired; a round of the case that was called for later is not meant.
    """
    known = await cases.lock(work.session, case_id=case.case_id)
    if known.cancelled_at is not None and known.cancelled_at >= case.cancelled_at:
        return
    known.cancelled_at, known.cancel_reason = case.cancelled_at, case.reason
    for order in await work_orders.lock_of_case(work.session, case_id=case.case_id):
        if order.state not in ENDED and order.called_at <= case.cancelled_at:
            await call_off(work, order=order, reason=case.reason, at=case.cancelled_at, desk=desk)


async def call_off(work: UnitOfWork, *, order: WorkOrderRow, reason: str, at: datetime, desk: Desk) -> None:
    """Withdraw the offer, release the visit, let parts go, send back what was taken in, stop the clocks.

    The caller holds the order.
    """
    order.state = advance(WorkOrderState(order.state), step=Step.CANCEL)
    order.cancelled_at, order.cancel_reason, order.retry_at = at, reason, None
    order.version += 1
    work.cancel_deadline(f"{RETRY_DEADLINE}/{order.id}")
    offer = await work_orders.pending_offer(work.session, order_id=order.id)
    if offer is not None:
        decline(work, order=order, offer=offer, state=OfferState.WITHDRAWN)
    await _release_visit(work, order=order)
    await arrange(work, order=order, happening=OrderOver(at=work.now), desk=desk)
    await _send_items_back(work, order=order, desk=desk)
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


async def _release_visit(work: UnitOfWork, *, order: WorkOrderRow) -> None:
    """Customer and technician hear of it where they expect to meet."""
    visit = await visits.open_of_order(work.session, order_id=order.id)
    if visit is None:
        return
    was_expected = visit.state in EXPECTED
    release(work, visit=visit, reason=CANCELLED)
    if was_expected:
        tell_withdrawn(work, order=order, visit=visit, reason=CANCELLED)


async def _send_items_back(work: UnitOfWork, *, order: WorkOrderRow, desk: Desk) -> None:
    """What the customer gave us goes back to him as it is; his receipt stands until then (R307)."""
    for item in await items.of_order(work.session, order_id=order.id):
        if item.state != ItemState.RETURNED:
            item.state = advance_item(ItemState(item.state), step=ItemStep.CALL_OFF)
            item.version += 1
            await stop_workshop_clock(work, item=item, reason="cancelled", desk=desk)
