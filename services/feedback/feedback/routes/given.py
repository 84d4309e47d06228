"""What routes of feedback are given: the desk, found on the application."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from feedback.desk import Desk


async def desk_of(request: Request) -> Desk:
    """The desk that `app.py` put there."""
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the application was made without a desk")
    return desk


type DeskGiven = Annotated[Desk, Depends(desk_of)]
type Month = Annotated[str | None, Query(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$", description="such as `2040-03`")]


def first_day(month: str) -> date:
    """The first day of a month that was given."""
    year, number = month.split("-")
    return date(int(year), int(number), 1)
