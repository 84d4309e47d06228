"""The staff directory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.domain.forms import StaffStatus
from notifier.tables import StaffRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAsked:
    """Which members a list shows; None means all. `search` is part of a number, `name_index` a whole name."""

    search: str | None = None
    name_index: bytes | None = None
    role: str | None = None
    status: StaffStatus | None = None


async def find(session: AsyncSession, *, staff_id: UUID) -> StaffRow:
    """A member to look at. Raises Unknown."""
    return _known(await session.get(StaffRow, staff_id), staff_id=staff_id)


async def lock(session: AsyncSession, *, staff_id: UUID) -> StaffRow:
    """A member to change, locked until the transaction ends. Raises Unknown."""
    statement = select(StaffRow).where(col(StaffRow.id) == staff_id).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    return _known((await session.scalars(fresh)).one_or_none(), staff_id=staff_id)


async def by_staff_number(session: AsyncSession, *, staff_number: str) -> StaffRow | None:
    """The member whose token has this subject."""
    statement = select(StaffRow).where(col(StaffRow.staff_number) == staff_number)
    return (await session.scalars(statement)).one_or_none()


async def active_in(session: AsyncSession, *, role: str) -> Sequence[StaffRow]:
    """Everybody who works here in this role, by staff number."""
    statement = (
        select(StaffRow)
        .where(col(StaffRow.role) == role, col(StaffRow.status) == StaffStatus.ACTIVE)
        .order_by(col(StaffRow.staff_number))
    )
    return (await session.scalars(statement)).all()


async def listed(session: AsyncSession, *, asked: StaffAsked, page: PageAsked) -> Sequence[StaffRow]:
    """Members, the newest first; one row more than the page where there is another page."""
    found = select(StaffRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(StaffRow.created_at), id_=col(StaffRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: StaffAsked) -> Iterator[ColumnElement[bool]]:
    if asked.search is not None:
        by_number = col(StaffRow.staff_number).icontains(asked.search, autoescape=True)
        yield or_(by_number, col(StaffRow.name_index) == asked.name_index)
    if asked.role is not None:
        yield col(StaffRow.role) == asked.role
    if asked.status is not None:
        yield col(StaffRow.status) == asked.status


def _known(member: StaffRow | None, *, staff_id: UUID) -> StaffRow:
    if member is None:
        raise Unknown(
            "unknown_member", detail=f"there is nobody with the id {staff_id}", expected="an id of GET /v1/staff"
        )
    return member
