"""The timeline of a case."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import StoryRow


async def add_unless_known(session: AsyncSession, *, row: StoryRow) -> None:
    """Insert it, unless the same event is there."""
    await session.execute(insert(StoryRow).values(row.model_dump()).on_conflict_do_nothing(index_elements=["event_id"]))


async def story_of(session: AsyncSession, *, case_id: UUID) -> Sequence[StoryRow]:
    """Everything that happened to a case, in the order in which it happened."""
    statement = (
        select(StoryRow).where(StoryRow.case_id == case_id).order_by(col(StoryRow.happened_at), col(StoryRow.event_id))
    )
    return (await session.scalars(statement)).all()
