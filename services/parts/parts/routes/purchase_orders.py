"""Purchase orders and self-purchases (采购, 自采): place, track, receive, and what should be ordered."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import GuidancePlace
from parts.domain.purchasing import OrderState
from parts.policy.guidance import told_at
from parts.queries import purchasing, replenishment, suppliers
from parts.queries.purchasing import OrdersAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.purchasing import (
    NewPurchaseOrder,
    NewSelfPurchase,
    PurchaseOrderFile,
    PurchaseOrderView,
    PurchaseReceipt,
    Tracking,
)
from parts.schemas.replenishment import LevelView, Replenishment
from parts.tables import PurchaseOrderRow
from parts.use_cases.place_purchase import buy_without_application, place_purchase, replenish
from parts.use_cases.receive_purchase import cancel_purchase, receive_purchase, track_purchase
from shared.http.calls import Call, adding, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1", tag="purchasing")
CREATE = problem_responses(403, 404, 409, 428)
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Placing = Annotated[Call, creating("purchasing:write")]
type Buying = Annotated[Call, changing("purchasing:write")]


@router.post("/purchase-orders", status_code=201, response_model=PurchaseOrderFile, responses=CREATE)
async def post_purchase_order(body: NewPurchaseOrder, call: Placing, desk: DeskGiven) -> Response:
    """An order at a supplier; requests that it is placed for are arranged by it.

    Without any it is refused where the policy has prices compared: see self-purchases and replenishment (R201).
    """
    async with call.work() as work:
        order = await place_purchase(work, form=body.to_form(), desk=desk)
        return await _placed(call, work, order=order, desk=desk)


@router.post("/self-purchases", status_code=201, response_model=PurchaseOrderFile, responses=CREATE)
async def post_self_purchase(body: NewSelfPurchase, call: Placing, desk: DeskGiven) -> Response:
    """Bought without an application, once enough suppliers' prices were compared (自采, R201)."""
    async with call.work() as work:
        order = await buy_without_application(work, form=body.to_form(), desk=desk)
        return await _placed(call, work, order=order, desk=desk)


@router.get("/replenishment")
async def get_replenishment(asked: Asked, call: Reading) -> Page[LevelView]:
    """Parts of which there are too few, and how much of each to order; the newest part first (R332)."""
    async with call.work() as work:
        rows = await replenishment.levels(work.session, page=asked)
        codes = [part.part_code for part, _ in rows]
        sources = await suppliers.sources_of(work.session, codes=codes)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: LevelView.of(*row, suppliers=sources.get(row[0].part_code, ())),
            place=lambda row: Place(at=row[0].created_at, id=row[0].id),
        )


@router.post("/replenishment/orders", status_code=201, response_model=PurchaseOrderFile, responses=CREATE)
async def post_replenishment(body: Replenishment, call: Placing, desk: DeskGiven) -> Response:
    """Order from a supplier what is missing of these parts, at the prices of the catalogue (R332)."""
    async with call.work() as work:
        order = await replenish(
            work,
            supplier_number=body.supplier_number,
            codes=frozenset(body.part_codes),
            expected_at=body.expected_at,
            desk=desk,
        )
        return await _placed(call, work, order=order, desk=desk)


@router.get("/purchase-orders")
async def get_purchase_orders(
    *,
    asked: Asked,
    call: Reading,
    desk: DeskGiven,
    state: Annotated[list[OrderState] | None, Query(max_length=10)] = None,
    supplier_id: UUID | None = None,
    part_code: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    expected_today: Annotated[bool, Query(description="still waited for, and expected before midnight")] = False,
    overdue: Annotated[bool, Query(description="still waited for, and expected before now")] = False,
) -> Page[PurchaseOrderView]:
    """The newest first."""
    async with call.work() as work:
        before = desk.end_of_day(work.now) if expected_today else None
        wanted = OrdersAsked(
            states=frozenset(state or ()),
            supplier_id=supplier_id,
            part_code=part_code,
            expected_before=work.now if overdue else before,
        )
        rows = await purchasing.orders(work.session, asked=wanted, page=asked)
        lines = await purchasing.lines_of(work.session, ids=[row.id for row in rows])
        return page_of(
            rows,
            asked=asked,
            view=lambda row: PurchaseOrderView.of(row, lines=lines[row.id]),
            place=lambda row: Place(at=row.placed_at, id=row.id),
        )


@router.get("/purchase-orders/{purchase_order_id}", response_model=PurchaseOrderFile, responses=problem_responses(404))
async def get_purchase_order(purchase_order_id: UUID, call: Reading, desk: DeskGiven) -> Response:
    """One order with its lines."""
    async with call.work() as work:
        order = await purchasing.find_order(work.session, order_id=purchase_order_id)
        return shown(await _file(work, order=order, desk=desk), version=order.version)


@router.post("/purchase-orders/{purchase_order_id}/tracking", response_model=PurchaseOrderFile, responses=STEP)
async def post_tracking(purchase_order_id: UUID, body: Tracking, call: Buying, desk: DeskGiven) -> Response:
    """Who carries it and when it will be there, as the supplier says now."""
    async with call.work() as work:
        order = await track_purchase(
            work, order_id=purchase_order_id, version=call.expected_version, desk=desk, **body.model_dump()
        )
        return await call.commit(work, await _file(work, order=order, desk=desk), version=order.version)


@router.post(
    "/purchase-orders/{purchase_order_id}/receipts", status_code=201, response_model=PurchaseOrderFile, responses=STEP
)
async def post_purchase_receipt(
    purchase_order_id: UUID, body: PurchaseReceipt, call: Annotated[Call, adding("stock:write")], desk: DeskGiven
) -> Response:
    """Pieces of it came (入库), in part or for the last time."""
    async with call.work() as work:
        order = await receive_purchase(
            work,
            order_id=purchase_order_id,
            version=call.expected_version,
            came=body.came(),
            delivery=body.delivery,
            serials=body.serials(),
            desk=desk,
        )
        return await call.commit(work, await _file(work, order=order, desk=desk), status=201, version=order.version)


@router.post("/purchase-orders/{purchase_order_id}/cancellation", response_model=PurchaseOrderFile, responses=STEP)
async def post_purchase_cancellation(purchase_order_id: UUID, body: Nothing, call: Buying, desk: DeskGiven) -> Response:
    """Nothing came of it, and nothing will."""
    del body
    async with call.work() as work:
        order = await cancel_purchase(work, order_id=purchase_order_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, order=order, desk=desk), version=order.version)


async def _file(work: UnitOfWork, *, order: PurchaseOrderRow, desk: Desk) -> PurchaseOrderFile:
    lines = await purchasing.lines_of(work.session, ids=[order.id])
    guidance = told_at(desk.policy.guidance, places={GuidancePlace.PURCHASING})
    return PurchaseOrderFile.whole(order, lines=lines[order.id], guidance=guidance)


async def _placed(call: Call, work: UnitOfWork, *, order: PurchaseOrderRow, desk: Desk) -> Response:
    location = f"/v1/purchase-orders/{order.id}"
    view = await _file(work, order=order, desk=desk)
    return await call.commit(work, view, status=201, version=order.version, location=location)
