"""Two tiny services for the tests of delivery: `kitchen` cooks dishes and says so, `dining` hears it and serves."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal
from uuid import UUID

from prometheus_client import CollectorRegistry
from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Uuid, func, insert, select, text
from uuid_utils.compat import uuid7

from shared.actor import Actor
from shared.contracts.envelope import Event
from shared.database import Database, database
from shared.failpoints import VARIABLE, Failpoint
from shared.messaging.consumer import Consumers, Delivery, EventHandler
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.deadlines import Deadlines, FiredDeadline
from shared.messaging.expiry import Memory
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.messaging.relay_command import carry_out, read_arguments
from shared.messaging.republish import Republishing
from shared.messaging.tables import delivery_tables
from shared.messaging.topology import HandlerQueue, Topology
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works
from shared.messaging.wake import Wake
from shared.messaging.worker import Worker
from shared.observability.tracing import tracing_to
from shared.time_source import SystemTime, TimeSource
from support.forked import ForkedProcess
from testkit.patience import PATIENCE_SECONDS

MEMORY = Memory(outbox=timedelta(days=14), inbox=timedelta(days=60))
BELL = "bell"
"""The kind of deadline that every demo service knows."""
COOK = Cause(actor=Actor(kind="person", id="cook", role="cook"))


class DishCooked(Event):
    """A step of a dish is done."""

    TYPE: ClassVar[str] = "kitchen.dish_cooked.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("dish", "dish_id")

    dish_id: UUID
    step: int = 1


class SmokeSeen(Event):
    """Nobody hears this."""

    TYPE: ClassVar[str] = "kitchen.smoke_seen.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("dish", "dish_id")

    dish_id: UUID


type Handled = Literal["alone", "together"]
"""Whether each delivery has a transaction of its own, as with most handlers."""
WAYS: tuple[Handled, ...] = ("alone", "together")

TOPOLOGY = Topology(subscriptions={"dining": (DishCooked,)}, retry_delay=timedelta(seconds=1))
ON_DISH_COOKED: HandlerQueue = TOPOLOGY.queues("dining")[0]

metadata = MetaData()
tables = delivery_tables(metadata)
served = Table(
    "served",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("dish_id", Uuid, nullable=False),
    Column("step", Integer, nullable=False),
)
"""One row for each effect: twice the same dish and step is an effect too many."""


async def serve(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
    """What dining does about a dish."""
    await work.session.execute(insert(served).values(dish_id=event.dish_id, step=event.step))


def envelope_headers() -> dict[str, str | int]:
    """The headers of a dish that was cooked, as its relay would send them."""
    return {
        "cloudEvents_id": str(uuid7()),
        "cloudEvents_type": DishCooked.TYPE,
        "cloudEvents_source": "kitchen",
        "cloudEvents_subject": "dish/1",
        "cloudEvents_time": "2026-01-01T00:00:00Z",
        "cloudEvents_sequence": 1,
        "cloudEvents_correlationid": str(uuid7()),
        "cloudEvents_policyversion": "test",
    }


async def ring(deadline: FiredDeadline, work: UnitOfWork) -> None:
    """What the kitchen does when its bell is due."""
    await work.session.execute(insert(served).values(dish_id=work.new_id(), step=1))


async def always() -> bool:
    """The tables of these services are there from the beginning."""
    return True


class DemoService:
    """One process of one of the two, wired as `app.py` wires a real one."""

    def __init__(
        self,
        name: str,
        *,
        database_url: str,
        broker_url: str,
        handler: EventHandler[DishCooked] = serve,
        handled: Handled = "alone",
        attempts: int = 2,
        time: TimeSource | None = None,
        memory: Memory = MEMORY,
    ) -> None:
        self.name = name
        self.database_url = database_url
        self.broker_url = broker_url
        self.database: Database = database(database_url, service=name)
        self.time = time or SystemTime()
        self.wake = Wake(self.database, url=database_url)
        self.works = Works(self.database.sessions, tables=tables, time=self.time, policy_version="test", wake=self.wake)
        self.deadlines = Deadlines()
        self.deadlines.on(BELL, ring)
        self.registry = CollectorRegistry()
        self.letters = DeadLetters(broker_url, service=name, topology=TOPOLOGY)
        consumers = Consumers(service=name, topology=TOPOLOGY)
        if name in TOPOLOGY.subscriptions:
            hear = consumers.gather if handled == "together" else consumers.on
            hear(DishCooked, handler)
        self.worker = Worker(
            broker_url=broker_url,
            database=self.database,
            tables=tables,
            works=self.works,
            time_source=self.time,
            wake=self.wake,
            topology=TOPOLOGY,
            consumers=consumers,
            deadlines=self.deadlines,
            tracing=tracing_to(None, service=name),
            registry=self.registry,
            schema_is_current=always,
            memory=memory,
            attempts=attempts,
        )

    def republishing(self) -> Republishing:
        """Its outbox as an operator's command sees it, from a process of its own."""
        publishing = Publishing(self.broker_url, service=self.name, topology=TOPOLOGY)
        relay = Relay(
            service=self.name,
            database=self.database,
            tables=tables,
            publishing=publishing,
            time_source=self.time,
            wake=self.wake,
            tracing=tracing_to(None, service=self.name),
            metrics=DeliveryMetrics(CollectorRegistry(), service=self.name),
        )
        return Republishing(
            database=self.database, tables=tables, time_source=self.time, relay=relay, publishing=publishing
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator["DemoService"]:
        """Its worker runs within the block."""
        await self.worker.start()
        try:
            yield self
        finally:
            await self.worker.stop()

    async def send(self) -> None:
        """Have another process of the same service send all that waits."""
        replica = DemoService(self.name, database_url=self.database_url, broker_url=self.broker_url)
        async with replica.working():
            await until(lambda: _nothing_waits(replica))
        await replica.close()

    async def cook(self, dish_id: UUID | None = None, *, steps: int = 1) -> UUID:
        """Commit one dish with so many steps, in one transaction."""
        dish = dish_id or uuid7()
        async with self.works.begin(COOK) as work:
            for step in range(1, steps + 1):
                work.publish(DishCooked(dish_id=dish, step=step))
            await work.commit()
        return dish

    async def effects(self) -> list[tuple[UUID, int]]:
        """Dish and step of every effect, in the order in which they were committed."""
        async with self.database.sessions() as session:
            found = await session.execute(select(served.c.dish_id, served.c.step).order_by(served.c.position))
            return [(dish, step) for dish, step in found]

    async def unsent(self) -> int:
        """Events that wait in the outbox."""
        outbox = tables.outbox
        async with self.database.sessions() as session:
            return await session.scalar(select(func.count()).where(outbox.c.sent_at.is_(None))) or 0

    def metric(self, name: str) -> float:
        """What the process shows to Prometheus."""
        return self.registry.get_sample_value(name, {"service": self.name}) or 0.0

    async def close(self) -> None:
        await self.database.close()


async def _nothing_waits(service: DemoService) -> bool:
    return await service.unsent() == 0


async def create_tables(url: str) -> None:
    """All tables of a demo service in an empty database."""
    created = database(url, service="tests")
    async with created.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await created.close()


async def cut_connections(service: DemoService) -> None:
    """Have the server close every connection of the service's database but the one that asks."""
    async with service.database.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def copy_of(
    name: str,
    *arguments: str,
    database_url: str,
    broker_url: str,
    failpoint: Failpoint | None = None,
    handled: Handled = "alone",
) -> ForkedProcess:
    """One of the two at work in a process of its own, which dies when it reaches `failpoint`.

    With `arguments` it is the command `relay` that runs.
    """
    environment = {**os.environ, **({VARIABLE: failpoint} if failpoint else {})}

    def begin() -> ForkedProcess:
        log = Path("/dev/stderr")
        given = (name, database_url, broker_url, arguments, handled)
        return ForkedProcess(run, *given, name=name, log=log, environment=environment)

    return await asyncio.to_thread(begin)


async def run_until_killed(
    name: str,
    *arguments: str,
    database_url: str,
    broker_url: str,
    failpoint: Failpoint,
    handled: Handled = "alone",
) -> int:
    """The same until it reaches `failpoint`; its exit code."""
    copy = await copy_of(
        name, *arguments, database_url=database_url, broker_url=broker_url, failpoint=failpoint, handled=handled
    )
    try:
        return await asyncio.to_thread(copy.wait, within=PATIENCE_SECONDS)
    finally:
        copy.kill()


async def until(holds: Callable[[], Awaitable[bool] | bool], *, within: float = PATIENCE_SECONDS) -> None:
    """Return as soon as `holds` says yes. Raises `TimeoutError` where it does not within so many seconds."""
    async with asyncio.timeout(within):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.05)  # other processes and servers cannot be awaited


def run(name: str, database_url: str, broker_url: str, arguments: tuple[str, ...], handled: Handled) -> None:
    """Work as one of the two until the process is killed, or carry out its command `relay`."""

    async def work() -> None:
        service = DemoService(name, database_url=database_url, broker_url=broker_url, handled=handled)
        if arguments:
            await carry_out(read_arguments(arguments), republishing=service.republishing())
            return
        async with service.working():
            await asyncio.Event().wait()

    asyncio.run(work())
