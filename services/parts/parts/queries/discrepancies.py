"""What was fitted and never issued, until somebody has cleared it up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.queries.dossiers import lock_order
from parts.tables import DiscrepancyRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepanciesAsked:
    """Which discrepancies a list shows; None means all."""

    cleared: bool | None = None
    work_order_id: UUID | None = None
    case_id: UUID | None = None


async def find(session: AsyncSession, *, discrepancy_id: UUID) -> DiscrepancyRow:
    """A discrepancy to look at. Raises Unknown."""
    row = await session.get(DiscrepancyRow, discrepancy_id)
    if row is None:
        raise Unknown(
            "unknown_discrepancy",
            detail=f"there is no discrepancy {discrepancy_id}",
            expected="an id of GET /v1/discrepancies",
        )
    return row


async def lock(session: AsyncSession, *, discrepancy_id: UUID) -> DiscrepancyRow:
    """A discrepancy to change, by locking its work order. Raises Unknown."""
    seen = await find(session, discrepancy_id=discrepancy_id)
    await lock_order(session, order_id=seen.work_order_id)
    return await session.get_one(DiscrepancyRow, discrepancy_id, populate_existing=True)


async def of_order(session: AsyncSession, *, order_id: UUID) -> DiscrepancyRow | None:
    """That of a work order, to look at; None where everything that was fitted had been issued."""
    found = select(DiscrepancyRow).where(col(DiscrepancyRow.work_order_id) == order_id)
    return (await session.scalars(found)).one_or_none()


async def listed(session: AsyncSession, *, asked: DiscrepanciesAsked, page: PageAsked) -> Sequence[DiscrepancyRow]:
    """Discrepancies, the newest first; one row more than the page where there is another page."""
    found = select(DiscrepancyRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(DiscrepancyRow.found_at), id_=col(DiscrepancyRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: DiscrepanciesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.cleared is not None:
        is_cleared = col(DiscrepancyRow.cleared_at).is_not(None)
        yield is_cleared if asked.cleared else ~is_cleared
    if asked.work_order_id is not None:
        yield col(DiscrepancyRow.work_order_id) == asked.work_order_id
    if asked.case_id is not None:
        yield col(DiscrepancyRow.case_id) == asked.case_id
