"""The references: the same work with the bare drivers, and nothing of ours around it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

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
    exchange = channel.default_exchange
    left = iter(messages)

    async def keep_publishing() -> None:
        for message in left:
            await exchange.publish(_message(message), routing_key=queue)

    begun = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(WINDOW):
            group.create_task(keep_publishing())
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


async def pipeline(url: str, channel: AbstractChannel, messages: Sequence[WireMessage], *, commits: int) -> float:
    """So many commits of one row each, and the messages published, side by side; seconds until both are done."""
    pool = await asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE)
    async with pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY, body bytea)")
        left = iter(range(commits))

        async def keep_committing() -> None:
            for _ in left:
                await pool.execute("INSERT INTO bare (body) VALUES ($1)", messages[0].body)

        begun = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(keep_committing())
            group.create_task(publish(channel, messages, queue="bare"))
        return perf_counter() - begun


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


def _message(message: WireMessage) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        headers=dict(message.headers),
        content_type=message.content_type,
        message_id=message.message_id,
        type=message.type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
