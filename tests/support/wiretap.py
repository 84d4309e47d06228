"""Queues of the tests beside those of a demo service: one that hears everything, one that takes nothing."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.broker import passing_connection
from shared.messaging.topology import EVENTS_EXCHANGE
from support.kitchen import TOPOLOGY

WIRETAP = "wiretap"


async def tap(broker_url: str) -> None:
    """A queue that keeps everything that is said."""
    async with passing_connection(broker_url, name="tests") as connection:
        await TOPOLOGY.declare(connection)
        channel = await connection.channel()
        queue = await channel.declare_queue(WIRETAP, durable=True)
        await queue.bind(EVENTS_EXCHANGE, "#")


async def said(broker_url: str) -> list[AbstractIncomingMessage]:
    """All that the tap kept, in order; it is empty afterwards."""
    found = []
    async with passing_connection(broker_url, name="tests") as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(WIRETAP, passive=True)
        while message := await queue.get(fail=False, no_ack=True):
            found.append(message)
    return found


def sequences(messages: Sequence[AbstractIncomingMessage]) -> Mapping[str, list[int]]:
    """Subject to the sequences that were heard about it, in order."""
    found: dict[str, list[int]] = {}
    for message in messages:
        sequence = message.headers["cloudEvents_sequence"]
        assert isinstance(sequence, int)
        found.setdefault(str(message.headers["cloudEvents_subject"]), []).append(sequence)
    return found


@asynccontextmanager
async def full_queue(broker_url: str, *, key: str) -> AsyncIterator[None]:
    """While the block lasts, the broker refuses every message with this key."""
    async with passing_connection(broker_url, name="tests") as connection:
        channel = await connection.channel()
        full = await channel.declare_queue(
            "full", durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"}
        )
        await full.bind(EVENTS_EXCHANGE, key)
        await channel.default_exchange.publish(Message(b"here first"), "full")
        yield
        await full.delete(if_unused=False, if_empty=False)
