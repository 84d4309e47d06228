"""What a service does for itself beside its business: it chains the audit log, forgets answers, checks invariants."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from shared.actor import Actor
from shared.audit import CHAINED_AT_ONCE, AuditLog
from shared.database import Database, is_outage
from shared.http.idempotency import FORGOTTEN_AT_ONCE, Answers
from shared.invariants.watch import InvariantWatch
from shared.messaging.unit_of_work import Cause, Works
from shared.messaging.waiting import wait_for

CHAIN_SECONDS = 1.0
FORGET_SECONDS = 600.0

log = structlog.stdlib.get_logger(__name__)


class Upkeep:
    """Runs in every worker; replicas keep out of one another's way. Started and stopped once, like the worker.

    `schema_is_current` is asked until it says yes before anything is done.
    """

    def __init__(
        self,
        *,
        service: str,
        database: Database,
        works: Works,
        audit: AuditLog,
        answers: Answers,
        watch: InvariantWatch,
        schema_is_current: Callable[[], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._works = works
        self._audit = audit
        self._answers = answers
        self._cause = Cause(actor=Actor(kind="system", id=service, role="system"))
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._watch = watch
        self._forgot_at = float("-inf")
        self._looks_at = float("-inf")
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

    async def step(self) -> None:
        """Chain everything that is not chained, forget what is due, and look now and then whether all is well."""
        self._has_schema = self._has_schema or await self._schema_is_current()
        if not self._has_schema:
            return
        while await self._chain() == CHAINED_AT_ONCE:
            pass
        if monotonic() - self._forgot_at > FORGET_SECONDS:
            while await self._forget() == FORGOTTEN_AT_ONCE:
                pass
            self._forgot_at = monotonic()
        if monotonic() > self._looks_at:
            self._looks_at = monotonic() + await self._watch.step()

    async def _chain(self) -> int:
        async with self._database.sessions() as session:
            return await self._audit.chain(session)

    async def _forget(self) -> int:
        async with self._works.begin(self._cause) as work:
            gone = await self._answers.forget(work=work)
            await work.commit()
            return gone

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.step()
            except Exception as error:
                if not is_outage(error):
                    log.exception("upkeep failed and is tried again")
            await wait_for(self._stopping, at_most=CHAIN_SECONDS)
