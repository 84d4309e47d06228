"""What is remembered of cases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.tables import CaseRow, EndingRow


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The row of a case, made where there is none, locked until the transaction ends."""
    await session.execute(insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing())
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def find(session: AsyncSession, *, case_id: UUID) -> CaseRow | None:
    """What is remembered of a case."""
    return await session.get(CaseRow, case_id)


async def note_ending(session: AsyncSession, *, case_id: UUID, type_: str, happened_at: datetime) -> None:
    """Remember that it happened; of several times the last one."""
    statement = insert(EndingRow).values(case_id=case_id, type=type_, happened_at=happened_at)
    later = func.greatest(col(EndingRow.happened_at), statement.excluded.happened_at)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["case_id", "type"], set_={"happened_at": later})
    )


async def ending_since(session: AsyncSession, *, case_id: UUID, types: list[str], since: datetime) -> str | None:
    """The type of an ending of the case that happened at `since` or later: the first one."""
    statement = (
        select(col(EndingRow.type))
        .where(col(EndingRow.case_id) == case_id, col(EndingRow.type).in_(types), col(EndingRow.happened_at) >= since)
        .order_by(col(EndingRow.happened_at), col(EndingRow.type))
        .limit(1)
    )
    return await session.scalar(statement)
