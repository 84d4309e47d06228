"""Calls, for agents: who called, and on which call is a repair to be registered."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from intake.domain.numbers import read_number
from intake.queries import calls
from intake.queries.lists import CallFilter, list_calls
from intake.routes.desk import Desk
from intake.schemas.calls import CallView
from shared.http.calls import Call, answer_of, reading, response_of
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import NotFound, problem_responses
from shared.http.routing import router_under

router = router_under("/v1/calls", tag="calls")


@router.get("")
async def get_calls(
    *,
    asked: Asked,
    call: Annotated[Call, reading("calls:read")],
    office: Desk,
    number: Annotated[str | None, Query(max_length=60, description="of the party outside")] = None,
    state: Annotated[list[str] | None, Query(max_length=5)] = None,
    direction: Annotated[str | None, Query(pattern="^(in|out)$")] = None,
    outcome: Annotated[str | None, Query(pattern="^(answered|missed|failed|unknown)$")] = None,
    source_id: UUID | None = None,
    since: Annotated[AwareDatetime | None, Query(description="started then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="started before")] = None,
    registered: Annotated[bool | None, Query(description="whether a case was registered on it")] = None,
) -> Page[CallView]:
    """Newest first. A number is found through a keyed digest; an anonymous caller cannot be searched for."""
    if state is None:
        state = []
    wanted = CallFilter(
        number_index=None if number is None else _index(number, office=office),
        states=state,
        direction=direction,
        outcome=outcome,
        source_id=source_id,
        since=since,
        until=until,
        registered=registered,
    )
    async with call.work() as work:
        rows = await list_calls(work.session, wanted=wanted, asked=asked)
        return page_of(rows, asked=asked, view=CallView.of, place=lambda row: Place(at=row.started_at, id=row.id))


@router.get("/{call_id}", response_model=CallView, responses=problem_responses(404))
async def get_call(call_id: UUID, call: Annotated[Call, reading("calls:read")]) -> Response:
    """One call."""
    async with call.work() as work:
        row = await calls.find(work.session, call_id=call_id)
        if row is None:
            raise NotFound(f"there is no call {call_id}", expected="an id of GET /v1/calls")
        return response_of(answer_of(CallView.of(row), status=200))


def _index(number: str, *, office: Desk) -> bytes:
    return office.number_index(read_number(number, country=office.policy.company.country)) or b""
