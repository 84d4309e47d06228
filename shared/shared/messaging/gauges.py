"""Looks now and then at what lies in the outbox, among the deadlines and in the queues, for somebody to look into."""

import asyncio
from datetime import datetime

import structlog
from aio_pika.abc import AbstractConnection
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Database
from shared.messaging.broker import BrokerIsAway, passing_connection
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import UNROUTED, Topology
from shared.time_source import TimeSource

OUTBOX_SECONDS = 5
QUEUE_EVERY = 6
"""Looks at the outbox between two looks at the queues."""

log = structlog.get_logger(__name__)


class Gauges:
    """Sets the gauges of one worker."""

    def __init__(
        self,
        broker_url: str,
        *,
        service: str,
        database: Database,
        tables: DeliveryTables,
        topology: Topology,
        time_source: TimeSource,
        metrics: DeliveryMetrics,
    ) -> None:
        self._broker_url = broker_url
        self._service = service
        self._database = database
        self._outbox = tables.outbox
        self._deadline = tables.deadline
        self._dead = [queue.dead for queue in topology.queues(service)]
        self._time = time_source
        self._metrics = metrics

    async def run(self) -> None:
        """Look for ever; an outage leaves the last values standing."""
        looks = 0
        while True:
            try:
                await self.look_at_outbox()
                await self.look_at_deadlines()
                if looks % QUEUE_EVERY == 1:  # not at once: the queues may have to be declared first
                    await self.look_at_queues()
            except (SQLAlchemyError, OSError, BrokerIsAway) as error:
                log.info("gauges wait for a server", service=self._service, error=type(error).__name__)
            looks += 1
            await asyncio.sleep(OUTBOX_SECONDS)

    async def look_at_outbox(self) -> None:
        """How many events wait, and for how long the oldest does."""
        outbox = self._outbox
        waiting = select(func.count(), func.min(outbox.c.time)).where(outbox.c.sent_at.is_(None))
        async with self._database.looks() as session:
            count, oldest = (await session.execute(waiting)).one()
        self._metrics.outbox_pending.set(count)
        self._metrics.outbox_oldest_age.set(self._age(oldest))

    async def look_at_deadlines(self) -> None:
        """How many deadlines should have had their effect and did not, because their handler fails."""
        failing = select(func.count()).where(self._deadline.c.failures > 0)
        async with self._database.looks() as session:
            self._metrics.deadlines_failing.set(await session.scalar(failing) or 0)

    async def look_at_queues(self) -> None:
        """How many messages lie in the dead-letter queues and in `unrouted`."""
        async with passing_connection(self._broker_url, name=f"{self._service} gauges") as connection:
            self._metrics.dead_letters.set(sum([await count_messages(connection, queue=name) for name in self._dead]))
            self._metrics.unrouted.set(await count_messages(connection, queue=UNROUTED))

    def _age(self, oldest: datetime | None) -> float:
        return max(0.0, (self._time.now() - oldest).total_seconds()) if oldest else 0.0


async def count_messages(connection: AbstractConnection, *, queue: str) -> int:
    """Messages that are ready in the queue."""
    async with connection.channel(publisher_confirms=False) as channel:
        found = await channel.declare_queue(queue, passive=True)
        return found.declaration_result.message_count or 0
