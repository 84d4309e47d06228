"""Removed parts that came back, until they are cleared away."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.tables import OldPartRow
from shared.http.paging import PageAsked, newest_first


async def lying(session: AsyncSession, *, request_id: UUID) -> Sequence[OldPartRow]:
    """Those of a request that are not cleared; the caller has locked its work order."""
    wanted = select(OldPartRow).where(col(OldPartRow.request_id) == request_id, col(OldPartRow.cleared_at).is_(None))
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


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
