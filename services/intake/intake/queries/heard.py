"""What others said that the end of a case depends on: written as sets, so that order and repetition do not matter."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.tables import DepositRow, DissatisfactionRow, OrderRow


async def note_order(session: AsyncSession, *, row: OrderRow) -> None:
    """What is known of the order: what was heard before stays, what is new is added."""
    said = insert(OrderRow).values(row.model_dump())
    added = {
        "resolution": func.coalesce(col(OrderRow.resolution), said.excluded.resolution),
        "completed_at": func.coalesce(col(OrderRow.completed_at), said.excluded.completed_at),
        "signed_off_at": func.coalesce(col(OrderRow.signed_off_at), said.excluded.signed_off_at),
    }
    await session.execute(said.on_conflict_do_update(index_elements=["id"], set_=added))


async def note_deposit(session: AsyncSession, *, row: DepositRow) -> None:
    """That there is a deposit, and how it was settled, once it was."""
    said = insert(DepositRow).values(row.model_dump())
    settled = {"settled_as": func.coalesce(col(DepositRow.settled_as), said.excluded.settled_as)}
    await session.execute(said.on_conflict_do_update(index_elements=["id"], set_=settled))


async def note_dissatisfaction(session: AsyncSession, *, row: DissatisfactionRow) -> None:
    """That a customer is not satisfied."""
    said = insert(DissatisfactionRow).values(row.model_dump())
    await session.execute(said.on_conflict_do_nothing(index_elements=["id"]))
