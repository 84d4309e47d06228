"""Discrepancies: what was fitted and never issued, looked into and cleared."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.queries import discrepancies
from parts.queries.discrepancies import DiscrepanciesAsked
from parts.routes.given import DeskGiven
from parts.schemas.discrepancies import Clearing, DiscrepancyView
from parts.use_cases.clear_discrepancy import clear_discrepancy
from shared.http.calls import Call, changing, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/discrepancies", tag="discrepancies")

type Reading = Annotated[Call, reading("parts:read")]


@router.get("")
async def get_discrepancies(
    *,
    asked: Asked,
    call: Reading,
    cleared: Annotated[bool | None, Query(description="false: those that somebody has to look into")] = None,
    work_order_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Page[DiscrepancyView]:
    """The newest first, also of work orders that never asked for parts."""
    async with call.work() as work:
        wanted = DiscrepanciesAsked(cleared=cleared, work_order_id=work_order_id, case_id=case_id)
        rows = await discrepancies.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=DiscrepancyView.of, place=lambda row: Place(at=row.found_at, id=row.id))


@router.get("/{discrepancy_id}", response_model=DiscrepancyView, responses=problem_responses(404))
async def get_discrepancy(discrepancy_id: UUID, call: Reading) -> Response:
    """One discrepancy."""
    async with call.work() as work:
        row = await discrepancies.find(work.session, discrepancy_id=discrepancy_id)
        return shown(DiscrepancyView.of(row), version=row.version)


@router.post(
    "/{discrepancy_id}/clearing", response_model=DiscrepancyView, responses=problem_responses(404, 409, 412, 428)
)
async def post_clearing(
    discrepancy_id: UUID, body: Clearing, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """Somebody has found out why, and adjusted the stock where that was wrong."""
    async with call.work() as work:
        row = await clear_discrepancy(
            work, discrepancy_id=discrepancy_id, version=call.expected_version, reason=body.reason, desk=desk
        )
        return await call.commit(work, DiscrepancyView.of(row), version=row.version)
