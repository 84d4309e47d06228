"""Tools bought in the field (R319): handed in at the warehouse first, and reimbursed then."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.queries import tools
from parts.queries.tools import ToolPurchasesAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.tools import BookingIn, NewToolPurchase, ToolPurchaseView
from parts.use_cases.buy_tool import book_in_tool, record_tool_purchase, reimburse_tool
from shared.http.calls import Call, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/tool-purchases", tag="tools")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]


@router.post("", status_code=201, response_model=ToolPurchaseView, responses=problem_responses(428))
async def post_tool_purchase(
    body: NewToolPurchase, call: Annotated[Call, creating("purchasing:request")], desk: DeskGiven
) -> Response:
    """Somebody bought a tool in the field."""
    async with call.work() as work:
        view = ToolPurchaseView.of(await record_tool_purchase(work, form=body.to_form(), desk=desk))
        location = f"/v1/tool-purchases/{view.id}"
        return await call.commit(work, view, status=201, version=view.version, location=location)


@router.get("")
async def get_tool_purchases(
    *,
    asked: Asked,
    call: Reading,
    bought_by: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    reimbursable: Annotated[bool | None, Query(description="booked into the warehouse, and not paid yet")] = None,
) -> Page[ToolPurchaseView]:
    """The newest first."""
    async with call.work() as work:
        wanted = ToolPurchasesAsked(bought_by=bought_by, reimbursable=reimbursable)
        rows = await tools.purchases(work.session, asked=wanted, page=asked)
        return page_of(
            rows, asked=asked, view=ToolPurchaseView.of, place=lambda row: Place(at=row.recorded_at, id=row.id)
        )


@router.get("/{purchase_id}", response_model=ToolPurchaseView, responses=problem_responses(404))
async def get_tool_purchase(purchase_id: UUID, call: Reading) -> Response:
    """One purchase; `reimbursable` says whether its expense may be paid."""
    async with call.work() as work:
        row = await tools.find_purchase(work.session, purchase_id=purchase_id)
        return shown(ToolPurchaseView.of(row), version=row.version)


@router.post("/{purchase_id}/booking", response_model=ToolPurchaseView, responses=STEP)
async def post_booking(
    purchase_id: UUID, body: BookingIn, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """It is handed in, and is a tool of the company."""
    async with call.work() as work:
        row = await book_in_tool(
            work, purchase_id=purchase_id, version=call.expected_version, code=body.tool_code, desk=desk
        )
        return await call.commit(work, ToolPurchaseView.of(row), version=row.version)


@router.post("/{purchase_id}/reimbursement", response_model=ToolPurchaseView, responses=STEP)
async def post_reimbursement(
    purchase_id: UUID, body: Nothing, call: Annotated[Call, changing("purchasing:write")], desk: DeskGiven
) -> Response:
    """Its expense is paid; refused before it lies in the warehouse (不予报销)."""
    del body
    async with call.work() as work:
        row = await reimburse_tool(work, purchase_id=purchase_id, version=call.expected_version, desk=desk)
        return await call.commit(work, ToolPurchaseView.of(row), version=row.version)
