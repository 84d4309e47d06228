"""Pieces that are known by their serial number."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.serials import Away, Piece
from parts.tables import SerialRow
from shared.http.paging import PageAsked, newest_first

FRESH = {"populate_existing": True}


async def of_part(session: AsyncSession, *, part_code: str, serials: Sequence[str]) -> dict[str, SerialRow]:
    """Those of the numbers that are known. The caller holds the part's stock."""
    found = select(SerialRow).where(col(SerialRow.part_code) == part_code, col(SerialRow.serial).in_(serials))
    return {row.serial: row for row in await session.scalars(found.execution_options(**FRESH))}


def piece_of(row: SerialRow) -> Piece:
    """A piece as the domain sees it."""
    away = None if row.away is None else Away(row.away)
    return Piece(location=row.location, away=away, request_id=row.request_id, reference=row.reference)


async def lying_at(session: AsyncSession, *, part_code: str, location: str) -> frozenset[str]:
    """Known numbers of a part in a place."""
    found = select(col(SerialRow.serial)).where(
        col(SerialRow.part_code) == part_code, col(SerialRow.location) == location
    )
    return frozenset((await session.scalars(found)).all())


async def listed(
    session: AsyncSession, *, part_code: str, location: str | None, request_id: UUID | None, page: PageAsked
) -> Sequence[SerialRow]:
    """The newest first; one row more than the page where there is another page."""
    found = select(SerialRow).where(col(SerialRow.part_code) == part_code)
    if location is not None:
        found = found.where(col(SerialRow.location) == location)
    if request_id is not None:
        found = found.where(col(SerialRow.request_id) == request_id)
    statement = newest_first(found, asked=page, at=col(SerialRow.received_at), id_=col(SerialRow.id))
    return (await session.scalars(statement)).all()
