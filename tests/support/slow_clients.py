"""Clients that take their time, or too much of everything: connections that are written byte by byte."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from testkit.patience import PATIENCE_SECONDS

NARROW = 4096
"""Bytes that somebody who never reads takes all the same."""


type Told = str
"""The status of an answer, with `retry` where it says when to come again; `0` where there was none."""


@dataclass(slots=True)
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def begin(self, data: bytes) -> None:
        """Have it sent, as far as the server takes it, and go on."""
        self.writer.write(data)

    async def send(self, data: bytes) -> None:
        """As much of it as the server takes."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def end(self) -> Told:
        """What was answered by the time that the server has closed the connection."""
        answer = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while piece := await self.reader.read(65536):
                    answer += piece
        return _told(answer.partition(b"\r\n\r\n")[0])

    async def answer(self) -> Told:
        """What is answered, whatever becomes of the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return _told(await self.reader.readuntil(b"\r\n\r\n"))

    async def exchange(self, data: bytes) -> Told:
        """The answer to something that is still being sent."""
        sending = asyncio.create_task(self.send(data))
        told = await self.answer()
        sending.cancel()
        return told


@asynccontextmanager
async def clients(
    port: int, *, count: int, saying: Callable[[int], bytes] = lambda _: b""
) -> AsyncIterator[list[Client]]:
    """So many connections at once, for as long as the block lasts; each begins at once with what it is `saying`."""
    opened = []
    try:
        for number in range(count):
            way = socket.socket()
            way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
            way.setblocking(False)
            await asyncio.get_running_loop().sock_connect(way, ("127.0.0.1", port))
            opened.append(Client(*await asyncio.open_connection(sock=way, limit=NARROW)))
            opened[-1].begin(saying(number))
        yield opened
    finally:
        for client in opened:
            client.writer.transport.abort()


def head(method: str, path: str, *headers: str) -> bytes:
    """A request without its body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: intake", *headers, "", ""]).encode()


def _told(answer: bytes) -> Told:
    retry = " retry" if b"retry-after:" in answer.lower() else ""
    return f"{answer.split()[1].decode()}{retry}" if answer else "0"
