"""What is remembered of cases, and what was told already."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.tables import CaseRow, ToldRow

_MAKING = insert(CaseRow)
_LOCKING = _MAKING.on_conflict_do_update(
    index_elements=[col(CaseRow.case_id)], set_={"case_id": _MAKING.excluded.case_id}
).returning(CaseRow)
"""One statement, built once: writing a row that is known once more locks it as well, and finds it."""


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The row of a case, made where there is none, locked until the transaction ends."""
    made_or_known = await session.scalars(_LOCKING, {"case_id": case_id}, execution_options={"populate_existing": True})
    return made_or_known.one()


async def find(session: AsyncSession, *, case_id: UUID) -> CaseRow | None:
    """What is remembered of a case."""
    return await session.get(CaseRow, case_id)


async def told_once(session: AsyncSession, *, route: str, value: str) -> Sequence[ToldRow]:
    """Every event with this value that the route tells once, told or not, in the order in which they happened."""
    statement = select(ToldRow).where(col(ToldRow.route) == route, col(ToldRow.value) == value)
    return (await session.scalars(statement.order_by(col(ToldRow.happened_at), col(ToldRow.id)))).all()
