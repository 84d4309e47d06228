"""The staff, as notifier's directory told it; there it is entered and changed."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from intake.queries import staff
from intake.queries.lists import list_staff
from intake.schemas.staff import StaffView
from shared.http.calls import Call, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/staff", tag="staff")


@router.get("")
async def get_staff(
    *,
    asked: Asked,
    call: Annotated[Call, reading("staff:read")],
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in the staff number")] = None,
    role: Annotated[str | None, Query(max_length=40)] = None,
    status: Literal["active", "left"] | None = None,
) -> Page[StaffView]:
    """Who was heard of last comes first."""
    async with call.work() as work:
        rows = await list_staff(work.session, search=search, role=role, status=status, asked=asked)
        return page_of(rows, asked=asked, view=StaffView.of, place=lambda row: Place(at=row.heard_at, id=row.id))


@router.get("/{member_id}", responses=problem_responses(404))
async def get_member(member_id: UUID, call: Annotated[Call, reading("staff:read")]) -> StaffView:
    """One member of the staff."""
    async with call.work() as work:
        return StaffView.of(await staff.load(work.session, member_id=member_id))
