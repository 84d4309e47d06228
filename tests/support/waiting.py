"""Waiting for something that will happen, without guessing how long it takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from testkit.patience import PATIENCE_SECONDS

LOOK_SECONDS = 0.05


async def eventually[T](look: Callable[[], Awaitable[T]]) -> T:
    """What `look` finds once it finds anything. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await look()):  # noqa: ASYNC110  # what is waited for lies in a database
            await asyncio.sleep(LOOK_SECONDS)
        return found


def patiently[T](look: Callable[[], T]) -> T:
    """The same for tests that are not asynchronous."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)
    return found
