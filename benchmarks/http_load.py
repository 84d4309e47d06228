"""Load over HTTP/1.1 from one process that costs little itself: bytes made beforehand, answers read by length only.

`closed_loop` keeps so many connections busy and says how much was answered. `open_loop` begins requests at the times
that were intended, however slow the answers are, and counts each latency from that time (no coordinated omission).
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class WrongAnswer(RuntimeError):
    """An answer that is not 2xx: what was measured would mean nothing."""


@dataclass(slots=True, kw_only=True)
class Load:
    """What came of it; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


class Connection(asyncio.Protocol):
    """One connection with one request in flight at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[None] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.WriteTransport", transport)  # the loop's own, which need not say so

    def data_received(self, data: bytes) -> None:
        """Called by the loop: whether the answer is complete by now."""
        self._received += data
        end = self._received.find(HEAD_END)
        if end < 0 or len(self._received) < end + len(HEAD_END) + _length(self._received[:end]):
            return
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            status = bytes(self._received[9:12])
            if status.startswith(b"2"):
                answer.set_result(None)
            else:
                answer.set_exception(WrongAnswer(self._received.decode(errors="replace")[:600]))
        self._received.clear()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(WrongAnswer(f"the connection was lost: {error}"))

    async def ask(self, request: bytes) -> None:
        """Return once the request is answered. Raises `WrongAnswer`."""
        if self._transport is None:
            raise WrongAnswer("there is no connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answer

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int, *, count: int) -> list[Connection]:
    """So many connections to a port of the loopback interface."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(count)]
    return [protocol for _, protocol in made]


async def closed_loop(port: int, *, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Every connection sends the next request as soon as the one before was answered."""
    load = Load()
    opened = await connect(port, count=connections)
    begun = perf_counter()
    end = begun + seconds

    async def keep_busy(connection: Connection) -> None:
        while (since := perf_counter()) < end:
            await connection.ask(next(requests))
            load.latencies.append(perf_counter() - since)

    async with asyncio.TaskGroup() as group:
        for connection in opened:
            group.create_task(keep_busy(connection))
    load.seconds = perf_counter() - begun
    for connection in opened:
        connection.close()
    return load


async def open_loop(port: int, *, requests: Sequence[bytes], per_second: float, connections: int = 64) -> Load:
    """Every request begins at its time; where all connections are busy it waits, and that counts."""
    load = Load()
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    opened = await connect(port, count=connections)
    for connection in opened:
        free.put_nowait(connection)
    begun = perf_counter()

    async def send(request: bytes, intended: float) -> None:
        connection = await free.get()
        await connection.ask(request)
        load.latencies.append(perf_counter() - intended)
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            intended = begun + number / per_second
            await asyncio.sleep(intended - perf_counter())  # open loop: nothing is sent before its time
            group.create_task(send(request, intended))
    load.seconds = perf_counter() - begun
    for connection in opened:
        connection.close()
    return load


def request(method: str, path: str, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _length(head: bytearray) -> int:
    """What Content-Length says; every answer of the suite has one."""
    lower = bytes(head).lower()
    at = lower.find(LENGTH)
    return int(lower[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
