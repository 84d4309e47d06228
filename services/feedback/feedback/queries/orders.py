"""Orders whose customers are asked how it was."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.tables import OrderRow
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff


async def lock_of_event(session: AsyncSession, *, event: WorkOrderSignedOff | ItemReturned) -> OrderRow:
    """The order that an event tells of, written down where it is new, locked until the transaction ends."""
    told = {
        "id": event.work_order_id,
        "number": event.work_order_number,
        "case_id": event.case_id,
        "customer_id": event.customer_id,
    }
    await session.execute(insert(OrderRow).values(told).on_conflict_do_nothing())
    return await lock(session, order_id=event.work_order_id)


async def lock(session: AsyncSession, *, order_id: UUID) -> OrderRow:
    """An order that is there, as it stands now, locked until the transaction ends."""
    statement = select(OrderRow).where(col(OrderRow.id) == order_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def lock_of_customer(session: AsyncSession, *, customer_id: UUID) -> Sequence[OrderRow]:
    """All orders of a customer, locked one after the other."""
    statement = select(OrderRow).where(col(OrderRow.customer_id) == customer_id).order_by(col(OrderRow.id))
    fresh = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(fresh)).all()
