"""Stock takes and their counts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.takes import Count, TakeState
from parts.tables import CountRow, ShelfRow, TakeRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


async def find(session: AsyncSession, *, take_id: UUID) -> TakeRow:
    """A stock take to look at. Raises Unknown."""
    return _known(await session.get(TakeRow, take_id), take_id=take_id)


async def lock(session: AsyncSession, *, take_id: UUID) -> TakeRow:
    """A stock take to change. Raises Unknown."""
    return _known(await session.get(TakeRow, take_id, with_for_update=True, populate_existing=True), take_id=take_id)


async def open_at(session: AsyncSession, *, location: str) -> TakeRow | None:
    """That which is open in a place, which the caller has locked."""
    found = select(TakeRow).where(col(TakeRow.location) == location, col(TakeRow.state) == TakeState.OPEN)
    return (await session.scalars(found)).one_or_none()


async def counts_of(session: AsyncSession, *, take_id: UUID) -> Sequence[CountRow]:
    """Everything that was counted in it, by part code."""
    found = select(CountRow).where(col(CountRow.take_id) == take_id).order_by(col(CountRow.part_code))
    return (await session.scalars(found)).all()


async def find_count(session: AsyncSession, *, take_id: UUID, part_code: str) -> CountRow:
    """What was counted of a part, in a stock take that the caller has locked. Raises Unknown."""
    row = await session.get(CountRow, (take_id, part_code), populate_existing=True)
    if row is None:
        raise Unknown(
            "not_counted",
            detail=f"{part_code} was not counted in the stock take {take_id}",
            expected=f"a part among the counts of GET /v1/stock-takes/{take_id}",
        )
    return row


async def uncounted(session: AsyncSession, *, take: TakeRow, limit: int) -> Sequence[str]:
    """Codes of parts that lie in its place and were not counted, at most so many."""
    counted = select(col(CountRow.part_code)).where(col(CountRow.take_id) == take.id)
    found = select(col(ShelfRow.part_code)).where(
        col(ShelfRow.location) == take.location, col(ShelfRow.on_hand) > 0, col(ShelfRow.part_code).not_in(counted)
    )
    return (await session.scalars(found.order_by(col(ShelfRow.part_code)).limit(limit))).all()


async def listed(
    session: AsyncSession, *, state: TakeState | None, location: str | None, page: PageAsked
) -> Sequence[TakeRow]:
    """Stock takes, the newest first; one row more than the page where there is another page."""
    found = select(TakeRow)
    if state is not None:
        found = found.where(col(TakeRow.state) == state)
    if location is not None:
        found = found.where(col(TakeRow.location) == location)
    return (
        await session.scalars(newest_first(found, asked=page, at=col(TakeRow.opened_at), id_=col(TakeRow.id)))
    ).all()


def count_of(row: CountRow) -> Count:
    """A count as the domain sees it."""
    return Count(
        part_code=row.part_code,
        counted=row.counted,
        booked=row.booked,
        movements=row.movements,
        counted_at=row.counted_at,
        serials=tuple(row.serials),
    )


def _known(row: TakeRow | None, *, take_id: UUID) -> TakeRow:
    if row is None:
        raise Unknown(
            "unknown_stock_take", detail=f"there is no stock take {take_id}", expected="an id of GET /v1/stock-takes"
        )
    return row
