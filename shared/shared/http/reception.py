"""The first thing that a request meets: a limit on its body, and the characters that nothing behind can take."""

import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.bodies import RAW_BODY
from shared.http.problems import Malformed, Problem, TooLarge

BODY_LIMIT = 256 * 1024
"""Bytes. What is larger is a file, and files come in pieces."""

BODY_SECONDS = 30.0


class ClientLeft(Exception):
    """The connection ended before the body did; nobody is there to be answered."""


class Reception:
    """Reads the whole body, counting, before anything else runs; hands it on with the request."""

    def __init__(self, app: ASGIApp, *, body_limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            refuse_nul(scope)
            body = await self._body(scope, receive)
        except Problem as problem:
            await problem.response(correlation_id=str(scope["state"]["correlation_id"]))(scope, receive, send)
            return
        except ClientLeft:
            return
        scope[RAW_BODY] = body
        await self._app(scope, _again(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > self._body_limit:
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in _chunks(receive):
                    body += chunk
                    if len(body) > self._body_limit:
                        raise self._too_large()
        except TimeoutError:
            raise Malformed(
                f"the body did not arrive within {BODY_SECONDS:.0f} s",
                expected="as many bytes as Content-Length says",
                headers={"Connection": "close"},
            ) from None
        return bytes(body)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"the body is larger than {self._body_limit} bytes",
            expected=f"at most {self._body_limit} bytes in a request; send what is more in several requests",
            headers={"Connection": "close"},
        )


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
