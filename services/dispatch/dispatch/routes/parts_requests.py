"""Parts that an order needs, the customer's signature below the work, and what he said."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from dispatch.queries import parts_requests, work_orders
from dispatch.routes.given import DeskGiven
from dispatch.schemas.items import OrderWords, PartsRequestView
from dispatch.schemas.reports import PartsNeeded, SignOffForm
from dispatch.schemas.work_orders import WorkOrderView
from dispatch.use_cases.request_parts import give_up_parts, request_parts
from dispatch.use_cases.show_words import show_words
from dispatch.use_cases.sign_off import sign_off
from shared.http.calls import Call, acting, creating, reading
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="work orders")

type Acting = Annotated[Call, acting("visits:write")]


@router.post(
    "/work-orders/{order_id}/parts-requests",
    status_code=201,
    response_model=PartsRequestView,
    responses=problem_responses(404, 409, 428),
)
async def post_parts_request(
    order_id: UUID, body: PartsNeeded, call: Annotated[Call, creating("visits:write")], desk: DeskGiven
) -> Response:
    """The order needs parts (R257); what was asked for before and got lost is asked anew by that."""
    async with call.work() as work:
        lines = [line.need() for line in body.lines]
        row = await request_parts(work, order_id=order_id, lines=lines, desk=desk)
        return await call.commit(work, PartsRequestView.model_validate(row), status=201)


@router.get("/work-orders/{order_id}/parts-requests", responses=problem_responses(404))
async def get_parts_requests(
    order_id: UUID, call: Annotated[Call, reading("work_orders:read")]
) -> list[PartsRequestView]:
    """What an order asked for and what became of it, the first request first."""
    async with call.work() as work:
        order = await work_orders.find(work.session, order_id=order_id)
        rows = await parts_requests.of_order(work.session, order_id=order.id)
        return [PartsRequestView.model_validate(row) for row in rows]


@router.post(
    "/parts-requests/{request_id}/giving-up",
    response_model=PartsRequestView,
    responses=problem_responses(404, 409),
)
async def post_giving_up(request_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """The order goes on without what got unavailable or expired."""
    async with call.work() as work:
        row = await give_up_parts(work, request_id=request_id, desk=desk)
        return await call.commit(work, PartsRequestView.model_validate(row))


@router.post(
    "/work-orders/{order_id}/sign-off", response_model=WorkOrderView, responses=problem_responses(404, 409, 412)
)
async def post_sign_off(order_id: UUID, body: SignOffForm, call: Acting, desk: DeskGiven) -> Response:
    """The customer says how it was and signs (请用户签署意见, R260)."""
    async with call.work() as work:
        row = await sign_off(work, order_id=order_id, version=call.expected_version, form=body.form(), desk=desk)
        return await call.commit(work, WorkOrderView.of(row), version=row.version)


@router.get("/work-orders/{order_id}/words", response_model=OrderWords, responses=problem_responses(404))
async def get_words(order_id: UUID, call: Annotated[Call, reading("words:read")], desk: DeskGiven) -> Response:
    """What was said, written and signed, in plain text, for a stated purpose; who asked stands in the audit log."""
    async with call.work() as work:
        words = await show_words(work, order_id=order_id, purpose=call.purpose, desk=desk)
        answer = await call.commit(work, OrderWords.of(order_id, words=words))
        answer.headers["Cache-Control"] = "no-store"
        return answer
