"""One connection after the other: whom the server lets go, when, and what it tells him."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.http.connection import HEAD_LIMIT, Connection, connections
from shared.http.problems import PROBLEM_MEDIA_TYPE
from shared.observability.metrics import ClientMetrics, LetGo
from support.slow_clients import Client, clients, head
from support.waiting import eventually
from testkit.patience import PATIENCE_SECONDS

ANSWER = bytes(300 * 1024)
"""Much more than the system keeps for a client, or lies in the server before it waits."""
NARROW = 4096
"""Bytes that the system keeps for each side."""
PIECE = 8 * 1024
A_LITTLE = 256
PACE_SECONDS = 0.1
PATIENT, IMPATIENT = 2.0, 0.3
"""Seconds that clients have."""


async def answer_largely(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the request and answers it."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await Response(ANSWER)(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A server whose system keeps little, and what it says of its clients."""

    port: int
    registry: CollectorRegistry
    server: uvicorn.Server

    def let_go(self) -> dict[str, float]:
        """How many clients for which reason."""
        found = {
            reason: self.registry.get_sample_value(
                "http_clients_let_go_total", {"service": "counter", "reason": reason}
            )
            for reason in LetGo
        }
        return {str(reason): count for reason, count in found.items() if count}

    @property
    def unread(self) -> int:
        """Bytes of an answer that the server has not got rid of yet."""
        [connection] = self.server.server_state.connections
        size: int = connection.transport.get_write_buffer_size()
        return size

    @property
    def waits_for_its_client(self) -> bool:
        """Whether so much is unread that the server writes no more."""
        [connection] = self.server.server_state.connections
        assert isinstance(connection, Connection)
        return connection.flow.write_paused


@asynccontextmanager
async def serving(*, seconds: float) -> AsyncIterator[Counter]:
    registry = CollectorRegistry()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, NARROW)
    kind = connections(seconds=seconds, clients=ClientMetrics(registry, service="counter"))
    config = uvicorn.Config(
        answer_largely,
        http=kind,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=1,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    answering = asyncio.create_task(server._serve([listening]))  # noqa: SLF001  # without its signal handlers
    try:
        yield Counter(port=listening.getsockname()[1], registry=registry, server=server)
    finally:
        server.should_exit = True
        await answering


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with serving(seconds=IMPATIENT) as found:
        yield found


async def whole(client: Client) -> tuple[dict[str, str], bytes]:
    """Status line and headers by their names, and the body, of an answer after which the connection ends."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        lines, _, body = (await client.reader.read(-1)).partition(b"\r\n\r\n")
    first, *others = lines.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in others)}
    return headers | {"status": first.split()[1]}, body


async def lost(client: Client) -> bool:
    """Whether the connection is cut off, without a word or in the middle of one."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await client.reader.read(-1)
    except ConnectionError:
        return True
    return client.reader.at_eof()


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
async def test_who_reads_a_little_and_then_stops_is_let_go(counter: Counter, connection: str) -> None:
    async with clients(counter.port, count=1) as [client]:
        client.begin(head("GET", "/", f"Connection: {connection}"))
        await client.reader.readexactly(PIECE)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while counter.waits_for_its_client:
                await client.reader.readexactly(A_LITTLE)
                await asyncio.sleep(0)
        assert counter.unread > 0
        await eventually(lambda: has_let_go(counter, LetGo.SLOW_READER))
    assert counter.let_go() == {LetGo.SLOW_READER: 1}


async def test_who_reads_nothing_is_let_go(counter: Counter) -> None:
    async with clients(counter.port, count=1) as [client]:
        client.begin(head("GET", "/"))
        await eventually(lambda: has_let_go(counter, LetGo.SLOW_READER))
    assert counter.let_go() == {LetGo.SLOW_READER: 1}


async def test_who_reads_slowly_and_without_end_gets_all_of_it_however_long_that_takes() -> None:
    """Twice as long as somebody has who reads nothing."""
    taken = 0
    async with serving(seconds=PATIENT) as counter, clients(counter.port, count=1) as [client]:
        client.begin(head("GET", "/", "Connection: close"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while piece := await client.reader.read(PIECE):
                taken += len(piece)
                await asyncio.sleep(PACE_SECONDS)
        assert taken * PACE_SECONDS / PIECE > 1.5 * PATIENT
        assert counter.let_go() == {}
    assert taken > len(ANSWER)


async def has_let_go(counter: Counter, reason: LetGo) -> bool:
    return reason in counter.let_go()


async def test_who_says_nothing_is_cut_off(counter: Counter) -> None:
    async with clients(counter.port, count=1) as [client]:
        assert await lost(client)
    assert counter.let_go() == {LetGo.SILENT: 1}


NOT_A_REQUEST = b"HELLO\r\n\r\n"
IN_NO_CHUNKS = head("POST", "/", "Transfer-Encoding: chunked") + b"zz\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "kind", "counted"),
    [
        (b"GET / HT", 408, "too-slow", {LetGo.SLOW_HEAD: 1}),
        (b"GET / HTTP/1.1\r\nX: " + bytes(b"x" * HEAD_LIMIT), 431, "head-too-large", {LetGo.LARGE_HEAD: 1}),
        (NOT_A_REQUEST, 400, "malformed", {}),
        (IN_NO_CHUNKS, 400, "malformed", {}),
    ],
    ids=["half a head", "a head without end", "no request", "a body that is none"],
)
async def test_what_is_no_request_is_refused_with_a_problem_like_every_other(
    counter: Counter, sent: bytes, status: int, kind: str, counted: dict[str, float]
) -> None:
    async with clients(counter.port, count=1) as [client]:
        client.begin(sent)
        headers, body = await whole(client)
    assert headers["status"] == str(status)
    assert headers["content-type"] == PROBLEM_MEDIA_TYPE
    assert headers["connection"] == "close"
    problem = json.loads(body)
    assert (problem["type"], problem["status"]) == (f"/problems/{kind}", status)
    assert problem["detail"]
    assert problem["expected"]
    assert UUID(problem["correlation_id"]) == UUID(headers["x-correlation-id"])
    assert counter.let_go() == counted


async def test_a_refusal_is_not_taken_for_the_answer_to_a_request_before_it(counter: Counter) -> None:
    """Whoever sends garbage behind a request that is not answered yet is told nothing."""
    async with clients(counter.port, count=1) as [client]:
        client.begin(head("GET", "/") + NOT_A_REQUEST)
        assert await lost(client)
