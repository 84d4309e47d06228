"""What was taken in: look at it, register, repair, inspect and return it; and what visits and repairs took."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from dispatch.domain.items import ItemState
from dispatch.queries import items
from dispatch.queries.items import ItemsAsked
from dispatch.routes.given import DeskGiven
from dispatch.schemas.items import DayOfWorkView, ItemView
from dispatch.schemas.reports import ItemInspection, ItemRepair, ItemReturn
from dispatch.use_cases.repair_item import inspect_item, register_item, repair_item
from dispatch.use_cases.return_item import return_item
from shared.http.calls import Call, acting, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="items")
STEP = problem_responses(404, 409, 412)

type Reading = Annotated[Call, reading("work_orders:read")]
type Acting = Annotated[Call, acting("visits:write")]
type StaffNumber = Annotated[str | None, Query(max_length=40, description="staff number, or `me`")]


@router.get("/items")
async def get_items(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[ItemState] | None, Query(max_length=10)] = None,
    technician: StaffNumber = None,
    work_order_id: UUID | None = None,
    receipt_number: Annotated[str | None, Query(max_length=40)] = None,
    late: Annotated[bool, Query(description="only those that were promised for earlier (R229)")] = False,
) -> Page[ItemView]:
    """The in/out register (客户商品进出登记簿), what was taken in last first."""
    async with call.work() as work:
        wanted = ItemsAsked(
            states=frozenset(state or ()),
            staff_number=call.principal.actor.id if technician == "me" else technician,
            order_id=work_order_id,
            receipt_number=receipt_number,
            late_at=work.now if late else None,
        )
        rows = await items.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=ItemView.of, place=lambda row: Place(at=row.taken_in_at, id=row.id))


@router.get("/items/{item_id}", response_model=ItemView, responses=problem_responses(404))
async def get_item(item_id: UUID, call: Reading) -> Response:
    """One item."""
    async with call.work() as work:
        row = await items.find(work.session, item_id=item_id)
        return shown(ItemView.of(row), version=row.version)


@router.post("/items/{item_id}/registration", response_model=ItemView, responses=STEP)
async def post_registration(item_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """It is at the workshop: register it and hang its repair card on it (R304)."""
    async with call.work() as work:
        row = await register_item(work, item_id=item_id, version=call.expected_version, desk=desk)
        return await call.commit(work, ItemView.of(row), version=row.version)


@router.post("/items/{item_id}/repair", response_model=ItemView, responses=STEP)
async def post_repair(item_id: UUID, body: ItemRepair, call: Acting, desk: DeskGiven) -> Response:
    """It is repaired: the actual time and every replaced part (R305, R337)."""
    async with call.work() as work:
        row = await repair_item(
            work,
            item_id=item_id,
            version=call.expected_version,
            work_minutes=body.work_minutes,
            fitted=tuple(line.need() for line in body.fitted),
            findings=body.findings,
            desk=desk,
        )
        return await call.commit(work, ItemView.of(row), version=row.version)


@router.post("/items/{item_id}/inspection", response_model=ItemView, responses=STEP)
async def post_inspection(item_id: UUID, body: ItemInspection, call: Acting, desk: DeskGiven) -> Response:
    """Somebody with the role inspects what another one repaired (R306)."""
    async with call.work() as work:
        row = await inspect_item(work, item_id=item_id, version=call.expected_version, result=body.result, desk=desk)
        return await call.commit(work, ItemView.of(row), version=row.version)


@router.post("/items/{item_id}/return", response_model=ItemView, responses=STEP)
async def post_item_return(item_id: UUID, body: ItemReturn, call: Acting, desk: DeskGiven) -> Response:
    """The customer has it again and signs; the receipt is void (R307)."""
    async with call.work() as work:
        row = await return_item(
            work,
            item_id=item_id,
            version=call.expected_version,
            receipt=body.receipt_number,
            form=body.form(),
            desk=desk,
        )
        return await call.commit(work, ItemView.of(row), version=row.version)


@router.get("/hours")
async def get_hours(
    call: Reading,
    desk: DeskGiven,
    day: Annotated[date | None, Query(description="a local date; today where nothing is said")] = None,
    technician: StaffNumber = None,
) -> list[DayOfWorkView]:
    """The hours and expenses of a day, one line for each technician (当日每名员工的工时和费用, R263)."""
    async with call.work() as work:
        rows = await items.days_of_work(
            work.session,
            day=day or desk.today(work.now),
            staff_number=call.principal.actor.id if technician == "me" else technician,
        )
        return [DayOfWorkView.model_validate(row) for row in rows]
