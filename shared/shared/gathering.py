"""What arrives at the same moment is done in one transaction: each of many small pieces of work pays a share of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

from shared.database import concerns_everybody

type Together[Item, Result] = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Does all items in one transaction; for each its result, or the exception that it alone is to be refused with."""
type _Waiting[Item, Result] = tuple[Item, asyncio.Future[Result]]


class BrokenOff(ConnectionError):
    """What was under way was cancelled. It may be done again unchanged, as after a connection that was lost."""


class Gathering[Item, Result]:
    """Hands items on together. Where they fail together each is tried alone, so that none suffers from another.

    Where what they fail with is `of_all`, all of them are refused at once: more transactions would not mend it.
    The first item waits `within` seconds for others; whatever comes while it is done waits for that anyway. `at_most`
    are done together: what waits behind is begun as soon as they are over.
    """

    def __init__(
        self,
        together: Together[Item, Result],
        *,
        within: float,
        at_most: int,
        of_all: Callable[[BaseException], bool] = concerns_everybody,
    ) -> None:
        self._together = together
        self._of_all = of_all
        self._within = within
        self._at_most = at_most
        self._waiting: list[_Waiting[Item, Result]] = []
        self._next: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Return once the transaction with this item is committed. Raises what it is refused with, and BrokenOff."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._next is None:  # in no request's context: it works for all of them
            self._next = asyncio.create_task(self._begin(), context=Context())
        return await result

    async def _begin(self) -> None:
        """Whatever arrives while a transaction is under way joins the one after it. However it ends, nobody is left."""
        taken: list[_Waiting[Item, Result]] = []
        try:
            await asyncio.sleep(self._within)  # what comes meanwhile shares the transaction: that is the purpose
            while self._waiting:
                taken, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
                await self._do(taken)
        except BaseException as error:
            left, self._waiting = [*taken, *self._waiting], []
            _answer(left, [error if isinstance(error, Exception) else BrokenOff("cancelled")] * len(left))
            raise
        finally:
            self._next = None

    async def _do(self, taken: Sequence[_Waiting[Item, Result]]) -> None:
        failed = await self._try(taken)
        if failed is None:
            return
        if len(taken) == 1 or self._of_all(failed):
            _answer(taken, [failed] * len(taken))
        else:
            await self._one_by_one(taken)

    async def _one_by_one(self, taken: Sequence[_Waiting[Item, Result]]) -> None:
        for place, one in enumerate(taken):
            if one[1].done():  # whoever sent it has left, and sends it again
                continue
            failed = await self._try([one])
            if failed is not None and self._of_all(failed):
                _answer(taken[place:], [failed] * (len(taken) - place))
                return
            if failed is not None:
                _answer([one], [failed])

    async def _try(self, taken: Sequence[_Waiting[Item, Result]]) -> BaseException | None:
        """Do them in one transaction and answer; or what it failed with, and nobody is answered."""
        try:
            results = await self._together([item for item, _ in taken])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: whatever is raised is somebody's answer
            return error
        _answer(taken, results)
        return None


def _answer[Item, Result](taken: Sequence[_Waiting[Item, Result]], results: Sequence[Result | BaseException]) -> None:
    for (_, waiting), result in zip(taken, results, strict=True):
        if waiting.done():  # whoever sent it has left
            continue
        if isinstance(result, BaseException):
            waiting.set_exception(result)
        else:
            waiting.set_result(result)
