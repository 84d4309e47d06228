"""What routes of intake are given: the office, found on the application."""

from typing import Annotated

from fastapi import Depends, Request

from intake.office import Office


async def office_of(request: Request) -> Office:
    """The office that `app.py` put there."""
    office = request.app.state.office
    if not isinstance(office, Office):
        raise TypeError("the application was made without an office")
    return office


type Desk = Annotated[Office, Depends(office_of)]
