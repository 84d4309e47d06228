"""Return-to-factory shipments (返厂维修, R040, R311): sent, arrived, back, and which of them are late."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.queries import return_shipments
from parts.queries.return_shipments import ShipmentsAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.return_shipments import NewReturnShipment, ReturnShipmentView
from parts.use_cases.ship_to_factory import note_factory_arrival, note_factory_return, ship_to_factory
from shared.http.calls import Call, changing, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/return-shipments", tag="return shipments")
STEP = problem_responses(404, 409, 412, 428)

type Moving = Annotated[Call, changing("stock:write")]


@router.post("", status_code=201, response_model=ReturnShipmentView, responses=problem_responses(409, 428))
async def post_return_shipment(
    body: NewReturnShipment, call: Annotated[Call, creating("stock:write")], desk: DeskGiven
) -> Response:
    """The warehouse sends it; an item is out once at a time."""
    async with call.work() as work:
        view = ReturnShipmentView.of(await ship_to_factory(work, form=body.to_form(), desk=desk))
        return await call.commit(work, view, status=201, version=view.version)


@router.get("")
async def get_return_shipments(
    *,
    asked: Asked,
    call: Annotated[Call, reading("parts:read")],
    item_id: UUID | None = None,
    work_order_id: UUID | None = None,
    case_id: UUID | None = None,
    back: Annotated[bool | None, Query(description="whether it is in the warehouse again")] = None,
    overdue: Annotated[bool, Query(description="not there, or not back, when it was expected")] = False,
) -> Page[ReturnShipmentView]:
    """The newest first."""
    async with call.work() as work:
        wanted = ShipmentsAsked(
            item_id=item_id,
            work_order_id=work_order_id,
            case_id=case_id,
            back=back,
            late_at=work.now if overdue else None,
        )
        rows = await return_shipments.listed(work.session, asked=wanted, page=asked)
        return page_of(
            rows, asked=asked, view=ReturnShipmentView.of, place=lambda row: Place(at=row.sent_at, id=row.id)
        )


@router.post("/{shipment_id}/arrival", response_model=ReturnShipmentView, responses=STEP)
async def post_factory_arrival(shipment_id: UUID, body: Nothing, call: Moving, desk: DeskGiven) -> Response:
    """The factory has it."""
    del body
    async with call.work() as work:
        row = await note_factory_arrival(work, shipment_id=shipment_id, version=call.expected_version, desk=desk)
        return await call.commit(work, ReturnShipmentView.of(row), version=row.version)


@router.post("/{shipment_id}/return", response_model=ReturnShipmentView, responses=STEP)
async def post_factory_return(shipment_id: UUID, body: Nothing, call: Moving, desk: DeskGiven) -> Response:
    """It is in the warehouse again."""
    del body
    async with call.work() as work:
        row = await note_factory_return(work, shipment_id=shipment_id, version=call.expected_version, desk=desk)
        return await call.commit(work, ReturnShipmentView.of(row), version=row.version)
