"""What arrives within two milliseconds is done in one transaction: each of many small requests pays a share of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

from shared.database import is_outage

WITHIN_SECONDS = 0.002
AT_MOST = 100
"""Items in one transaction: what waits behind is begun as soon as this one is over."""

type Together[Item, Result] = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Does all items in one transaction; for each its result, or the exception that it alone is to be refused with."""


class Gathering[Item, Result]:
    """Hands items on together. Where they fail together each is tried alone, so that none suffers from another."""

    def __init__(self, together: Together[Item, Result]) -> None:
        self._together = together
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._next: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def add(self, item: Item) -> Result:
        """Return once the transaction with this item is committed. Raises what it is refused with."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._next is None:  # in no request's context: it works for all of them
            self._next = asyncio.create_task(self._begin(), context=Context())
        return await result

    async def _begin(self) -> None:
        await asyncio.sleep(WITHIN_SECONDS)
        async with self._turn:  # whatever arrives while the transaction before is under way joins this one
            while self._waiting:
                taken, self._waiting = self._waiting[:AT_MOST], self._waiting[AT_MOST:]
                await self._do(taken)
            self._next = None

    async def _do(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._together([item for item, _ in taken])
        except Exception as error:  # noqa: BLE001 - the edge: whatever is raised becomes the answer of a request
            if len(taken) > 1 and not is_outage(error):
                for one in taken:
                    await self._do([one])
                return
            results = [error] * len(taken)
        for (_, waiting), result in zip(taken, results, strict=True):
            if waiting.done():  # whoever sent it has left
                continue
            if isinstance(result, Exception):
                waiting.set_exception(result)
            else:
                waiting.set_result(result)
