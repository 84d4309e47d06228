"""Returns and exchanges that after-sales accepts (R083, R179), and goods that go back to vendors."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.domain.goods_returns import ReturnState
from parts.queries import returns
from parts.routes.given import DeskGiven
from parts.schemas.returns import (
    Consent,
    GoodsBack,
    GoodsReceived,
    GoodsReturnView,
    VendorReturn,
    VendorReturnView,
)
from parts.use_cases.return_goods import ask_for_return, decide_return, receive_return, return_to_vendor
from shared.http.calls import Call, changing, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="goods returned")
CREATE = problem_responses(404, 409, 428)
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]


@router.post("/goods-returns", status_code=201, response_model=GoodsReturnView, responses=CREATE)
async def post_goods_return(
    body: GoodsBack, call: Annotated[Call, creating("deposits:write")], desk: DeskGiven
) -> Response:
    """Somebody gives goods back, at his cost where a consent is asked for and not there (R179), or exchanges them."""
    async with call.work() as work:
        row = await ask_for_return(work, **body.model_dump(), desk=desk)
        return await call.commit(work, GoodsReturnView.of(row), status=201, version=row.version)


@router.get("/goods-returns")
async def get_goods_returns(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[ReturnState] | None, Query(max_length=4)] = None,
    origin: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
) -> Page[GoodsReturnView]:
    """The newest first: what waits for consent, what is to come."""
    async with call.work() as work:
        rows = await returns.goods(work.session, states=frozenset(state or ()), origin=origin, page=asked)
        return page_of(rows, asked=asked, view=GoodsReturnView.of, place=lambda row: Place(at=row.asked_at, id=row.id))


@router.post("/goods-returns/{goods_return_id}/consent", response_model=GoodsReturnView, responses=STEP)
async def post_consent(
    goods_return_id: UUID, body: Consent, call: Annotated[Call, changing("approvals:decide")], desk: DeskGiven
) -> Response:
    """The general manager consents, and the company bears the cost; or does not (R179)."""
    async with call.work() as work:
        row = await decide_return(
            work,
            goods_return_id=goods_return_id,
            version=call.expected_version,
            decision=body.decision,
            desk=desk,
        )
        return await call.commit(work, GoodsReturnView.of(row), version=row.version)


@router.post("/goods-returns/{goods_return_id}/receipt", response_model=GoodsReturnView, responses=STEP)
async def post_goods_receipt(
    goods_return_id: UUID, body: GoodsReceived, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """The goods are there: on the shelf again, or not fit for it."""
    async with call.work() as work:
        row = await receive_return(
            work,
            goods_return_id=goods_return_id,
            version=call.expected_version,
            destination=body.destination,
            serials=body.serials,
            desk=desk,
        )
        return await call.commit(work, GoodsReturnView.of(row), version=row.version)


@router.post(
    "/vendor-returns", status_code=201, response_model=VendorReturnView, responses=problem_responses(404, 409, 428)
)
async def post_vendor_return(
    body: VendorReturn, call: Annotated[Call, creating("stock:write")], desk: DeskGiven
) -> Response:
    """Free pieces leave the store for their vendor (退供应商)."""
    async with call.work() as work:
        row = await return_to_vendor(work, **body.model_dump(), desk=desk)
        return await call.commit(work, VendorReturnView.of(row), status=201)


@router.get("/vendor-returns")
async def get_vendor_returns(
    *, asked: Asked, call: Reading, supplier: Annotated[str | None, Query(min_length=1, max_length=100)] = None
) -> Page[VendorReturnView]:
    """The newest first."""
    async with call.work() as work:
        rows = await returns.vendor_returns(work.session, supplier=supplier, page=asked)
        return page_of(rows, asked=asked, view=VendorReturnView.of, place=lambda row: Place(at=row.at, id=row.id))
