"""What forms may say."""

from typing import Annotated

from fastapi import APIRouter

from intake.routes.desk import Desk
from intake.schemas.story import Codes
from shared.http.calls import Call, reading

router = APIRouter(prefix="/v1/codes", tags=["codes"])


@router.get("")
async def get_codes(call: Annotated[Call, reading("cases:read")], office: Desk) -> Codes:
    """Problems, resolutions, purposes of reading contact data, and reasons for each step, in both languages."""
    del call
    return Codes.of(office.policy)
