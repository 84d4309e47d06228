"""The background half of a service: relay, deadlines and consumers as tasks of one event loop.

It starts before its servers are there and outlives their coming and going. Ending, it stops taking, finishes what has
begun, and leaves the rest to be delivered again.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import CollectorRegistry

from shared.database import Database, is_outage
from shared.messaging.broker import BrokerRefuses, reconnect_pause
from shared.messaging.consumer import ATTEMPTS, Consumers, Receiver
from shared.messaging.consuming import Consuming
from shared.messaging.deadlines import DeadlineLoop, Deadlines
from shared.messaging.expiry import Memory
from shared.messaging.gauges import Gauges
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import DeclaredOnce, Topology
from shared.messaging.unit_of_work import Works
from shared.messaging.waiting import end_all, wait_for
from shared.messaging.wake import Wake
from shared.observability.tracing import Tracing
from shared.time_source import TimeSource

STOP_SECONDS = 14.0

log = structlog.get_logger(__name__)

type SchemaCheck = Callable[[], Awaitable[bool]]


class Worker:
    """Everything that runs beside the API, started and stopped once.

    `schema_is_current` is asked until it says yes before any work begins.
    """

    def __init__(
        self,
        *,
        broker_url: str,
        database: Database,
        tables: DeliveryTables,
        works: Works,
        time_source: TimeSource,
        wake: Wake,
        topology: Topology,
        consumers: Consumers,
        deadlines: Deadlines,
        tracing: Tracing,
        registry: CollectorRegistry,
        schema_is_current: SchemaCheck,
        memory: Memory,
        attempts: int = ATTEMPTS,
    ) -> None:
        service = consumers.service
        metrics = DeliveryMetrics(registry, service=service)
        self._service = service
        self._wake = wake
        self._schema_is_current = schema_is_current
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        declared_once = DeclaredOnce(topology)
        self._publishing = Publishing(broker_url, service=service, topology=declared_once)
        self._relay = Relay(
            service=service,
            database=database,
            tables=tables,
            publishing=self._publishing,
            time_source=time_source,
            wake=wake,
            tracing=tracing,
            metrics=metrics,
        )
        self._deadlines = DeadlineLoop(
            service=service,
            database=database,
            tables=tables,
            works=works,
            time_source=time_source,
            deadlines=deadlines,
            tracing=tracing,
            metrics=metrics,
        )
        receiver = Receiver(
            consumers=consumers,
            works=works,
            tables=tables,
            publishing=self._publishing,
            tracing=tracing,
            metrics=metrics,
            memory=memory,
            attempts=attempts,
        )
        self._consuming = Consuming(
            broker_url,
            service=service,
            queues=consumers.queues(),
            topology=declared_once,
            receiver=receiver,
            metrics=metrics,
        )
        self._gauges = Gauges(
            broker_url,
            service=service,
            database=database,
            tables=tables,
            topology=topology,
            time_source=time_source,
            metrics=metrics,
        )

    @property
    def consumers_attached(self) -> bool:
        """For readiness: whether the broker really delivers to every handler; false from a loss until it is mended."""
        return self._consuming.all_attached

    @property
    def consumers_problem(self) -> str | None:
        """For readiness: which right this account lacks, or why a handler has no queue; None where all is well."""
        return self._consuming.problem

    @property
    def refused_by_broker(self) -> BrokerRefuses | None:
        """For readiness: what the broker said where it will not have this service as its settings have it come."""
        return self._consuming.refusal

    async def start(self) -> None:
        """Begin to work, without waiting for servers that are not up yet."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take nothing new, finish what has begun, within 15 s; the rest will be delivered again."""
        self._stopping.set()
        self._wake.this_process()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        await self._keep(self._wait_for_schema)
        relay, deadlines, consuming = self._relay, self._deadlines, self._consuming
        loops = [
            asyncio.create_task(self._keep(loop))
            for loop in (
                lambda: relay.run(stopping=self._stopping),
                lambda: deadlines.run(stopping=self._stopping),
                lambda: consuming.run(stopping=self._stopping),
            )
        ]
        helpers = [asyncio.create_task(self._keep(helper)) for helper in (self._wake.listen, self._gauges.run)]
        try:
            await self._stopping.wait()
            _, late = await asyncio.wait(loops, timeout=STOP_SECONDS)
            if late:
                log.warning("ended before everything had finished", service=self._service)
        finally:
            await end_all((*loops, *helpers))
            await self._publishing.close()

    async def _wait_for_schema(self) -> None:
        while not self._stopping.is_set():
            try:
                if await self._schema_is_current():
                    return
                log.info("worker waits for the migrations", service=self._service)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.info("worker waits for the database", service=self._service)
            await wait_for(self._stopping, at_most=reconnect_pause())

    async def _keep(self, loop: Callable[[], Awaitable[None]]) -> None:
        """The edge of the process: a bug in one loop is logged and does not take the others with it."""
        while True:
            try:
                await loop()
            except Exception:
                log.exception("a loop of the worker failed and begins again", service=self._service)
                if not await wait_for(self._stopping, at_most=reconnect_pause()):
                    continue
            return
