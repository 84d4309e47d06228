"""Problems that suppliers solve, and what is reported of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.supplier_cases import Bearer, CaseState, Cost
from parts.tables import SupplierCaseRow, SupplierReportRow, SupplierRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCasesAsked:
    """Which supplier cases a list shows; None means all. `solve_before`: not solved, and to be solved before then."""

    states: frozenset[CaseState] = frozenset()
    supplier_id: UUID | None = None
    case_id: UUID | None = None
    work_order_id: UUID | None = None
    solve_before: datetime | None = None


async def find(session: AsyncSession, *, supplier_case_id: UUID) -> SupplierCaseRow:
    """A supplier case to look at. Raises Unknown."""
    return _known(await session.get(SupplierCaseRow, supplier_case_id), supplier_case_id=supplier_case_id)


async def lock(session: AsyncSession, *, supplier_case_id: UUID) -> SupplierCaseRow:
    """A supplier case to change, locked until the transaction ends. Raises Unknown."""
    statement = select(SupplierCaseRow).where(col(SupplierCaseRow.id) == supplier_case_id).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return _known(found.one_or_none(), supplier_case_id=supplier_case_id)


async def reports_of(session: AsyncSession, *, ids: Collection[UUID]) -> Sequence[SupplierReportRow]:
    """What was reported of these cases, the first report first."""
    statement = select(SupplierReportRow).where(col(SupplierReportRow.supplier_case_id).in_(ids))
    ordered = statement.order_by(col(SupplierReportRow.reported_at), col(SupplierReportRow.id))
    return (await session.scalars(ordered)).all()


def costs_of(row: SupplierCaseRow) -> list[Cost]:
    """Who bears what, as the domain sees it."""
    return [
        Cost(kind=cost["kind"], amount=Decimal(cost["amount"]), bearer=Bearer(cost["bearer"])) for cost in row.costs
    ]


async def listed(session: AsyncSession, *, asked: SupplierCasesAsked, page: PageAsked) -> Sequence[SupplierCaseRow]:
    """Supplier cases, the newest first; one row more than the page where there is another page."""
    found = select(SupplierCaseRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(SupplierCaseRow.raised_at), id_=col(SupplierCaseRow.id))
    return (await session.scalars(statement)).all()


async def raised_in(
    session: AsyncSession, *, since: datetime, until: datetime
) -> Sequence[tuple[SupplierCaseRow, SupplierRow]]:
    """Every supplier case that was raised from `since` on and before `until`, by number of the supplier."""
    statement = (
        select(SupplierCaseRow, SupplierRow)
        .join(SupplierRow, col(SupplierRow.id) == col(SupplierCaseRow.supplier_id))
        .where(col(SupplierCaseRow.raised_at) >= since, col(SupplierCaseRow.raised_at) < until)
        .order_by(col(SupplierRow.number), col(SupplierCaseRow.raised_at), col(SupplierCaseRow.id))
    )
    return [(case, supplier) for case, supplier in await session.execute(statement)]


def _conditions(asked: SupplierCasesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(SupplierCaseRow.state).in_(asked.states)
    if asked.supplier_id is not None:
        yield col(SupplierCaseRow.supplier_id) == asked.supplier_id
    if asked.case_id is not None:
        yield col(SupplierCaseRow.case_id) == asked.case_id
    if asked.work_order_id is not None:
        yield col(SupplierCaseRow.work_order_id) == asked.work_order_id
    if asked.solve_before is not None:
        yield col(SupplierCaseRow.solved_at).is_(None)
        yield col(SupplierCaseRow.solve_by) < asked.solve_before


def _known(row: SupplierCaseRow | None, *, supplier_case_id: UUID) -> SupplierCaseRow:
    if row is None:
        raise Unknown(
            "unknown_supplier_case",
            detail=f"there is no supplier case {supplier_case_id}",
            expected="an id of GET /v1/supplier-cases",
        )
    return row
