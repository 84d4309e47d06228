"""The customer has his thing again: he signs, and the receipt is taken back and voided (予以作废, R307)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.items import ItemState, ItemStep, advance, check_receipt
from dispatch.domain.reports import SignOff
from dispatch.domain.work_orders import Step, WorkOrderState
from dispatch.domain.work_orders import advance as advance_order
from dispatch.queries.parts_requests import needs
from dispatch.tables import ItemRow, WorkOrderRow
from dispatch.use_cases.end_visit import complete_order
from dispatch.use_cases.item_clocks import stop_item_clocks
from dispatch.use_cases.keep_words import keep_words
from dispatch.use_cases.repair_item import lock_item
from dispatch.use_cases.sign_off import note_sign_off
from shared.contracts.dispatch import ItemReturned
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def return_item(
    work: UnitOfWork, *, item_id: UUID, version: int | None, receipt: str, form: SignOff, desk: Desk
) -> ItemRow:
    """R306, R307: what was inspected goes back, which completes the order and signs it off.

    What belongs to an order that was called off goes back as it is. Raises Refusal for another receipt.
    """
    order, item = await lock_item(work, item_id=item_id)
    require_version(item.version, expected=version)
    was_repaired = item.state == ItemState.INSPECTED
    item.state = advance(ItemState(item.state), step=ItemStep.HAND_BACK)
    check_receipt(receipt, receipt=item.receipt_number)
    item.returned_at = item.receipt_voided_at = work.now
    item.version += 1
    await stop_item_clocks(work, item=item, desk=desk)
    work.publish(
        ItemReturned(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            item_id=item.id,
            customer_id=order.customer_id,
            returned_at=work.now,
        )
    )
    if was_repaired:
        await _end_order(work, order=order, item=item, form=form, desk=desk)
    said = {"signer": form.signed.signer, "signature": form.signed.signature, "comment": form.comment}
    await keep_words(work, order=order, about=f"item/{item.id}", said=said, desk=desk)
    await desk.audit.record(work, action="item_returned", subject=f"item/{item.id}")
    return item


async def _end_order(work: UnitOfWork, *, order: WorkOrderRow, item: ItemRow, form: SignOff, desk: Desk) -> None:
    order.state = advance_order(WorkOrderState(order.state), step=Step.HAND_BACK)
    await complete_order(
        work,
        order=order,
        technician_id=item.technician_id,
        resolution=desk.policy.take_in.resolution,
        fitted=needs(item.fitted),
        desk=desk,
    )
    note_sign_off(work, order=order, opinion=form.opinion)
