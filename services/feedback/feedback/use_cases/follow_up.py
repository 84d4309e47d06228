"""A repair is signed off, or an item is back with its owner: he is called, and asked how it was (R144, R358, R364)."""

from collections.abc import Iterator
from datetime import datetime

from feedback.desk import Desk
from feedback.policy import Occasion
from feedback.queries import orders
from feedback.tables import ERASED, OrderRow
from feedback.use_cases.forget_customer import withdraw
from feedback.use_cases.plan_revisit import plan_revisit
from feedback.use_cases.plan_survey import plan_survey
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork


async def follow_up_sign_off(work: UnitOfWork, *, event: WorkOrderSignedOff, desk: Desk) -> None:
    """One revisit and one survey for the order, whatever was heard of it before."""
    is_gone = await is_erased(work, customer_id=event.customer_id, table=ERASED)
    order = await orders.lock_of_event(work.session, event=event)
    if order.signed_off_at is not None:
        return
    order.signed_off_at, order.opinion = event.signed_off_at, event.opinion
    order.unit_id, order.technician_id = event.unit_id, event.technician_id
    order.customer_label = event.customer_label
    await plan_revisit(work, order=order, occasions=_occasions(order), desk=desk)
    await plan_survey(work, order=order, event=event, desk=desk)
    if is_gone:
        await withdraw(work, order=order)


async def follow_up_return(work: UnitOfWork, *, event: ItemReturned, desk: Desk) -> None:
    """R312, R360: he has it again since then, and is called; one call does for this and for the signature."""
    is_gone = await is_erased(work, customer_id=event.customer_id, table=ERASED)
    order = await orders.lock_of_event(work.session, event=event)
    if order.item_returned_at is not None:
        return
    order.item_returned_at = event.returned_at
    await plan_revisit(work, order=order, occasions=_occasions(order), desk=desk)
    if is_gone:
        await withdraw(work, order=order)


def _occasions(order: OrderRow) -> Iterator[tuple[Occasion, datetime]]:
    if order.signed_off_at is not None:
        yield Occasion.SIGNED_OFF, order.signed_off_at
    if order.item_returned_at is not None:
        yield Occasion.ITEM_RETURNED, order.item_returned_at
