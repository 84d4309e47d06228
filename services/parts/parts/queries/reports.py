"""What was used up, what it cost and how fast: sums of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.goods_returns import RETURN_PAPER
from parts.domain.ledger import Kind
from parts.tables import MovementRow, PartRow, PurchaseRequestRow, ReportRow, RequestRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown

USING_UP = (Kind.ISSUE, Kind.RETURN, Kind.INTERNAL)
LOSING = (Kind.ADJUSTMENT, Kind.VENDOR_RETURN)
"""Nobody used these up: lost, damaged, scrapped or found when counted, and gone back to the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """A part of a cost table: pieces that left a department's account, less what came back, and their cost."""

    department: str
    part_code: str
    name_zh: str
    name_en: str
    quantity: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What an account lost to work orders and sites (`issue`) or the house itself (`internal`), less what came back."""

    department: str
    kind: Kind
    quantity: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One line of the ledger that cost somebody something, with the work order that it was for."""

    line: MovementRow
    work_order_number: str | None
    case_id: UUID | None


async def cost_table(session: AsyncSession, *, since: datetime, until: datetime) -> Sequence[CostLine]:
    """R325: every part that was used up, by department and part code."""
    statement = (
        select(
            col(MovementRow.department),
            col(PartRow.part_code),
            col(PartRow.name_zh),
            col(PartRow.name_en),
            -func.sum(col(MovementRow.on_hand)),
            -func.sum(col(MovementRow.value)),
        )
        .join(PartRow, col(PartRow.part_code) == col(MovementRow.part_code))
        .where(_uses_up(), col(MovementRow.at) >= since, col(MovementRow.at) < until)
        .group_by(col(MovementRow.department), col(PartRow.part_code), col(PartRow.name_zh), col(PartRow.name_en))
        .order_by(col(MovementRow.department), col(PartRow.part_code))
    )
    return [
        CostLine(
            department=str(department),
            part_code=code,
            name_zh=name_zh,
            name_en=name_en,
            quantity=int(quantity),
            cost=Decimal(cost),
        )
        for department, code, name_zh, name_en, quantity, cost in await session.execute(statement)
    ]


async def consumption(session: AsyncSession, *, since: datetime, until: datetime) -> Sequence[Consumption]:
    """By department, and by what it was for; what came back is taken off what it left for."""
    lines = (
        select(col(MovementRow.department), col(MovementRow.kind), col(MovementRow.on_hand), col(MovementRow.value))
        .where(_uses_up(), col(MovementRow.at) >= since, col(MovementRow.at) < until)
        .subquery()
    )
    internal = lines.c.kind.not_in((Kind.ISSUE, Kind.RETURN, Kind.SITE))
    statement = (
        select(lines.c.department, internal, -func.sum(lines.c.on_hand), -func.sum(lines.c.value))
        .group_by(lines.c.department, internal)
        .order_by(lines.c.department, internal)
    )
    return [
        Consumption(
            department=str(department),
            kind=Kind.INTERNAL if is_internal else Kind.ISSUE,
            quantity=int(quantity),
            cost=Decimal(cost),
        )
        for department, is_internal, quantity, cost in await session.execute(statement)
    ]


async def expenses(
    session: AsyncSession, *, department: str | None, since: datetime | None, until: datetime | None, page: PageAsked
) -> Sequence[Expense]:
    """R291, R411: what left accounts for work orders and for the house, and what came back, the newest first.

    What was lost, found or given back to a vendor is listed too, as what it is.
    """
    found = (
        select(
            MovementRow,
            col(RequestRow.work_order_number),
            func.coalesce(col(RequestRow.case_id), col(PurchaseRequestRow.case_id)),
        )
        .outerjoin(RequestRow, col(RequestRow.id) == col(MovementRow.request_id))
        .outerjoin(PurchaseRequestRow, col(PurchaseRequestRow.id) == col(MovementRow.purchase_request_id))
        .where(or_(_uses_up(), col(MovementRow.kind).in_(LOSING)))
    )
    if department is not None:
        found = found.where(col(MovementRow.department) == department)
    if since is not None:
        found = found.where(col(MovementRow.at) >= since)
    if until is not None:
        found = found.where(col(MovementRow.at) < until)
    statement = newest_first(found, asked=page, at=col(MovementRow.at), id_=col(MovementRow.id))
    return [
        Expense(line=line, work_order_number=number, case_id=case_id)
        for line, number, case_id in await session.execute(statement)
    ]


async def published(session: AsyncSession, *, kind: str, month: date) -> ReportRow | None:
    """The report of a month, where it was handed in."""
    found = select(ReportRow).where(col(ReportRow.kind) == kind, col(ReportRow.month) == month)
    return (await session.scalars(found)).one_or_none()


async def find(session: AsyncSession, *, report_id: UUID) -> ReportRow:
    """A report that was handed in. Raises Unknown."""
    row = await session.get(ReportRow, report_id)
    if row is None:
        raise Unknown("unknown_report", detail=f"there is no report {report_id}", expected="an id of GET /v1/reports")
    return row


async def listed(session: AsyncSession, *, page: PageAsked) -> Sequence[ReportRow]:
    """Reports that were handed in, the newest first; one row more than the page where there is another page."""
    statement = newest_first(select(ReportRow), asked=page, at=col(ReportRow.published_at), id_=col(ReportRow.id))
    return (await session.scalars(statement)).all()


def _uses_up() -> ColumnElement[bool]:
    """Lines of what was used up, and of what was not after all: goods that are given back are received again."""
    given_back = and_(col(MovementRow.kind) == Kind.RECEIPT, col(MovementRow.reference).startswith(RETURN_PAPER))
    at_site = and_(col(MovementRow.kind) == Kind.SITE, col(MovementRow.on_hand) < 0)
    return or_(col(MovementRow.kind).in_(USING_UP), given_back, at_site)
