"""Ending what runs in the background: however a library takes it."""

import asyncio

from shared.messaging.waiting import end_all


async def test_a_task_whose_library_swallows_the_first_cancellation_ends_all_the_same() -> None:
    swallowed: list[str] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append("once")

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end_all([task])
    assert (task.cancelled(), swallowed) == (True, ["once"])


async def test_a_task_that_fails_while_it_ends_hinders_nobody() -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionError("lost meanwhile")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end_all([task])
    assert isinstance(task.exception(), ConnectionError)
