"""The staff, as far as intake has to know it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import StaffRow
from shared.refusals import Unknown


async def note(session: AsyncSession, *, row: StaffRow) -> None:
    """Keep the row, unless a newer revision is known."""
    said = insert(StaffRow).values(row.model_dump())
    newer = {name: said.excluded[name] for name in ("staff_number", "role", "status", "revision")}
    is_newer = said.excluded.revision > col(StaffRow.revision)
    await session.execute(said.on_conflict_do_update(index_elements=["id"], set_=newer, where=is_newer))


async def load(session: AsyncSession, *, member_id: UUID) -> StaffRow:
    """Raises Unknown."""
    member = await session.get(StaffRow, member_id)
    if member is None:
        raise Unknown("unknown_member", detail=f"Nobody has the id {member_id}.", expected="an id of GET /v1/staff")
    return member


async def statuses(session: AsyncSession, *, staff_number: str) -> Sequence[str]:
    """`active` or `left`, of everybody who has this number."""
    return (await session.scalars(select(StaffRow.status).where(StaffRow.staff_number == staff_number))).all()
