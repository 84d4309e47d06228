"""Internal requisitions, and time spent on the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.goods_returns import Destination
from parts.domain.internal import REQUISITION_PAPER
from parts.tables import GoodsReturnRow, RequisitionRow, StoreWorkRow
from shared.http.paging import PageAsked, newest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionsAsked:
    """Which requisitions a list shows; None means all."""

    department: str | None = None
    part_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def drawn(session: AsyncSession, *, part_code: str, department: str, since: datetime, until: datetime) -> int:
    """Pieces of a part that a department drew and that are no stock again. The caller holds the part's stock."""
    back = (
        select(func.coalesce(func.sum(col(GoodsReturnRow.quantity)), 0))
        .where(
            col(GoodsReturnRow.left_with) == literal(REQUISITION_PAPER) + cast(col(RequisitionRow.id), Text),
            col(GoodsReturnRow.part_code) == part_code,
            col(GoodsReturnRow.destination) == Destination.STOCK,
        )
        .scalar_subquery()
    )
    summed = select(func.coalesce(func.sum(col(RequisitionRow.quantity) - back), 0)).where(
        col(RequisitionRow.part_code) == part_code,
        col(RequisitionRow.department) == department,
        col(RequisitionRow.drawn_at) >= since,
        col(RequisitionRow.drawn_at) < until,
    )
    return int((await session.scalars(summed)).one())


async def requisitions(session: AsyncSession, *, asked: RequisitionsAsked, page: PageAsked) -> Sequence[RequisitionRow]:
    """The newest first; one row more than the page where there is another page."""
    found = select(RequisitionRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(RequisitionRow.drawn_at), id_=col(RequisitionRow.id))
    return (await session.scalars(statement)).all()


async def store_work(session: AsyncSession, *, staff_number: str | None, page: PageAsked) -> Sequence[StoreWorkRow]:
    """The newest first; one row more than the page where there is another page."""
    found = select(StoreWorkRow)
    if staff_number is not None:
        found = found.where(col(StoreWorkRow.staff_number) == staff_number)
    statement = newest_first(found, asked=page, at=col(StoreWorkRow.entered_at), id_=col(StoreWorkRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: RequisitionsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.department is not None:
        yield col(RequisitionRow.department) == asked.department
    if asked.part_code is not None:
        yield col(RequisitionRow.part_code) == asked.part_code
    if asked.since is not None:
        yield col(RequisitionRow.drawn_at) >= asked.since
    if asked.until is not None:
        yield col(RequisitionRow.drawn_at) < asked.until
