"""What cannot be repaired on site is taken to the workshop against a receipt (客户商品领取收据, R303)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.items import ItemState
from dispatch.domain.numbering import receipt_number, repair_card_number
from dispatch.domain.reports import TakeIn, check_promise
from dispatch.domain.visits import VisitStep
from dispatch.domain.work_orders import Step, WorkOrderState
from dispatch.domain.work_orders import advance as advance_order
from dispatch.queries import items
from dispatch.tables import ItemRow, VisitRow
from dispatch.use_cases.agree_visit import lock_visit
from dispatch.use_cases.begin_work import start_order
from dispatch.use_cases.end_visit import end_visit
from dispatch.use_cases.item_clocks import start_item_clocks
from dispatch.use_cases.keep_words import keep_words
from dispatch.use_cases.post_hours import post_hours
from shared.contracts.dispatch import ItemTakenIn
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def take_in_item(
    work: UnitOfWork, *, visit_id: UUID, version: int | None, form: TakeIn, desk: Desk
) -> tuple[VisitRow, ItemRow]:
    """R303, R309: the customer holds the receipt, signed the hand-over, and was told when he has it again.

    Where nothing else was promised, that is the time by which it has to be repaired (R225). The order is started by
    now in any case, so that parts may be drawn for it (R314).
    """
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    end_visit(work, visit=visit, step=VisitStep.TAKE_IN)
    await start_order(work, order=order, visit=visit)
    order.state = advance_order(WorkOrderState(order.state), step=Step.TAKE_IN)
    order.version += 1
    if form.promised_at is not None:
        check_promise(form.promised_at, now=work.now, furthest=desk.policy.take_in.furthest)
    promised_at = form.promised_at or desk.policy.repaired_by(work.now, units=form.units)
    taken = await items.of_order(work.session, order_id=order.id)
    receipt = receipt_number(order.number, item=len(taken) + 1)
    item = ItemRow(
        id=work.new_id(),
        work_order_id=order.id,
        visit_id=visit.id,
        technician_id=visit.technician_id,
        state=ItemState.TAKEN_IN,
        receipt_number=receipt,
        repair_card_number=repair_card_number(receipt),
        units=form.units,
        taken_in_at=work.now,
        promised_at=promised_at,
    )
    work.session.add(item)
    await work.session.flush()
    await start_item_clocks(work, order=order, item=item, desk=desk)
    work.publish(
        ItemTakenIn(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            item_id=item.id,
            receipt_number=item.receipt_number,
            taken_in_at=item.taken_in_at,
            promised_at=item.promised_at,
        )
    )
    await post_hours(
        work, order=order, visit_id=visit.id, technician_id=visit.technician_id, taken=form.taken, desk=desk
    )
    said = {
        "description": form.description,
        "signer": form.signed.signer,
        "signature": form.signed.signature,
    }
    await keep_words(work, order=order, about=f"item/{item.id}", said=said, desk=desk)
    await desk.audit.record(work, action="item_taken_in", subject=f"item/{item.id}")
    return visit, item
