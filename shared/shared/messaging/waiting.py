"""Waiting for something that may not come, and for what should have ended."""

import asyncio
from collections.abc import Collection

INSIST_SECONDS = 1.0
"""How long a cancelled task may take before it is cancelled again."""


async def wait_for(event: asyncio.Event, *, at_most: float) -> bool:
    """Whether `event` was set within `at_most` seconds."""
    try:
        async with asyncio.timeout(at_most):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def end_all(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel them until they have ended, whatever they end with.

    Once is not enough: a driver that is cancelled while it connects or asks may answer with an error of its own, and a
    loop that outlives errors goes on as if nobody had told it to end.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=INSIST_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
