"""Reports on time (R325), and what else is asked for: consumption, turnover, idle stock, expenses (R411)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.costs import month_named
from parts.queries import idle, places, reports
from parts.routes.given import DeskGiven
from parts.schemas.instants import When
from parts.schemas.reports import (
    ConsumptionTable,
    CostTable,
    ExpenseView,
    IdleView,
    ReportView,
    TurnoverTable,
)
from shared.http.calls import Call, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1", tag="reports")
CSV = "text/csv; charset=utf-8"

type Reading = Annotated[Call, reading("parts:read")]
type Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-11"])]
type Since = Annotated[When, Query()]
type Until = Annotated[When, Query(description="before then")]


@router.get("/cost-tables")
async def get_cost_table(month: Month, call: Reading, desk: DeskGiven) -> CostTable:
    """The cost table of a month (配件费用表, R325), of the running one as it stands."""
    async with call.work() as work:
        return await _cost_table(work, month=month_named(month), desk=desk)


@router.get("/cost-tables.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def get_cost_sheet(month: Month, call: Reading, desk: DeskGiven) -> Response:
    """The same as a spreadsheet."""
    async with call.work() as work:
        table = await _cost_table(work, month=month_named(month), desk=desk)
        return Response(table.sheet(), media_type=CSV)


@router.get("/reports")
async def get_reports(*, asked: Asked, call: Reading) -> Page[ReportView]:
    """What was handed in to finance, the newest first (R325, R411)."""
    async with call.work() as work:
        rows = await reports.listed(work.session, page=asked)
        return page_of(rows, asked=asked, view=ReportView.of, place=lambda row: Place(at=row.published_at, id=row.id))


@router.get("/reports/{report_id}", responses=problem_responses(404))
async def get_report(report_id: UUID, call: Reading) -> ReportView:
    """One of them; its lines are the cost table of its month."""
    async with call.work() as work:
        return ReportView.of(await reports.find(work.session, report_id=report_id))


@router.get("/consumption")
async def get_consumption(since: Since, until: Until, call: Reading) -> ConsumptionTable:
    """What each department's account lost, to work orders and to the house itself."""
    async with call.work() as work:
        lines = await reports.consumption(work.session, since=since, until=until)
        return ConsumptionTable.of(lines, since=since, until=until)


@router.get("/turnover")
async def get_turnover(since: Since, until: Until, call: Reading) -> TurnoverTable:
    """How fast each department's store was used up."""
    async with call.work() as work:
        used = await reports.consumption(work.session, since=since, until=until)
        at_first = await places.balances(work.session, at=since)
        at_last = await places.balances(work.session, at=until)
        return TurnoverTable.of(used, at_first=at_first, at_last=at_last, since=since, until=until)


@router.get("/idle-stock")
async def get_idle_stock(*, asked: Asked, call: Reading, desk: DeskGiven) -> Page[IdleView]:
    """What lies there and nobody asked for, as long as the policy says; also what customers never came for (R322)."""
    async with call.work() as work:
        rows = await idle.idle_stock(work.session, before=work.now - desk.policy.reports.idle_after, page=asked)
        return page_of(
            rows, asked=asked, view=IdleView.of, place=lambda row: Place(at=row.part.created_at, id=row.part.id)
        )


@router.get("/expenses")
async def get_expenses(
    *,
    asked: Asked,
    call: Reading,
    department: Annotated[str | None, Query(min_length=1, max_length=40, description="whose account")] = None,
    since: When | None = None,
    until: Annotated[When | None, Query(description="before then")] = None,
) -> Page[ExpenseView]:
    """What parts cost, line by line, the newest first (费用报表, R291, R411)."""
    async with call.work() as work:
        rows = await reports.expenses(work.session, department=department, since=since, until=until, page=asked)
        return page_of(rows, asked=asked, view=ExpenseView.of, place=lambda row: Place(at=row.line.at, id=row.line.id))


async def _cost_table(work: UnitOfWork, *, month: date, desk: Desk) -> CostTable:
    since, until = desk.month_from(month)
    lines = await reports.cost_table(work.session, since=since, until=until)
    return CostTable.of(lines, month=month, since=since, until=until)
