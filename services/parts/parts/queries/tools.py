"""Tools, who has them, and those that were bought in the field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.tools import LoanState
from parts.tables import ToolLoanRow, ToolPurchaseRow, ToolRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown

FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsAsked:
    """Which tools a list shows; None means all. `lent`: whether somebody has it; `retired`: whether it is gone."""

    search: str | None = None
    lent: bool | None = None
    retired: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoansAsked:
    """Which loans a list shows; None means all. `due_before`: not returned, and due before then."""

    states: frozenset[LoanState] = frozenset()
    borrower: str | None = None
    tool_code: str | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPurchasesAsked:
    """Which purchases a list shows; None means all. `reimbursable`: booked in, and not paid yet (R319)."""

    bought_by: str | None = None
    reimbursable: bool | None = None


async def of_code(session: AsyncSession, *, code: str) -> ToolRow | None:
    """The tool of this code."""
    return (await session.scalars(select(ToolRow).where(col(ToolRow.code) == code))).one_or_none()


async def find(session: AsyncSession, *, code: str) -> ToolRow:
    """A tool to look at. Raises Unknown."""
    return _known(await of_code(session, code=code), what="tool", which=code, path="tools")


async def lock(session: AsyncSession, *, code: str) -> ToolRow:
    """A tool to change, locked until the transaction ends; it stands for its loans. Raises Unknown."""
    statement = select(ToolRow).where(col(ToolRow.code) == code).with_for_update()
    row = (await session.scalars(statement.execution_options(**FRESH))).one_or_none()
    return _known(row, what="tool", which=code, path="tools")


async def lock_loan(session: AsyncSession, *, loan_id: UUID) -> tuple[ToolRow, ToolLoanRow]:
    """A loan to change, by locking its tool. Raises Unknown."""
    seen = await find_loan(session, loan_id=loan_id)
    tool = await lock(session, code=seen.tool_code)
    return tool, await session.get_one(ToolLoanRow, loan_id, populate_existing=True)


async def find_loan(session: AsyncSession, *, loan_id: UUID) -> ToolLoanRow:
    """A loan to look at. Raises Unknown."""
    return _known(await session.get(ToolLoanRow, loan_id), what="tool loan", which=str(loan_id), path="tool-loans")


async def open_loan(session: AsyncSession, *, tool: ToolRow) -> ToolLoanRow | None:
    """Who has the tool; the caller has locked it."""
    statement = select(ToolLoanRow).where(col(ToolLoanRow.tool_id) == tool.id, col(ToolLoanRow.state) == LoanState.LENT)
    return (await session.scalars(statement)).one_or_none()


async def unsettled_loan(session: AsyncSession, *, tool: ToolRow) -> ToolLoanRow | None:
    """Who has the tool, or lost it and has not made it good; the caller has locked it."""
    unsettled = (LoanState.LENT, LoanState.LOST)
    statement = select(ToolLoanRow).where(col(ToolLoanRow.tool_id) == tool.id, col(ToolLoanRow.state).in_(unsettled))
    return (await session.scalars(statement)).first()


async def lent_for(session: AsyncSession, *, work_order_id: UUID) -> Sequence[ToolLoanRow]:
    """Every tool that is out for a work order, locked in the order of the tools' codes."""
    codes = select(col(ToolLoanRow.tool_code)).where(
        col(ToolLoanRow.work_order_id) == work_order_id, col(ToolLoanRow.state) == LoanState.LENT
    )
    for code in sorted(await session.scalars(codes)):
        await lock(session, code=code)
    statement = select(ToolLoanRow).where(
        col(ToolLoanRow.work_order_id) == work_order_id, col(ToolLoanRow.state) == LoanState.LENT
    )
    return (await session.scalars(statement.execution_options(**FRESH))).all()


async def find_purchase(session: AsyncSession, *, purchase_id: UUID) -> ToolPurchaseRow:
    """A purchase to look at. Raises Unknown."""
    row = await session.get(ToolPurchaseRow, purchase_id)
    return _known(row, what="tool purchase", which=str(purchase_id), path="tool-purchases")


async def lock_purchase(session: AsyncSession, *, purchase_id: UUID) -> ToolPurchaseRow:
    """A purchase to change, locked until the transaction ends. Raises Unknown."""
    statement = select(ToolPurchaseRow).where(col(ToolPurchaseRow.id) == purchase_id).with_for_update()
    row = (await session.scalars(statement.execution_options(**FRESH))).one_or_none()
    return _known(row, what="tool purchase", which=str(purchase_id), path="tool-purchases")


async def tools(session: AsyncSession, *, asked: ToolsAsked, page: PageAsked) -> Sequence[ToolRow]:
    """Tools, the newest first; one row more than the page where there is another page."""
    found = select(ToolRow).where(*_tool_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ToolRow.created_at), id_=col(ToolRow.id))
    return (await session.scalars(statement)).all()


async def loans(session: AsyncSession, *, asked: LoansAsked, page: PageAsked) -> Sequence[ToolLoanRow]:
    """Loans, the newest first; one row more than the page where there is another page."""
    found = select(ToolLoanRow).where(*_loan_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ToolLoanRow.lent_at), id_=col(ToolLoanRow.id))
    return (await session.scalars(statement)).all()


async def purchases(session: AsyncSession, *, asked: ToolPurchasesAsked, page: PageAsked) -> Sequence[ToolPurchaseRow]:
    """Purchases in the field, the newest first; one row more than the page where there is another page."""
    found = select(ToolPurchaseRow).where(*_purchase_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ToolPurchaseRow.recorded_at), id_=col(ToolPurchaseRow.id))
    return (await session.scalars(statement)).all()


def _tool_conditions(asked: ToolsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.search is not None:
        searched = (col(ToolRow.code), col(ToolRow.name_zh), col(ToolRow.name_en), col(ToolRow.model))
        yield or_(*(column.icontains(asked.search, autoescape=True) for column in searched))
    if asked.lent is not None:
        out = select(col(ToolLoanRow.tool_id)).where(col(ToolLoanRow.state) == LoanState.LENT)
        is_lent = col(ToolRow.id).in_(out)
        yield is_lent if asked.lent else ~is_lent
    if asked.retired is not None:
        is_retired = col(ToolRow.retired_at).is_not(None)
        yield is_retired if asked.retired else ~is_retired


def _loan_conditions(asked: LoansAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(ToolLoanRow.state).in_(asked.states)
    if asked.borrower is not None:
        yield col(ToolLoanRow.borrower) == asked.borrower
    if asked.tool_code is not None:
        yield col(ToolLoanRow.tool_code) == asked.tool_code
    if asked.due_before is not None:
        yield col(ToolLoanRow.state) == LoanState.LENT
        yield col(ToolLoanRow.due_at) < asked.due_before


def _purchase_conditions(asked: ToolPurchasesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.bought_by is not None:
        yield col(ToolPurchaseRow.bought_by) == asked.bought_by
    if asked.reimbursable is not None:
        is_in, is_paid = col(ToolPurchaseRow.booked_in_at).is_not(None), col(ToolPurchaseRow.reimbursed_at).is_not(None)
        is_reimbursable = is_in & ~is_paid
        yield is_reimbursable if asked.reimbursable else ~is_reimbursable


def _known[Found](row: Found | None, *, what: str, which: str, path: str) -> Found:
    if row is None:
        raise Unknown(
            f"unknown_{what.replace(' ', '_')}",
            detail=f"there is no {what} {which}",
            expected=f"one of GET /v1/{path}",
        )
    return row
