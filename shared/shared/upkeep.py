"""What a service does for itself beside its business, again and again: it chains the audit log, forgets, looks."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.audit import CHAINED_AT_ONCE, AuditLog
from shared.database import Database, is_outage
from shared.messaging.waiting import wait_for

CHAIN_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 2.0

log = structlog.stdlib.get_logger(__name__)


class Upkeep:
    """Repeats `step`, which says after how many seconds it wants to be repeated. Started and stopped once.

    It runs in every worker; the steps of replicas keep out of one another's way. `schema_is_current` is asked until it
    says yes before anything is done.
    """

    def __init__(
        self, step: Callable[[], Awaitable[float]], *, schema_is_current: Callable[[], Awaitable[bool]]
    ) -> None:
        self._step = step
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._schema_is_current = schema_is_current
        self._has_schema = False

    async def start(self) -> None:
        """Begin, without waiting for the database or its migrations."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the step in hand."""
        self._stopping.set()
        if self._running is not None:
            await self._running

    async def step(self) -> float:
        """One step, once the schema is there; the seconds until the next."""
        self._has_schema = self._has_schema or await self._schema_is_current()
        return await self._step() if self._has_schema else AFTER_FAILURE_SECONDS

    async def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                pause = await self.step()
            except Exception as error:
                if not is_outage(error):
                    log.exception("upkeep failed and is tried again")
                pause = AFTER_FAILURE_SECONDS
            await wait_for(self._stopping, at_most=pause)


def chaining(database: Database, *, audit: AuditLog) -> Callable[[], Awaitable[float]]:
    """A step that chains every audit entry that is not chained yet."""

    async def chain() -> float:
        async with database.looks() as session:
            if not await audit.has_unchained(session):
                return CHAIN_SECONDS
        async with database.sessions() as session:
            while await audit.chain(session) == CHAINED_AT_ONCE:
                pass
        return CHAIN_SECONDS

    return chain
