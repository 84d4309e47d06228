"""What is known of a case besides its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.tables import CLOCKS, CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEntry:
    """A line of a clock's ledger that a hold of the case wrote: `kind` is `pause` or `resume`."""

    kind: str
    at: datetime
    ref: str
    reason: str


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The case, made as a stub where nothing was heard of it yet, locked until the transaction ends."""
    made = insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing().returning(CaseRow)
    new = (await session.scalars(made)).one_or_none()
    if new is not None:
        return new
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    return (await session.scalars(statement)).one()


async def holds(session: AsyncSession, *, case_id: UUID, clock: str) -> Sequence[HoldEntry]:
    """What holds wrote into a clock of the case."""
    entry, known = CLOCKS.clock_entry.c, CLOCKS.clock.c
    statement = (
        select(entry.kind, entry.at, entry.ref, entry.reason)
        .join(CLOCKS.clock, known.id == entry.clock_id)
        .where(known.subject_id == case_id, known.name == clock, entry.ref.startswith("hold/"))
    )
    rows = (await session.execute(statement)).all()
    return [HoldEntry(kind=row.kind, at=row.at, ref=row.ref, reason=row.reason) for row in rows]
