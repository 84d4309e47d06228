"""What a client has not taken yet of what it was answered: somebody who takes nothing is let go, however it began."""

import asyncio
import fcntl
import struct
import termios
from collections.abc import Callable

TAKEN_AT_LEAST = 1024
"""Bytes that a client has to take in one window, or the rest: far fewer than the slowest line carries."""

COUNT = struct.Struct("i")


class Unread:
    """Looks once in `seconds` whether the client acknowledged something since, and calls `give_up` where it did not.

    What counts is what the client's own system acknowledged: the buffers of this one take megabytes at once, and then
    nothing for as long as it takes until much of that is gone.
    """

    def __init__(self, transport: asyncio.Transport, *, seconds: float, give_up: Callable[[], None]) -> None:
        self._transport = transport
        self._seconds = seconds
        self._give_up = give_up
        self._left = 0
        self._look: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Begin, unless it has begun or all is on its way; nothing is to be written from now until `end`."""
        if self._look is None and self._transport.get_write_buffer_size():
            self._left = self._unacknowledged()
            self._wait()

    def end(self) -> None:
        """Let the client be; more may be written."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _wait(self) -> None:
        self._look = asyncio.get_running_loop().call_later(self._seconds, self._compare)

    def _compare(self) -> None:
        before, self._left = self._left, self._unacknowledged()
        if before - self._left < min(TAKEN_AT_LEAST, before):
            self._give_up()
        else:
            self._wait()

    def _unacknowledged(self) -> int:
        return self._transport.get_write_buffer_size() + _queued(self._transport)


def _queued(transport: asyncio.Transport) -> int:
    """Bytes that the system has taken and the client's has not acknowledged; 0 where the system does not tell."""
    way = transport.get_extra_info("socket")
    try:
        told = fcntl.ioctl(way.fileno(), termios.TIOCOUTQ, bytes(COUNT.size))
    except OSError:
        return 0
    found: int = COUNT.unpack(told)[0]
    return found
