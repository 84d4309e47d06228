"""What forms may say."""

from typing import Annotated

from intake.routes.desk import Desk
from intake.schemas.story import Codes
from shared.http.calls import Call, reading
from shared.http.routing import router_under

router = router_under("/v1/codes", tag="codes")


@router.get("")
async def get_codes(call: Annotated[Call, reading("cases:read")], office: Desk) -> Codes:
    """Problems, resolutions, purposes of reading contact data, and reasons for each step, in both languages."""
    del call
    return Codes.of(office.policy)
