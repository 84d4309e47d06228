"""An item was taken in: what is exchanged on its work order is listed against it (R337)."""

from parts.tables import ItemRow
from shared.contracts.dispatch import ItemTakenIn
from shared.messaging.unit_of_work import UnitOfWork


async def note_item(work: UnitOfWork, *, taken_in: ItemTakenIn) -> None:
    """Whatever was heard of its work order before."""
    item = ItemRow(
        item_id=taken_in.item_id,
        work_order_id=taken_in.work_order_id,
        receipt_number=taken_in.receipt_number,
        taken_in_at=taken_in.taken_in_at,
    )
    await work.session.merge(item)
