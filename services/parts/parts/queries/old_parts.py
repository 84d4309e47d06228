"""Removed parts that came back, until they are cleared away."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.tables import OldPartRow
from shared.http.paging import PageAsked, newest_first


async def lying(session: AsyncSession, *, request_id: UUID) -> Sequence[OldPartRow]:
    """Those of a request that are not cleared; the caller has locked its work order."""
    wanted = select(OldPartRow).where(col(OldPartRow.request_id) == request_id, col(OldPartRow.cleared_at).is_(None))
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


async def handed_in(session: AsyncSession, *, request_id: UUID) -> dict[str, int]:
    """What came back with a request, cleared or not: part code to pieces; the caller has locked its work order."""
    summed = (
        select(col(OldPartRow.part_code), func.sum(col(OldPartRow.quantity)))
        .where(col(OldPartRow.request_id) == request_id)
        .group_by(col(OldPartRow.part_code))
    )
    return {part_code: int(pieces) for part_code, pieces in await session.execute(summed)}


async def lying_named(session: AsyncSession, *, part_code: str, serials: Sequence[str]) -> Sequence[str]:
    """Those of the numbers that a removed piece has which is not cleared. The caller holds the part's stock."""
    number = func.unnest(col(OldPartRow.serials), type_=Text).label("number")
    lying = select(number).where(col(OldPartRow.part_code) == part_code, col(OldPartRow.cleared_at).is_(None))
    named = lying.subquery()
    return (await session.scalars(select(named.c.number).where(named.c.number.in_(serials)))).all()


async def listed(
    session: AsyncSession, *, request_id: UUID | None, cleared: bool | None, page: PageAsked
) -> Sequence[OldPartRow]:
    """Removed parts, the newest first; None means all; one row more than the page where there is another page."""
    conditions: list[ColumnElement[bool]] = []
    if request_id is not None:
        conditions.append(col(OldPartRow.request_id) == request_id)
    if cleared is not None:
        is_cleared = col(OldPartRow.cleared_at).is_not(None)
        conditions.append(is_cleared if cleared else ~is_cleared)
    found = select(OldPartRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(OldPartRow.received_at), id_=col(OldPartRow.id))
    return (await session.scalars(statement)).all()
