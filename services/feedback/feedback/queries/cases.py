"""What is known of a case."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.tables import CaseRow


async def note_closure(session: AsyncSession, *, case_id: UUID, closed_at: datetime) -> None:
    """The case was closed then; of several closures, for it may be opened again, the last one counts."""
    statement = insert(CaseRow).values(case_id=case_id, closed_at=closed_at)
    later = func.greatest(col(CaseRow.closed_at), statement.excluded.closed_at)
    key = col(CaseRow.case_id)
    await session.execute(statement.on_conflict_do_update(index_elements=[key], set_={"closed_at": later}))
