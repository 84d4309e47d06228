"""Removed parts (旧件): where they lie, and what became of them (R296)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import GuidancePlace
from parts.policy.guidance import told_at
from parts.queries import old_parts
from parts.routes.given import DeskGiven
from parts.schemas.old_parts import Cleared, OldParts, OldPartsTaken, OldPartView
from parts.use_cases.take_old_parts import Taken, clear_old_parts, take_old_parts
from shared.http.calls import Call, adding, changing, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="removed parts")


@router.post(
    "/requests/{request_id}/old-parts",
    status_code=201,
    response_model=OldPartsTaken,
    responses=problem_responses(404, 409, 412, 428),
)
async def post_old_parts(
    request_id: UUID, body: OldParts, call: Annotated[Call, adding("parts:issue")], desk: DeskGiven
) -> Response:
    """What was taken out of the unit came back, and lies there."""
    async with call.work() as work:
        taken = await take_old_parts(
            work,
            request_id=request_id,
            version=call.expected_version,
            wanted=body.wanted(),
            serials=body.serials(),
            location=body.location,
            desk=desk,
        )
        return await call.commit(work, _taken(taken, desk=desk), status=201, version=taken.version)


@router.get("/old-parts")
async def get_old_parts(
    *,
    asked: Asked,
    call: Annotated[Call, reading("parts:read")],
    request_id: UUID | None = None,
    cleared: Annotated[bool | None, Query(description="false: those that still lie there")] = None,
) -> Page[OldPartView]:
    """The newest first."""
    async with call.work() as work:
        rows = await old_parts.listed(work.session, request_id=request_id, cleared=cleared, page=asked)
        return page_of(rows, asked=asked, view=OldPartView.of, place=lambda row: Place(at=row.received_at, id=row.id))


@router.post(
    "/requests/{request_id}/old-parts/clearing",
    response_model=OldPartsTaken,
    responses=problem_responses(404, 409, 412, 428),
)
async def post_clearing(
    request_id: UUID, body: Cleared, call: Annotated[Call, changing("parts:issue")], desk: DeskGiven
) -> Response:
    """What came back with the request is cleared away: scrapped, back to the supplier or to the customer."""
    async with call.work() as work:
        taken = await clear_old_parts(
            work,
            request_id=request_id,
            version=call.expected_version,
            cleared_as=body.cleared_as,
            desk=desk,
        )
        return await call.commit(work, _taken(taken, desk=desk), version=taken.version)


def _taken(taken: Taken, *, desk: Desk) -> OldPartsTaken:
    return OldPartsTaken.whole(taken.rows, guidance=told_at(desk.policy.guidance, places={GuidancePlace.RETURNING}))
