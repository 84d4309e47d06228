"""What a technician does on a visit: pack, leave, arrive, begin, and say how it ended; then come back."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from dispatch.routes.given import DeskGiven
from dispatch.schemas.items import TakenIn
from dispatch.schemas.reports import CompletionReport, TakeInForm, UnfinishedReport
from dispatch.schemas.work_orders import Arrival, VisitView
from dispatch.use_cases.begin_work import prepare_visit, record_departure, start_work
from dispatch.use_cases.end_visit import complete_visit, leave_unfinished
from dispatch.use_cases.record_arrival import record_arrival, record_return
from dispatch.use_cases.take_in_item import take_in_item
from shared.http.calls import Call, acting, changing
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/visits/{visit_id}", tag="visits")
STEP = problem_responses(404, 409, 412)
CHANGE = problem_responses(404, 409, 412, 428)

type Acting = Annotated[Call, acting("visits:write")]
type Changing = Annotated[Call, changing("visits:write")]


@router.post("/preparation", response_model=VisitView, responses=STEP)
async def post_preparation(visit_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """He packs material and tools (R257); where the policy says so, that starts the order (R314)."""
    async with call.work() as work:
        row = await prepare_visit(work, visit_id=visit_id, version=call.expected_version, desk=desk)
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/departure", response_model=VisitView, responses=STEP)
async def post_departure(visit_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """He leaves (R239); refused while parts that were asked for are neither reserved nor issued (R327)."""
    async with call.work() as work:
        row = await record_departure(work, visit_id=visit_id, version=call.expected_version, desk=desk)
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/arrival", response_model=VisitView, responses=STEP)
async def post_arrival(visit_id: UUID, call: Acting, desk: DeskGiven, body: Arrival | None = None) -> Response:
    """He stands before the unit: the arrival clock stops (R222)."""
    async with call.work() as work:
        row = await record_arrival(
            work,
            visit_id=visit_id,
            version=call.expected_version,
            arrived_at=body.arrived_at if body else None,
            desk=desk,
        )
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/start", response_model=VisitView, responses=STEP)
async def post_start(visit_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """The repair begins."""
    async with call.work() as work:
        row = await start_work(work, visit_id=visit_id, version=call.expected_version, desk=desk)
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/completion", response_model=VisitView, responses=CHANGE)
async def post_completion(visit_id: UUID, body: CompletionReport, call: Changing, desk: DeskGiven) -> Response:
    """The repair is done and tried (R280): findings, resolution, fitted parts, hours and expenses."""
    async with call.work() as work:
        row = await complete_visit(
            work, visit_id=visit_id, version=call.expected_version, report=body.report(), desk=desk
        )
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/unfinished", response_model=VisitView, responses=CHANGE)
async def post_unfinished(visit_id: UUID, body: UnfinishedReport, call: Changing, desk: DeskGiven) -> Response:
    """Not done today (R241, R261): the order is carried over with priority, and may ask for parts."""
    async with call.work() as work:
        row = await leave_unfinished(
            work, visit_id=visit_id, version=call.expected_version, report=body.report(), desk=desk
        )
        return await call.commit(work, VisitView.of(row), version=row.version)


@router.post("/take-in", response_model=TakenIn, responses=CHANGE)
async def post_take_in(visit_id: UUID, body: TakeInForm, call: Changing, desk: DeskGiven) -> Response:
    """What cannot be repaired here is taken to the workshop against a receipt (R303, R309)."""
    async with call.work() as work:
        visit, item = await take_in_item(
            work, visit_id=visit_id, version=call.expected_version, form=body.form(), desk=desk
        )
        view = TakenIn.whole(visit, item=item)
        return await call.commit(work, view, version=view.version, location=f"/v1/items/{item.id}")


@router.post("/return", response_model=VisitView, responses=STEP)
async def post_return(visit_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """He is back and gets turns again (R235)."""
    async with call.work() as work:
        row = await record_return(work, visit_id=visit_id, version=call.expected_version, desk=desk)
        return await call.commit(work, VisitView.of(row), version=row.version)
