"""The first thing that a request meets: a limit on its body, and the characters that nothing behind can take."""

import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.bodies import RAW_BODY
from shared.http.connection import CLIENT_SECONDS
from shared.http.problems import Malformed, Problem, TooLarge, Unavailable
from shared.observability.metrics import ClientMetrics, LetGo

BODY_LIMIT = 256 * 1024
"""Bytes. What is larger is a file, and files come in pieces."""

SMALL = 16 * 1024
"""Bytes of a body that are always taken: nearly every request has fewer."""

ROOM = 16 * 1024 * 1024
"""Bytes beyond `SMALL` of all bodies at once, for as long as their requests are not answered."""


class ClientLeft(Exception):
    """The connection ended before the body did; nobody is there to be answered."""


class Reception:
    """Reads the whole body, counting, before anything else runs; hands it on with the request.

    A body has `seconds` to arrive, and gets a 503 where it does not: whoever pushes calls sends again what got one, and
    drops what got a 4xx. However many clients send large ones at once, no more than `room` is kept of them. The
    connection of a body that is refused stays: what still comes is thrown away, and the answer can be read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        clients: ClientMetrics,
        body_limit: int = BODY_LIMIT,
        room: int = ROOM,
        seconds: float = CLIENT_SECONDS,
    ) -> None:
        self._app = app
        self._clients = clients
        self._body_limit = body_limit
        self._room = room
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            if not await self._received(scope, receive, send, body=body):
                return
            scope[RAW_BODY] = bytes(body)
            await self._app(scope, _again(scope[RAW_BODY], receive), send)
        finally:
            self._room += _beyond_small(len(body))

    async def _received(self, scope: Scope, receive: Receive, send: Send, *, body: bytearray) -> bool:
        """Whether `body` is whole; who is refused has his answer."""
        try:
            refuse_nul(scope)
            await self._read(scope, receive, body=body)
        except Problem as problem:
            await problem.response(correlation_id=str(scope["state"]["correlation_id"]))(scope, receive, send)
            return False
        except ClientLeft:
            return False
        return True

    async def _read(self, scope: Scope, receive: Receive, *, body: bytearray) -> None:
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > self._body_limit:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in _chunks(receive):
                    self._take(chunk, body=body)
        except TimeoutError:
            self._clients.let_go(LetGo.SLOW_BODY)
            raise Unavailable(
                f"the body did not arrive within {self._seconds:g} s, so nothing is stored",
                expected="the same request in one go, after the seconds of Retry-After",
                headers={"Retry-After": "1", "Connection": "close"},
            ) from None

    def _take(self, chunk: bytes, *, body: bytearray) -> None:
        size = len(body) + len(chunk)
        if size > self._body_limit:
            raise self._too_large()
        needed = _beyond_small(size) - _beyond_small(len(body))
        if needed > self._room:
            raise Unavailable(
                "more large bodies arrive at once than there is room for",
                expected="the same request after the seconds of Retry-After",
                headers={"Retry-After": "1"},
            )
        self._room -= needed
        body += chunk

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"the body is larger than {self._body_limit} bytes",
            expected=f"at most {self._body_limit} bytes in a request; send what is more in several requests",
        )


def _beyond_small(size: int) -> int:
    return max(0, size - SMALL)


def refuse_nul(scope: Scope) -> None:
    """Raise Malformed where path or query hold the character NUL: no database text can be equal to that."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise Malformed("the address contains the character NUL (%00)", expected="an address without %00")


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and then what the connection says."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
