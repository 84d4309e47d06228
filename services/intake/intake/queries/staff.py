"""The staff register."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from intake.tables import StaffRow
from shared.refusals import Unknown


async def load(session: AsyncSession, *, member_id: UUID) -> StaffRow:
    """Raises Unknown."""
    return _known(await session.get(StaffRow, member_id), member_id=member_id)


async def lock(session: AsyncSession, *, member_id: UUID) -> StaffRow:
    """A member to change, locked until the transaction ends. Raises Unknown."""
    found = await session.scalars(select(StaffRow).where(StaffRow.id == member_id).with_for_update())
    return _known(found.one_or_none(), member_id=member_id)


async def by_staff_id(session: AsyncSession, *, staff_id: str) -> StaffRow | None:
    """The member whose token has this subject."""
    return (await session.scalars(select(StaffRow).where(StaffRow.staff_id == staff_id))).one_or_none()


def _known(member: StaffRow | None, *, member_id: UUID) -> StaffRow:
    if member is None:
        raise Unknown("unknown_member", detail=f"Nobody has the id {member_id}.", expected="an id of GET /v1/staff")
    return member
