"""What customers said and signed, as it is stored: sealed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.tables import WordsRow


async def of_order(session: AsyncSession, *, order_id: UUID) -> Sequence[WordsRow]:
    """Every word about an order, its visits and its items, the first one first."""
    statement = (
        select(WordsRow)
        .where(col(WordsRow.work_order_id) == order_id)
        .order_by(col(WordsRow.said_at), col(WordsRow.id))
    )
    return (await session.scalars(statement)).all()


async def destroy(session: AsyncSession, *, customer_id: UUID) -> None:
    """Nothing that this customer said or signed can be read any more; that he said it stays known."""
    statement = update(WordsRow).where(col(WordsRow.customer_id) == customer_id).values(text=None)
    await session.execute(statement)
