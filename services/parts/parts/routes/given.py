"""What routes of parts are given: the desk, found on the application."""

from typing import Annotated

from fastapi import Depends, Request

from parts.desk import Desk


async def desk_of(request: Request) -> Desk:
    """The desk that `app.py` put there."""
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the application was made without a desk")
    return desk


type DeskGiven = Annotated[Desk, Depends(desk_of)]
