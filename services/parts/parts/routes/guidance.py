"""What to keep in mind at work (R007, R200, R296, R334, R336): the texts of the policy, by where they are met."""

from typing import Annotated

from fastapi import Query

from parts.domain.guidance import GuidancePlace
from parts.policy.guidance import told_at
from parts.routes.given import DeskGiven
from parts.schemas.guidance import GuidanceView
from shared.http.calls import Call, reading
from shared.http.routing import router_under

router = router_under("/v1", tag="guidance")


@router.get("/guidance")
async def get_guidance(
    call: Annotated[Call, reading("parts:read")],
    desk: DeskGiven,
    place: Annotated[
        list[GuidancePlace] | None,
        Query(max_length=10, description="what somebody is about to do; all where none is named"),
    ] = None,
) -> list[GuidanceView]:
    """In the order of the policy, in both languages."""
    del call
    told = told_at(desk.policy.guidance, places=place or list(GuidancePlace))
    return [GuidanceView.of(one) for one in told]
