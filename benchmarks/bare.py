"""The references: the same work with the bare drivers, and nothing of ours around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import aio_pika
import asyncpg
from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue

from shared.messaging.broker import PREFETCH, WireMessage
from shared.messaging.relay import BATCH

WINDOW = BATCH
"""Messages that wait for their confirmation at the same time: as many as the relay has."""
AT_ONCE = 16
ARGUMENTS: dict[str, str | int] = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-delivery-limit": 100_000,
    "x-dead-letter-exchange": "bare.dlx",
    "x-dead-letter-routing-key": "dead",
    "x-dead-letter-strategy": "at-least-once",
}
"""As our own topology declares the queue of a handler."""


@asynccontextmanager
async def bare_queue(url: str, *, name: str) -> AsyncIterator[AbstractChannel]:
    """A channel with confirms and an empty quorum queue of this name."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue(name, durable=True, arguments={**ARGUMENTS})
        yield channel
        await channel.queue_delete(name)


async def publish(channel: AbstractChannel, messages: Sequence[WireMessage], *, queue: str) -> float:
    """Publish all of them, pipelined, each confirmed; seconds."""
    begun = perf_counter()
    await _publish_all(channel.default_exchange, messages, to=lambda _: queue)
    return perf_counter() - begun


async def consume(channel: AbstractChannel, *, queue: str, count: int) -> float:
    """Consume so many messages and acknowledge each; seconds from the first to the last."""
    await channel.set_qos(prefetch_count=PREFETCH)
    times: list[float] = []
    done = asyncio.Event()

    async def take(message: AbstractIncomingMessage) -> None:
        await message.ack()
        times.append(perf_counter())
        if len(times) == count:
            done.set()

    source = await channel.get_queue(queue, ensure=False)
    tag = await source.consume(take)
    await done.wait()
    await source.cancel(tag)
    return times[-1] - times[0]


async def pipeline(
    url: str, broker_url: str, messages: Sequence[WireMessage], *, hearers: Mapping[str, Collection[str]], requests: int
) -> float:
    """Requests that commit a row each, and beside them the messages: published, confirmed, and heard by every hearer of
    their type, who commits a row and acknowledges. `hearers` has the types of each. Seconds until all of it is done.
    """
    deliveries = sum(message.type in types for message in messages for types in hearers.values())
    left = iter(range(requests))
    heard = asyncio.Semaphore(0)
    async with (
        asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE) as pool,
        _bare_hearers(broker_url, hearers) as (exchange, queues),
    ):
        await pool.execute("CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY, body bytea)")

        async def commit(body: bytes) -> None:
            await pool.execute("INSERT INTO bare (body) VALUES ($1)", body)

        async def hear(message: AbstractIncomingMessage) -> None:
            await commit(message.body)
            await message.ack()
            heard.release()

        async def answer() -> None:
            for _ in left:
                await commit(messages[0].body)

        async def until_heard() -> None:
            for _ in range(deliveries):
                await heard.acquire()

        tags = [await queue.consume(hear) for queue in queues]
        begun = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(answer())
            group.create_task(_publish_all(exchange, messages, to=lambda message: message.type))
            group.create_task(until_heard())
        taken = perf_counter() - begun
        for queue, tag in zip(queues, tags, strict=True):
            await queue.cancel(tag)
        return taken


async def one_commit_and_one_confirm(url: str, channel: AbstractChannel, message: WireMessage) -> tuple[float, float]:
    """Seconds that a commit and a confirmed publish take with nothing else going on: the medians of 50."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY, body bytea)")
        commits, confirms = [], []
        for _ in range(50):
            begun = perf_counter()
            await connection.execute("INSERT INTO bare (body) VALUES ($1)", message.body)
            committed = perf_counter()
            await channel.default_exchange.publish(_message(message), routing_key="bare")
            commits.append(committed - begun)
            confirms.append(perf_counter() - committed)
    finally:
        await connection.close()
    return sorted(commits)[25], sorted(confirms)[25]


async def _publish_all(
    exchange: AbstractExchange, messages: Sequence[WireMessage], *, to: Callable[[WireMessage], str]
) -> None:
    left = iter(messages)

    async def keep_publishing() -> None:
        for message in left:
            await exchange.publish(_message(message), routing_key=to(message))

    async with asyncio.TaskGroup() as group:
        for _ in range(WINDOW):
            group.create_task(keep_publishing())


@asynccontextmanager
async def _bare_hearers(
    url: str, hearers: Mapping[str, Collection[str]]
) -> AsyncIterator[tuple[AbstractExchange, list[AbstractQueue]]]:
    """An exchange, and a queue of each hearer that gets the types that he hears."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        exchange = await channel.declare_exchange("bare", ExchangeType.DIRECT)
        queues = []
        for hearer, types in hearers.items():
            queue = await channel.declare_queue(f"bare.{hearer}", durable=True, arguments={**ARGUMENTS})
            queues.append(queue)
            for type_ in types:
                await queue.bind(exchange, type_)
        yield exchange, queues
        for queue in queues:
            await queue.delete(if_unused=False, if_empty=False)
        await exchange.delete()


def _message(message: WireMessage) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        headers=dict(message.headers),
        content_type=message.content_type,
        message_id=message.message_id,
        type=message.type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
