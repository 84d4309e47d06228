"""Everything that can be broken, broken by chance while cases are registered: the same faults for the same seed."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from shared.messaging.waiting import wait_for
from support.surroundings import Surroundings
from testkit.service_process import ServiceProcess

KILL_SECONDS = (5.0, 15.0)
"""Every service is killed again and again, so many seconds apart."""
AWAY_SECONDS = (0.0, 5.0)
"""A server that crashed comes back after so long."""
HOLE_SECONDS = (5.0, 20.0)
CRASHES, HOLES = 3, 2


@dataclass
class Chaos:
    """The faults of one run; `done` counts them by name."""

    around: Surroundings
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    last_fault: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  # repeats itself, guards nothing

    def plan(self) -> list[Callable[[], Awaitable[None]]]:
        """The faults of servers and network, in an order that the seed gives."""
        faults = [self._crash_database, self._crash_broker] * CRASHES + [self._black_hole] * HOLES
        self._chance.shuffle(faults)
        return list(faults)

    @asynccontextmanager
    async def killing(self) -> AsyncIterator[None]:
        """`kill -9` of every service every five to fifteen seconds, and a start at once, while the block lasts."""
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for service in self.around.suite.services.values():
                group.create_task(self._keep_killing(service, enough=enough))
            yield
            enough.set()

    async def _keep_killing(self, service: ServiceProcess, *, enough: asyncio.Event) -> None:
        chance = random.Random(f"{self.seed} {service.name}")  # noqa: S311  # repeats itself, guards nothing
        while not await wait_for(enough, at_most=chance.uniform(*KILL_SECONDS)):
            await asyncio.to_thread(service.kill)
            await asyncio.to_thread(service.start)
            self._note(f"kill -9 of {service.name}")

    async def _crash_database(self) -> None:
        await asyncio.to_thread(self.around.postgres.crash)
        await asyncio.sleep(self._chance.uniform(*AWAY_SECONDS))
        await asyncio.to_thread(self.around.postgres.restart)
        self._note("PostgreSQL stopped hard")

    async def _crash_broker(self) -> None:
        await asyncio.to_thread(self.around.rabbitmq.crash)
        await asyncio.sleep(self._chance.uniform(*AWAY_SECONDS))
        await asyncio.to_thread(self.around.rabbitmq.restart)
        self._note("RabbitMQ killed")

    async def _black_hole(self) -> None:
        hidden = self._chance.choice([self.around.to_broker, self.around.to_database])
        hidden.freeze()
        await asyncio.sleep(self._chance.uniform(*HOLE_SECONDS))
        hidden.thaw()
        self._note("black hole")

    def _note(self, fault: str) -> None:
        self.done[fault] += 1
        self.last_fault = monotonic()
