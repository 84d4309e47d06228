"""Waiting for something that may not come."""

import asyncio


async def wait_for(event: asyncio.Event, *, at_most: float) -> bool:
    """Whether `event` was set within `at_most` seconds."""
    try:
        async with asyncio.timeout(at_most):
            await event.wait()
    except TimeoutError:
        return False
    return True
