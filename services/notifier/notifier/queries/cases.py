"""What is remembered of cases, and what was told already."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.tables import CaseRow, ToldRow


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The row of a case, made where there is none, locked until the transaction ends."""
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    known = (await session.scalars(fresh)).one_or_none()
    if known is not None:
        return known
    await session.execute(insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing())
    return (await session.scalars(fresh)).one()


async def find(session: AsyncSession, *, case_id: UUID) -> CaseRow | None:
    """What is remembered of a case."""
    return await session.get(CaseRow, case_id)


async def told_once(session: AsyncSession, *, route: str, value: str) -> Sequence[ToldRow]:
    """Every event with this value that the route tells once, told or not, in the order in which they happened."""
    statement = select(ToldRow).where(col(ToldRow.route) == route, col(ToldRow.value) == value)
    return (await session.scalars(statement.order_by(col(ToldRow.happened_at), col(ToldRow.id)))).all()
