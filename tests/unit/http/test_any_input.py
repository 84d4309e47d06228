"""Nothing that arrives makes the edge itself break: every answer is one of those that are documented."""

import asyncio
import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from pydantic import Field

from shared.http.api import refuse_with_problems
from shared.http.bodies import Body
from shared.http.observed import Observed
from shared.http.paging import Asked, Place, read_cursor, write_cursor
from shared.http.problems import PROBLEM_MEDIA_TYPE, Malformed, Problem, kinds
from shared.http.reception import Reception
from shared.http.routing import router_under
from shared.observability.metrics import ClientMetrics, http_requests
from shared.observability.tracing import tracing_to

DOCUMENTED = {400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 503}
BEFORE_THERE_IS_A_REQUEST = {408, 431}
"""What only the connection answers, to a head that is not one."""
TEXT = st.text(alphabet=st.characters(), max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
NEARLY = st.fixed_dictionaries(
    {"note": TEXT | ANYTHING, "parts": st.lists(st.fixed_dictionaries({"code": ANYTHING, "pieces": ANYTHING}))},
    optional={"price": ANYTHING, "extra": ANYTHING, "other": ANYTHING},
)


class Part(Body):
    code: str = Field(min_length=1)
    pieces: int = Field(ge=1)


class Order(Body):
    note: str
    parts: list[Part] = Field(max_length=3)
    price: float | None = None
    extra: dict[str, str | float | None] = Field(default_factory=dict)


router = router_under("", tag="orders")


@router.post("/orders")
async def post_order(body: Order) -> Order:
    return body


@router.get("/orders/{number}")
async def get_orders(number: int, asked: Asked, since: datetime | None = None) -> int:
    return number + asked.limit + (since is None)


@pytest.fixture(scope="module")
def api() -> FastAPI:
    made = FastAPI(redirect_slashes=False)
    made.include_router(router)
    refuse_with_problems(made)
    made.add_middleware(Reception, clients=ClientMetrics(CollectorRegistry(), service="orders"))
    made.add_middleware(
        Observed,
        service="orders",
        tracing=tracing_to(None, service="orders"),
        requests=http_requests(CollectorRegistry()),
    )
    return made


def ask(api: FastAPI, method: str, target: str, *, content: bytes = b"", content_type: str | None = None) -> int:
    """The status of one request; a refusal must be a complete problem."""

    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url="http://orders") as client:
            headers = {"Content-Type": content_type} if content_type is not None else {}
            return await client.request(method, target, content=content, headers=headers)

    answer = asyncio.run(one())
    if answer.status_code != 200:
        assert answer.status_code in DOCUMENTED
        assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
        problem = answer.json()
        assert {"type", "title", "status", "detail", "expected", "correlation_id"} <= set(problem)
        assert len(answer.content) < 100_000
    return answer.status_code


@settings(max_examples=100)
@given(content=st.binary(max_size=200), content_type=st.sampled_from([None, "application/json", "text/plain", "x"]))
def test_any_bytes_are_answered(api: FastAPI, content: bytes, content_type: str | None) -> None:
    assert ask(api, "POST", "/orders", content=content, content_type=content_type) != 200


@settings(max_examples=150)
@given(body=NEARLY | ANYTHING)
def test_any_json_is_answered(api: FastAPI, body: object) -> None:
    ask(api, "POST", "/orders", content=json.dumps(body).encode(), content_type="application/json")


@settings(max_examples=100)
@given(number=TEXT, limit=TEXT, cursor=TEXT, since=TEXT)
def test_any_address_is_answered(api: FastAPI, number: str, limit: str, cursor: str, since: str) -> None:
    query = urlencode({"limit": limit, "cursor": cursor, "since": since}, errors="replace")
    ask(api, "GET", f"/orders/{quote(number, safe='', errors='replace')}?{query}")


@given(
    at=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    id_=st.uuids(),
)
def test_a_cursor_brings_back_the_place_that_it_was_made_of(at: datetime, id_: UUID) -> None:
    place = Place(at=at, id=id_)
    assert read_cursor(write_cursor(place)) == place


@given(st.text(max_size=60))
def test_any_other_cursor_is_malformed_or_a_place(cursor: str) -> None:
    try:
        place = read_cursor(cursor)
    except Malformed:
        return
    assert read_cursor(write_cursor(place)) == place


def test_every_kind_of_problem_has_a_slug_of_its_own_and_a_documented_status() -> None:
    everything = list(kinds())
    assert len({kind.slug for kind in everything}) == len(everything)
    assert {kind.status for kind in everything} == DOCUMENTED | BEFORE_THERE_IS_A_REQUEST | {500}
    assert all(kind.__doc__ and kind.title != Problem.title for kind in everything)
