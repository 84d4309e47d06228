"""Places of stock, what lies in each, and the accounts that it stands in."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.places import PlaceKind
from parts.tables import AccountRow, LocationRow, MovementRow, PartRow, ShelfRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown

FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationsAsked:
    """Which places a list shows; None means all. `staff_number`: whose van."""

    kinds: frozenset[PlaceKind] = frozenset()
    department: str | None = None
    staff_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A department's account of all parts: pieces, and yuan."""

    department: str
    pieces: int
    value: Decimal


async def put(session: AsyncSession, *, row: LocationRow) -> LocationRow:
    """The place of this code, which is as in `row` where there was none."""
    found = (await session.scalars(select(LocationRow).where(col(LocationRow.code) == row.code))).one_or_none()
    if found is not None:
        return found
    await session.execute(insert(LocationRow).values(**row.model_dump()).on_conflict_do_nothing())
    return await find(session, code=row.code)


async def find(session: AsyncSession, *, code: str) -> LocationRow:
    """A place to look at. Raises Unknown."""
    return _known((await session.scalars(select(LocationRow).where(col(LocationRow.code) == code))).first(), code=code)


async def lock(session: AsyncSession, *, code: str) -> LocationRow:
    """A place to change. Raises Unknown."""
    statement = select(LocationRow).where(col(LocationRow.code) == code).with_for_update(key_share=True)
    return _known((await session.scalars(statement.execution_options(**FRESH))).first(), code=code)


async def lock_known(session: AsyncSession, *, codes: Collection[str]) -> None:
    """Have those of the codes that are known locked in the order in which `hold` takes them, before they change."""
    statement = select(col(LocationRow.code)).where(col(LocationRow.code).in_(codes)).order_by(col(LocationRow.code))
    await session.execute(statement.with_for_update(key_share=True))


async def hold(session: AsyncSession, *, codes: Collection[str]) -> dict[str, LocationRow]:
    """Those of the codes that are known, as they are until the transaction ends: whoever changes one waits (R324)."""
    statement = (
        select(LocationRow)
        .where(col(LocationRow.code).in_(codes))
        .order_by(col(LocationRow.code))
        .with_for_update(read=True)
    )
    rows = await session.scalars(statement.execution_options(**FRESH))
    return {row.code: row for row in rows}


async def by_code(session: AsyncSession, *, codes: Collection[str]) -> dict[str, LocationRow]:
    """Those of the codes that are known."""
    rows = await session.scalars(select(LocationRow).where(col(LocationRow.code).in_(codes)))
    return {row.code: row for row in rows}


async def has_moved(session: AsyncSession, *, code: str) -> bool:
    """Whether anything ever lay there."""
    moved = select(col(MovementRow.id)).where(col(MovementRow.location) == code).limit(1)
    return (await session.scalars(moved)).first() is not None


async def shelves(session: AsyncSession, *, codes: Collection[str]) -> dict[tuple[str, str], ShelfRow]:
    """Part code and place to what lies there. The caller holds the stock of these parts."""
    statement = select(ShelfRow).where(col(ShelfRow.part_code).in_(codes))
    rows = await session.scalars(statement.execution_options(**FRESH))
    return {(row.part_code, row.location): row for row in rows}


async def accounts(session: AsyncSession, *, codes: Collection[str]) -> dict[tuple[str, str], AccountRow]:
    """Part code and department to its account. The caller holds the stock of these parts."""
    statement = select(AccountRow).where(col(AccountRow.part_code).in_(codes))
    rows = await session.scalars(statement.execution_options(**FRESH))
    return {(row.part_code, row.department): row for row in rows}


async def out_with(session: AsyncSession, *, request_id: UUID, part_code: str) -> tuple[int, Decimal]:
    """Pieces of a part that were drawn for a request and not brought back, and what they cost, yuan."""
    moved = select(
        func.coalesce(func.sum(col(MovementRow.on_hand)), 0), func.coalesce(func.sum(col(MovementRow.value)), 0)
    )
    pieces, value = (
        await session.execute(
            moved.where(col(MovementRow.request_id) == request_id, col(MovementRow.part_code) == part_code)
        )
    ).one()
    return -int(pieces), -Decimal(value)


async def listed(session: AsyncSession, *, asked: LocationsAsked, page: PageAsked) -> Sequence[LocationRow]:
    """Places, the newest first; one row more than the page where there is another page."""
    found = select(LocationRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(LocationRow.created_at), id_=col(LocationRow.id))
    return (await session.scalars(statement)).all()


async def lying_at(session: AsyncSession, *, code: str, page: PageAsked) -> Sequence[tuple[PartRow, ShelfRow]]:
    """What lies in a place, the newest part first; one row more than the page where there is another page."""
    found = (
        select(PartRow, ShelfRow)
        .join(ShelfRow, col(ShelfRow.part_code) == col(PartRow.part_code))
        .where(col(ShelfRow.location) == code, col(ShelfRow.on_hand) > 0)
    )
    statement = newest_first(found, asked=page, at=col(PartRow.created_at), id_=col(PartRow.id))
    return [(part, shelf) for part, shelf in await session.execute(statement)]


async def balances(session: AsyncSession, *, at: datetime) -> Sequence[Balance]:
    """Every department's account as it stood then: the sum of its movements before."""
    statement = (
        select(
            col(MovementRow.department),
            func.coalesce(func.sum(col(MovementRow.on_hand)), 0),
            func.coalesce(func.sum(col(MovementRow.value)), 0),
        )
        .where(col(MovementRow.department).is_not(None), col(MovementRow.at) < at)
        .group_by(col(MovementRow.department))
        .order_by(col(MovementRow.department))
    )
    rows = await session.execute(statement)
    return [Balance(department=str(name), pieces=int(pieces), value=Decimal(value)) for name, pieces, value in rows]


def _known(row: LocationRow | None, *, code: str) -> LocationRow:
    if row is None:
        raise Unknown("unknown_location", detail=f"there is no place {code}", expected="a code of GET /v1/locations")
    return row


def _conditions(asked: LocationsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.kinds:
        yield col(LocationRow.kind).in_(asked.kinds)
    if asked.department is not None:
        yield col(LocationRow.department) == asked.department
    if asked.staff_number is not None:
        yield col(LocationRow.staff_number) == asked.staff_number
