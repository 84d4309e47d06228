"""What is known of a case besides its order."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.tables import CaseRow


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The case, made as a stub where nothing was heard of it yet, locked until the transaction ends."""
    await session.execute(insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing())
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    return (await session.scalars(statement)).one()
