"""Action items (R029): who is urged to do what by when, so that the site gets what it needs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.queries import purchasing
from parts.queries.purchasing import ActionItemsAsked
from parts.routes.given import DeskGiven
from parts.schemas.action_items import ActionItemView, NewActionItem
from parts.schemas.claims import Nothing
from parts.use_cases.urge_department import finish_action_item, urge_department
from shared.http.calls import Call, changing, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/action-items", tag="purchasing")


@router.post("", status_code=201, response_model=ActionItemView, responses=problem_responses(404, 428))
async def post_action_item(
    body: NewActionItem, call: Annotated[Call, creating("action_items:write")], desk: DeskGiven
) -> Response:
    """A department is urged to finish something by then."""
    async with call.work() as work:
        item = await urge_department(work, form=body.to_form(), desk=desk)
        return await call.commit(work, ActionItemView.of(item), status=201, version=item.version)


@router.get("")
async def get_action_items(
    *,
    asked: Asked,
    call: Annotated[Call, reading("parts:read")],
    department: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    done: bool | None = None,
    order_id: UUID | None = None,
    case_id: UUID | None = None,
    overdue: Annotated[bool, Query(description="not done, and due before now")] = False,
) -> Page[ActionItemView]:
    """The newest first."""
    async with call.work() as work:
        wanted = ActionItemsAsked(
            department=department,
            done=done,
            order_id=order_id,
            case_id=case_id,
            due_before=work.now if overdue else None,
        )
        rows = await purchasing.action_items(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=ActionItemView.of, place=lambda row: Place(at=row.opened_at, id=row.id))


@router.post("/{action_item_id}/done", response_model=ActionItemView, responses=problem_responses(404, 409, 412, 428))
async def post_done(
    action_item_id: UUID, body: Nothing, call: Annotated[Call, changing("action_items:write")], desk: DeskGiven
) -> Response:
    """The department has done it."""
    del body
    async with call.work() as work:
        item = await finish_action_item(work, action_item_id=action_item_id, version=call.expected_version, desk=desk)
        return await call.commit(work, ActionItemView.of(item), version=item.version)
