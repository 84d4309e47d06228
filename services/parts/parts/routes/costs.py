"""What the parts of work orders cost, and whether what was issued was fitted or came back."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from parts.queries import costs
from parts.queries.costs import ReconciliationsAsked
from parts.routes.given import DeskGiven
from parts.schemas.costs import CostSheet, ItemParts, ReconciliationView
from shared.http.calls import Call, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="costs")

type Reading = Annotated[Call, reading("parts:read")]


@router.get("/work-orders/{work_order_id}/costs", responses=problem_responses(404))
async def get_costs(work_order_id: UUID, call: Reading, desk: DeskGiven) -> CostSheet:
    """What its parts cost (R010, R037), and what the customer is charged for them (R168)."""
    async with call.work() as work:
        found = await costs.of_order(work.session, work_order_id=work_order_id)
        items = await costs.items_of(work.session, work_order_id=work_order_id)
        return CostSheet.of(found, work_order_id=work_order_id, items=items, policy=desk.policy)


@router.get("/items/{item_id}/parts", responses=problem_responses(404))
async def get_parts_of_item(item_id: UUID, call: Reading) -> ItemParts:
    """What was exchanged on an item that was taken in (修护卡, R305, R337)."""
    async with call.work() as work:
        item = await costs.find_item(work.session, item_id=item_id)
        fitted = await costs.fitted_on(work.session, work_order_id=item.work_order_id)
        return ItemParts.of(item, fitted=fitted)


@router.get("/reconciliations")
async def get_reconciliations(
    *,
    asked: Asked,
    call: Reading,
    desk: DeskGiven,
    work_order_id: UUID | None = None,
    issued_to: Annotated[
        str | None, Query(min_length=1, max_length=40, description="staff number of who drew parts")
    ] = None,
    unclear: Annotated[
        bool | None,
        Query(description="true: the order is over and pieces are out, or more was fitted than issued"),
    ] = None,
) -> Page[ReconciliationView]:
    """Issued against fitted against brought back, by work order and technician (R295), the newest first."""
    async with call.work() as work:
        wanted = ReconciliationsAsked(work_order_id=work_order_id, issued_to=issued_to, unclear=unclear)
        rows = await costs.listed(work.session, asked=wanted, page=asked)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: ReconciliationView.of(row, policy=desk.policy),
            place=lambda row: Place(at=row.request.requested_at, id=row.request.id),
        )
