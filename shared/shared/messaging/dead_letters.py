"""Working off what could not be handled: look at it, hand it in again, or drop it.

Peeking takes messages without acknowledging them and gives them back by closing the channel, so that a command that
dies half way loses nothing; replaying publishes a copy first and removes the original after it was confirmed.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from shared.messaging.broker import Publisher, WireMessage, passing_connection
from shared.messaging.consumer import ATTEMPTS_HEADER, ERROR_HEADER, REASON_HEADER
from shared.messaging.gauges import count_messages
from shared.messaging.topology import EVENTS_EXCHANGE, UNROUTED, Topology
from shared.messaging.wire import PREFIX

OURS = (ATTEMPTS_HEADER, ERROR_HEADER, REASON_HEADER)


class NoSuchQueue(LookupError):
    """Not a dead-letter queue of this service; the message says which there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadQueue:
    """A queue that a person works off, and how many messages lie in it."""

    queue: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message: whose event it is and why it lies here. `body` is as it came, decoded as far as it is text."""

    queue: str
    id: str
    type: str
    subject: str
    reason: str
    error: str
    attempts: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Return:
    exchange: str
    routing_key: str


class DeadLetters:
    """The dead letters of one service, and `unrouted`, which all services share."""

    def __init__(self, broker_url: str, *, service: str, topology: Topology) -> None:
        self._url = broker_url
        self._name = f"{service} dead letters"
        self._returns: dict[str, _Return | None] = {
            queue.dead: _Return(exchange=queue.exchange, routing_key=queue.name) for queue in topology.queues(service)
        }
        self._returns[UNROUTED] = None
        self._topology = topology

    async def overview(self) -> list[DeadQueue]:
        """Every queue with its number of messages. Raises `BrokerIsAway`, as all of these do."""
        async with passing_connection(self._url, name=self._name) as connection:
            return [
                DeadQueue(queue=queue, messages=await count_messages(connection, queue=queue))
                for queue in self._returns
            ]

    async def show(self, queue: str, *, limit: int = 20) -> list[DeadLetter]:
        """The oldest messages of the queue, which stay in it."""
        async with self._taken(queue) as messages:
            letters = []
            async for message in messages:
                letters.append(_letter(message, queue=queue))
                if len(letters) == limit:
                    break
            return letters

    async def replay(self, queue: str, *, ids: Collection[str] | None = None) -> int:
        """Hand messages in again, all of them or those with these ids; their attempts are counted anew. How many."""
        publisher = await Publisher.open(self._url, name=self._name, prepare=self._topology.declare)
        try:
            count = 0
            async with self._taken(queue) as messages:
                async for message in messages:
                    if ids is None or message.message_id in ids:
                        target = self._returns[queue] or _Return(
                            exchange=EVENTS_EXCHANGE, routing_key=message.routing_key or ""
                        )
                        await publisher.publish(
                            _as_it_came(message), exchange=target.exchange, routing_key=target.routing_key
                        )
                        await message.ack()
                        count += 1
            return count
        finally:
            await publisher.close()

    async def drop(self, queue: str, *, ids: Collection[str] | None = None) -> int:
        """Forget messages for good, all of them or those with these ids. How many."""
        count = 0
        async with self._taken(queue) as messages:
            async for message in messages:
                if ids is None or message.message_id in ids:
                    await message.ack()
                    count += 1
        return count

    @asynccontextmanager
    async def _taken(self, queue: str) -> AsyncIterator[AsyncIterator[AbstractIncomingMessage]]:
        """The messages that lie in the queue now; those not acknowledged go back when the block ends."""
        if queue not in self._returns:
            raise NoSuchQueue(f"no dead-letter queue {queue!r}; there are {', '.join(self._returns)}")
        async with passing_connection(self._url, name=self._name) as connection:
            yield _messages(connection, queue=queue)


async def _messages(connection: AbstractConnection, *, queue: str) -> AsyncIterator[AbstractIncomingMessage]:
    channel = await connection.channel(publisher_confirms=False)
    source = await channel.declare_queue(queue, passive=True)
    for _ in range(source.declaration_result.message_count or 0):  # what is replayed may come back meanwhile
        message = await source.get(fail=False)
        if message is None:
            return
        yield message


def _letter(message: AbstractIncomingMessage, *, queue: str) -> DeadLetter:
    attempts = message.headers.get(ATTEMPTS_HEADER)
    return DeadLetter(
        queue=queue,
        id=message.message_id or "",
        type=message.type or message.routing_key or "",
        subject=str(message.headers.get(f"{PREFIX}subject", "")),
        reason=str(message.headers.get(REASON_HEADER, "unrouted" if queue == UNROUTED else "given up by the broker")),
        error=str(message.headers.get(ERROR_HEADER, "")),
        attempts=attempts if isinstance(attempts, int) else 0,
        body=message.body.decode(errors="replace"),
    )


def _as_it_came(message: AbstractIncomingMessage) -> WireMessage:
    return WireMessage(
        message_id=message.message_id or "",
        type=message.type or "",
        body=message.body,
        content_type=message.content_type or "application/octet-stream",
        headers={
            name: value for name, value in message.headers.items() if name not in OURS and isinstance(value, str | int)
        },
    )
