"""A TCP proxy on the loopback interface: latency, a black hole, resets, and connections that break after n bytes."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

RESET = struct.pack("ii", 1, 0)
"""Linger for no time: whoever closes a connection then resets it."""


class Proxy:
    """Stands between a client and a server. `url` is the server's URL with the proxy's place in it.

    `accepted` counts the connections that were made to it. `latency` are seconds by which everything is late that is
    sent from now on; what comes meanwhile arrives with it.
    """

    def __init__(self, server_url: str, *, latency: float = 0) -> None:
        parts = urlsplit(server_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 0)
        self._parts = parts
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.accepted = 0
        self.latency = latency
        self._left: int | None = None
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def url(self) -> str:
        return self.instead_of(urlunsplit(self._parts))

    def instead_of(self, server_url: str) -> str:
        """The way through the proxy to what this URL names on the same server."""
        parts = urlsplit(server_url)
        account = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{self._port}"))

    async def open(self) -> None:
        """Accept connections, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset every connection and refuse new ones, as a server that crashed."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones are accepted."""
        for writer in tuple(self._writers):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    def cut_after(self, count: int) -> None:
        """Pass on so many bytes more to the server, and reset every connection with the last of them. Once."""
        self._left = count

    def freeze(self) -> None:
        """Keep connections and pass on nothing, as a black hole in the network."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on again, beginning with what was kept back."""
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(
            self._pump(reader, server_writer, limit=self._within_limit), self._pump(server_reader, writer, limit=_all)
        )

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        data = await reader.read(65536)
        if data and self.latency:
            await asyncio.sleep(self.latency)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0):
                    data += await reader.read(65536)
        return data

    def _within_limit(self, data: bytes) -> bytes:
        """What may still pass; a writer that is aborted has sent it already."""
        if self._left is None:
            return data
        passed, self._left = data[: self._left], self._left - len(data)
        return passed

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, limit: Callable[[bytes], bytes]
    ) -> None:
        self._writers.add(writer)
        with contextlib.suppress(OSError):
            while data := await self._read(reader):
                await self._flows.wait()
                writer.write(limit(data))
                await writer.drain()
                if self._left is not None and self._left <= 0:
                    self._left = None
                    self.reset()
        self._writers.discard(writer)
        writer.close()


def _all(data: bytes) -> bytes:
    return data


@asynccontextmanager
async def proxy(server_url: str, *, latency: float = 0) -> AsyncIterator[Proxy]:
    """A proxy that is open within the block."""
    between = Proxy(server_url, latency=latency)
    await between.open()
    try:
        yield between
    finally:
        between.thaw()
        await between.cut()
