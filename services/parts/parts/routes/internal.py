"""What the house draws for itself (内部领用单, R323), and the time that the store takes (R335)."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from parts.queries import internal
from parts.queries.internal import RequisitionsAsked
from parts.routes.given import DeskGiven
from parts.schemas.instants import When
from parts.schemas.internal import NewRequisition, NewStoreWork, RequisitionView, StoreWorkView
from parts.use_cases.draw_internally import draw_internally, record_store_work
from shared.http.calls import Call, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="internal use")

type Reading = Annotated[Call, reading("parts:read")]


@router.post(
    "/internal-requisitions",
    status_code=201,
    response_model=RequisitionView,
    responses=problem_responses(404, 409, 428),
)
async def post_requisition(
    body: NewRequisition, call: Annotated[Call, creating("parts:issue")], desk: DeskGiven
) -> Response:
    """Consumables for a department, at the cost of after-sales, within the month's limit (R323)."""
    async with call.work() as work:
        row = await draw_internally(work, form=body.to_form(), desk=desk)
        return await call.commit(work, RequisitionView.of(row), status=201)


@router.get("/internal-requisitions")
async def get_requisitions(
    *,
    asked: Asked,
    call: Reading,
    department: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    part_code: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    since: When | None = None,
    until: Annotated[When | None, Query(description="before then")] = None,
) -> Page[RequisitionView]:
    """The newest first."""
    async with call.work() as work:
        wanted = RequisitionsAsked(department=department, part_code=part_code, since=since, until=until)
        rows = await internal.requisitions(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=RequisitionView.of, place=lambda row: Place(at=row.drawn_at, id=row.id))


@router.post("/store-work", status_code=201, response_model=StoreWorkView, responses=problem_responses(428))
async def post_store_work(
    body: NewStoreWork, call: Annotated[Call, creating("stock:write")], desk: DeskGiven
) -> Response:
    """Parts management and tool upkeep: general administration time (R335)."""
    async with call.work() as work:
        row = await record_store_work(work, form=body.to_form(), desk=desk)
        return await call.commit(work, StoreWorkView.of(row), status=201)


@router.get("/store-work")
async def get_store_work(
    *, asked: Asked, call: Reading, staff_number: Annotated[str | None, Query(min_length=1, max_length=40)] = None
) -> Page[StoreWorkView]:
    """For the time sheet, what was entered last first."""
    async with call.work() as work:
        rows = await internal.store_work(work.session, staff_number=staff_number, page=asked)
        return page_of(rows, asked=asked, view=StoreWorkView.of, place=lambda row: Place(at=row.entered_at, id=row.id))
