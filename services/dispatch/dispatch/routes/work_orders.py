"""Work orders (维修单): look at them, look for a technician again, read why the others were passed over."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from dispatch.domain.work_orders import WorkOrderState
from dispatch.policy import require_known
from dispatch.queries import items, parts_requests, rotas, work_orders
from dispatch.queries.work_orders import OrdersAsked
from dispatch.routes.given import DeskGiven
from dispatch.schemas.items import WorkOrderFile
from dispatch.schemas.work_orders import AgreedWindow, CodesView, RotaLog, RotaLogEntry, VisitView, WorkOrderView
from dispatch.use_cases.agree_visit import agree_visit
from dispatch.use_cases.retry_assignment import retry_assignment
from shared.http.calls import Call, acting, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="work orders")
LONGEST_QUEUE = 200

type Text = Annotated[str | None, Query(min_length=1, max_length=40)]
type Reading = Annotated[Call, reading("work_orders:read")]


@router.get("/work-orders")
async def get_work_orders(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[WorkOrderState] | None, Query(max_length=10)] = None,
    number: Text = None,
    case_id: UUID | None = None,
    department: Text = None,
    zone: Text = None,
    technician_id: UUID | None = None,
    technician: Annotated[str | None, Query(max_length=40, description="staff number, or `me`")] = None,
    least_priority: int | None = None,
    overdue: Annotated[bool, Query(description="only those to whose customer a promise is broken now")] = False,
    required_before: Annotated[AwareDatetime | None, Query(description="the customer named a time before")] = None,
    waiting_for_parts: Annotated[bool, Query(description="only those that wait for parts now")] = False,
    reopened: Annotated[bool, Query(description="only those whose case was reopened since")] = False,
) -> Page[WorkOrderView]:
    """The newest first: my orders, those that wait, those that are overdue."""
    async with call.work() as work:
        wanted = OrdersAsked(
            states=frozenset(state or ()),
            number=number,
            case_id=case_id,
            department=department,
            zone=zone,
            technician_id=technician_id,
            staff_number=call.principal.actor.id if technician == "me" else technician,
            least_priority=least_priority,
            overdue_at=work.now if overdue else None,
            required_before=required_before,
            waiting_for_parts=waiting_for_parts,
            reopened=reopened,
        )
        rows = await work_orders.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=WorkOrderView.of, place=lambda row: Place(at=row.opened_at, id=row.id))


@router.get("/rotas/{department}/waiting")
async def get_waiting(department: str, call: Reading, desk: DeskGiven) -> list[WorkOrderView]:
    """The first 200 orders that wait for a technician of the department, in the order in which they are served."""
    require_known([department], known=desk.policy.departments, field="department")
    async with call.work() as work:
        rows = await work_orders.waiting(work.session, department=department, limit=LONGEST_QUEUE)
        return [WorkOrderView.of(row) for row in rows]


@router.get("/work-orders/{order_id}", response_model=WorkOrderFile, responses=problem_responses(404))
async def get_work_order(order_id: UUID, call: Reading) -> Response:
    """One work order with its parts requests, what was taken in, and what its visits took."""
    async with call.work() as work:
        row = await work_orders.find(work.session, order_id=order_id)
        view = WorkOrderFile.whole(
            row,
            requests=await parts_requests.of_order(work.session, order_id=row.id),
            items=await items.of_order(work.session, order_id=row.id),
            hours=await items.hours_of(work.session, order_id=row.id),
        )
        return shown(view, version=row.version)


@router.get("/work-orders/{order_id}/rota-log", responses=problem_responses(404))
async def get_rota_log(order_id: UUID, call: Reading) -> RotaLog:
    """Whose turn it was, each time, and why the others were passed over (R235)."""
    async with call.work() as work:
        order = await work_orders.find(work.session, order_id=order_id)
        looks = await rotas.log_of(work.session, order_id=order.id)
        return RotaLog(work_order_id=order.id, looks=[RotaLogEntry.of(look) for look in looks])


@router.post(
    "/work-orders/{order_id}/assignment", response_model=WorkOrderView, responses=problem_responses(404, 409, 412)
)
async def post_assignment(
    order_id: UUID, call: Annotated[Call, acting("work_orders:write")], desk: DeskGiven
) -> Response:
    """Look for a technician now, for an order that waits."""
    async with call.work() as work:
        row = await retry_assignment(work, order_id=order_id, version=call.expected_version, desk=desk)
        return await call.commit(work, WorkOrderView.of(row), version=row.version)


@router.post(
    "/work-orders/{order_id}/visits",
    status_code=201,
    response_model=VisitView,
    responses=problem_responses(404, 409, 428),
)
async def post_visit(
    order_id: UUID, body: AgreedWindow, call: Annotated[Call, creating("visits:write")], desk: DeskGiven
) -> Response:
    """The customer agreed to a window (R251). Where the technician is taken, the problem names free windows."""
    async with call.work() as work:
        row = await agree_visit(work, order_id=order_id, window=body.window(), agreed_at=body.agreed_at, desk=desk)
        view = VisitView.of(row)
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/visits/{view.id}")


@router.get("/codes")
async def get_codes(call: Reading, desk: DeskGiven) -> CodesView:
    """What forms may say, in both languages."""
    del call
    return CodesView.of(desk.policy)
