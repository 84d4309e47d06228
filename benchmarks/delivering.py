"""What the delivery path moves: a backlog out of an outbox, and deliveries into a database, against bare aio-pika."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from time import perf_counter
from uuid import UUID, uuid4

import aio_pika
from prometheus_client import CollectorRegistry
from sqlalchemy import func, insert, select
from uvloop import run

from benchmarks import bare
from benchmarks.figures import Figure, Goal, Pair
from benchmarks.ground import Ground
from shared.messaging.broker import WireMessage
from shared.messaging.consumer import Consumers, Delivery, Receiver
from shared.messaging.consuming import Consuming
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.messaging.unit_of_work import UnitOfWork
from shared.observability.tracing import tracing_to
from support.kitchen import (
    COOK,
    MEMORY,
    ON_DISH_COOKED,
    TOPOLOGY,
    DemoService,
    DishCooked,
    SmokeSeen,
    create_tables,
    envelope_headers,
    served,
    tables,
)

EVENTS_PER_SUBJECT = 10
WRITTEN_AT_ONCE = 500
SERVING = insert(served)


def relay(ground: Ground) -> Figure:
    """A backlog of events, ten of each subject, shuffled; the queue is read afterwards: nothing out of order."""
    return Figure(
        name="relay_backlog",
        what=f"relay a backlog of {ground.sizes.backlog:,} events, in order per subject",
        against="bare aio-pika, pipelined confirmed publishing of the same bodies to the same kind of quorum queue",
        unit="events/s",
        goal=Goal(must=">= 0.7", after=">= 0.9"),
        runs=[run(_relay_once(ground)) for _ in range(ground.sizes.runs)],
    )


def consume(ground: Ground) -> Figure:
    """Deliveries that each leave an inbox row, one row and one outbox row."""
    return Figure(
        name="consume_with_inbox",
        what="consume with inbox, one row and one outbox row for each event",
        against="bare aio-pika consume and ack",
        unit="events/s",
        goal=Goal(must=">= 0.10", after=">= 0.25"),
        runs=[run(_consume_once(ground)) for _ in range(ground.sizes.runs)],
    )


async def _relay_once(ground: Ground) -> Pair:
    count = ground.sizes.backlog
    async with _demo_service(ground, name="kitchen") as (kitchen, broker_url):
        await _write_backlog(kitchen, count=count)
        publishing = Publishing(broker_url, service="kitchen", topology=TOPOLOGY)
        relaying = Relay(
            service="kitchen",
            database=kitchen.database,
            tables=tables,
            publishing=publishing,
            time_source=kitchen.time,
            wake=kitchen.wake,
            tracing=tracing_to(None, service="kitchen"),
            metrics=DeliveryMetrics(CollectorRegistry(), service="kitchen"),
        )
        await publishing.publisher()  # connected, as it is while a backlog grows
        begun = perf_counter()
        while (await relaying.relay_once()).claimed:
            pass
        seconds = perf_counter() - begun
        await publishing.close()
        await _require_order(broker_url, count=count)
        async with bare.bare_queue(broker_url, name="bare") as channel:
            reference = await bare.publish(channel, _messages(count), queue="bare")
    return Pair(value=count / seconds, reference=count / reference)


async def _consume_once(ground: Ground) -> Pair:
    count = ground.sizes.deliveries
    async with _demo_service(ground, name="dining") as (dining, broker_url):
        begun: list[float] = []
        consuming = _consuming(dining, broker_url=broker_url, begun=begun)
        connection = await aio_pika.connect(broker_url)
        async with connection:
            await TOPOLOGY.declare(connection)
            channel = await connection.channel(publisher_confirms=True)
            await bare.publish(channel, _messages(count), queue=ON_DISH_COOKED.name)
        stopping = asyncio.Event()
        running = asyncio.create_task(consuming.run(stopping=stopping))
        while len(begun) < count or await _served(dining) < count:  # noqa: ASYNC110 - seen in the database only
            await asyncio.sleep(0.02)  # nobody tells when rows are there
        seconds = perf_counter() - begun[0]
        stopping.set()
        await running
        async with bare.bare_queue(broker_url, name="bare") as channel:
            await bare.publish(channel, _messages(count), queue="bare")
            reference = await bare.consume(channel, queue="bare", count=count)
    return Pair(value=count / seconds, reference=count / reference)


@asynccontextmanager
async def _demo_service(ground: Ground, *, name: str) -> AsyncIterator[tuple[DemoService, str]]:
    """One of the two small services of the delivery tests, on a database and a virtual host of its own."""
    mark = f"bench_{uuid4().hex[:8]}"
    url = await ground.postgres.create_database(mark, owner=mark, password=mark)
    broker_url = ground.rabbitmq.create_vhost(mark)
    await create_tables(url)
    service = DemoService(name, database_url=url, broker_url=broker_url)
    try:
        yield service, broker_url
    finally:
        await service.close()
        ground.rabbitmq.delete_vhost(mark)
        await ground.postgres.drop_database(mark)


async def _write_backlog(kitchen: DemoService, *, count: int) -> None:
    """As use cases would: many transactions, the events of all subjects mixed."""
    subjects = [uuid4() for _ in range(max(1, count // EVENTS_PER_SUBJECT))]
    order = [subject for subject in subjects for _ in range(EVENTS_PER_SUBJECT)][:count]
    Random(1).shuffle(order)  # noqa: S311 - the same mixture every time
    steps: dict[UUID, int] = {}
    for begin in range(0, count, WRITTEN_AT_ONCE):
        async with kitchen.works.begin(COOK) as work:
            for subject in order[begin : begin + WRITTEN_AT_ONCE]:
                steps[subject] = steps.get(subject, 0) + 1
                work.publish(DishCooked(dish_id=subject, step=steps[subject]))
            await work.commit()


async def _require_order(broker_url: str, *, count: int) -> None:
    """Raises where an event of a subject came before an earlier one of it, or one is missing."""
    connection = await aio_pika.connect(broker_url)
    steps: dict[UUID, int] = {}
    heard = 0
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=WRITTEN_AT_ONCE)
        queue = await channel.get_queue(ON_DISH_COOKED.name)
        async with queue.iterator(no_ack=False) as messages:
            async for message in messages:
                dish = DishCooked.model_validate_json(message.body)
                if dish.step != steps.get(dish.dish_id, 0) + 1:
                    raise AssertionError(f"{dish} came after step {steps.get(dish.dish_id, 0)}")
                steps[dish.dish_id] = dish.step
                await message.ack()
                heard += 1
                if heard == count:
                    return


def _consuming(dining: DemoService, *, broker_url: str, begun: list[float]) -> Consuming:
    async def serve(event: DishCooked, _: Delivery, work: UnitOfWork) -> None:
        begun.append(perf_counter())
        await work.session.execute(SERVING, {"dish_id": event.dish_id, "step": event.step})
        work.publish(SmokeSeen(dish_id=event.dish_id))

    consumers = Consumers(service="dining", topology=TOPOLOGY)
    consumers.gather(DishCooked, serve)  # as intake and notifier hear nearly everything
    metrics = DeliveryMetrics(CollectorRegistry(), service="dining")
    publishing = Publishing(broker_url, service="dining", topology=TOPOLOGY)
    receiver = Receiver(
        consumers=consumers,
        works=dining.works,
        tables=tables,
        publishing=publishing,
        metrics=metrics,
        memory=MEMORY,
    )
    return Consuming(
        broker_url,
        service="dining",
        queues=consumers.queues(),
        topology=TOPOLOGY,
        receiver=receiver,
        metrics=metrics,
    )


async def _served(dining: DemoService) -> int:
    async with dining.database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(served)) or 0


def _messages(count: int) -> Sequence[WireMessage]:
    """What the relay would send."""
    return [
        WireMessage(
            message_id=str(headers["cloudEvents_id"]),
            type=DishCooked.TYPE,
            body=DishCooked(dish_id=uuid4()).model_dump_json().encode(),
            headers=headers,
        )
        for headers in (envelope_headers() for _ in range(count))
    ]
