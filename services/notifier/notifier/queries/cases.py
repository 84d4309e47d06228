"""What is remembered of cases, and what was told already."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.tables import CaseRow, ToldRow


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The row of a case, made where there is none, locked until the transaction ends."""
    await session.execute(insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing())
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def find(session: AsyncSession, *, case_id: UUID) -> CaseRow | None:
    """What is remembered of a case."""
    return await session.get(CaseRow, case_id)


async def is_first_time(
    session: AsyncSession, *, route: str, value: str, happened_at: datetime, again_since: datetime | None
) -> bool:
    """Whether the route never told of this value, or not since `again_since`; from now on it did.

    Two at once wait for one another.
    """
    told = insert(ToldRow).values(route=route, value=value, told_of=happened_at)
    if again_since is None:
        statement = told.on_conflict_do_nothing()
    else:
        statement = told.on_conflict_do_update(
            index_elements=["route", "value"],
            set_={"told_of": happened_at},
            where=col(ToldRow.told_of) < again_since,
        )
    return await session.scalar(statement.returning(col(ToldRow.value))) is not None
