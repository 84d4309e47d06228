"""Exchanges and queues, derived from who hears what. Declared at boot and again whenever something is missing.

events (topic) ──<type>──> <service>.on_<event>           quorum, refused or expired messages go to its .dead
   ├──<type> that nobody subscribed to──> unheard
   └ no binding took it, though somebody subscribed: unrouted (fanout) -> unrouted
<service>.dlx (direct) ──> <service>.on_<event>.retry.5s    waits, then back to <service>.on_<event>
                       └─> <service>.on_<event>.dead        waits for a person
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Protocol

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelAccessRefused

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.messaging.broker import CONFIRM_SECONDS, broker_errors

EVENTS_EXCHANGE = "events"
UNROUTED = "unrouted"
UNHEARD = "unheard"
DELIVERY_LIMIT = 100_000
"""Far above our own count of attempts: RabbitMQ 4 would give up a message after 20 redeliveries."""
UNROUTED_LIMIT = 100_000
"""`unrouted` and `unheard` each keep up to this many messages, the oldest go first; the outbox has them all."""

type Arguments = Mapping[str, str | int]

OF_EVERY_QUEUE: Arguments = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
KEEP_THE_LATEST: Arguments = {"x-max-length": UNROUTED_LIMIT, "x-overflow": "drop-head"}
EVENTS_ARGUMENTS: Mapping[str, str] = {"alternate-exchange": UNROUTED}

type Subscriptions = Mapping[str, tuple[type[Event], ...]]
type Step = Callable[[AbstractChannel], Awaitable[None]]
"""One declaration or binding."""
type Refused = Mapping[str, Sequence[str]]
"""What an account may not do of what belongs to each service, in the broker's words: which right, on what, for whom.

Under `events` is what belongs to all of them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerQueue:
    """The queue of one handler. All publishers and versions of an event name that a service hears share one queue."""

    service: str
    name: str
    types: tuple[str, ...]
    retry_delay: timedelta

    @property
    def exchange(self) -> str:
        """The service's own exchange for retries and dead letters."""
        return own_exchange(self.service)

    @property
    def retry(self) -> str:
        """The delay is part of the name, because the time to live of a queue can never change."""
        return f"{self.name}.retry.{self.retry_delay.total_seconds():g}s"

    @property
    def dead(self) -> str:
        """Where messages end that could not be handled."""
        return f"{self.name}.dead"

    @property
    def arguments(self) -> Mapping[str, Arguments]:
        """The three queues by name, in the order in which they are declared, with what makes each what it is."""
        keep = {"x-overflow": "reject-publish"}
        waiting = {"x-message-ttl": int(self.retry_delay.total_seconds() * 1000)}
        return {
            self.dead: keep,
            self.retry: {**keep, **_dead_lettered(self.exchange, key=self.name), **waiting},
            self.name: {**keep, **_dead_lettered(self.exchange, key=self.dead)},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """All queues that the subscriptions call for."""

    subscriptions: Subscriptions
    said: Collection[str] = ()
    retry_delay: timedelta = timedelta(seconds=5)

    @property
    def unheard(self) -> tuple[str, ...]:
        """The types of `said`, which are all that anybody says, to which nobody subscribed."""
        return tuple(sorted(set(self.said) - self.heard))

    @property
    def heard(self) -> frozenset[str]:
        """The types to which somebody subscribed."""
        return frozenset(event.TYPE for events in self.subscriptions.values() for event in events)

    def queues(self, service: str) -> tuple[HandlerQueue, ...]:
        """Those of one service, by name."""
        types: dict[str, list[str]] = {}
        for event in self.subscriptions.get(service, ()):
            types.setdefault(queue_name(event, service=service), []).append(event.TYPE)
        return tuple(
            HandlerQueue(service=service, name=name, types=tuple(types[name]), retry_delay=self.retry_delay)
            for name in sorted(types)
        )

    async def declare(self, connection: AbstractConnection) -> Refused:
        """Make sure that everything is there, for all services: what one says first, another finds later.

        Where this account may not declare an exchange, nothing that belongs to it is its business, and has to be there
        already. So a service finds refusals of all others, which is as it should be, and none of its own where its
        rights are those of this release. Raises `BrokerIsAway`, and `BrokerRefuses` where something of the same name is
        there but differs.
        """
        refused: dict[str, list[str]] = {EVENTS_EXCHANGE: []}
        common = refused[EVENTS_EXCHANGE]
        with broker_errors():
            if await _may_declare(connection, exchange=UNROUTED, kind=ExchangeType.FANOUT, refused=common):
                steps = chain(_events(), _unheard(types=self.unheard, heard=self.heard))
                await _carry_out(connection, steps=steps, refused=common)
            for service in self.subscriptions:
                own = refused.setdefault(service, [])
                exchange = own_exchange(service)
                if await _may_declare(connection, exchange=exchange, kind=ExchangeType.DIRECT, refused=own):
                    steps = chain.from_iterable(_of_handler(queue) for queue in self.queues(service))
                    await _carry_out(connection, steps=steps, refused=own)
        return refused


class Declares(Protocol):
    """Whoever makes sure that everything is there."""

    async def declare(self, connection: AbstractConnection) -> Refused:
        """As `Topology.declare`."""


class DeclaredOnce:
    """A topology that is declared once for all connections of a process that ask for it at the same time.

    Each declaration takes the broker hundreds of answers, and all services come back to it in the same moment. What is
    deleted just then its consumer finds missing, and asks again.
    """

    def __init__(self, topology: Declares) -> None:
        self._topology = topology
        self._declaring = asyncio.Lock()
        self._times = 0
        self._refused: Refused = {}

    async def declare(self, connection: AbstractConnection) -> Refused:
        """As `Topology.declare`, over this connection or by what came of another's that was under way."""
        before = self._times
        async with self._declaring:
            if self._times == before:
                self._refused = await self._topology.declare(connection)
                self._times += 1
            return self._refused


CATALOGUE_TOPOLOGY = Topology(subscriptions=SUBSCRIPTIONS, said=EVENTS)
"""The suite's own."""


def own_exchange(service: str) -> str:
    """`<service>.dlx`."""
    return f"{service}.dlx"


def queue_name(event: type[Event], *, service: str) -> str:
    """`<service>.on_<event>`."""
    _, name, _ = event.TYPE.split(".")
    return f"{service}.on_{name}"


async def _may_declare(
    connection: AbstractConnection, *, exchange: str, kind: ExchangeType, refused: list[str]
) -> bool:
    async def declare(channel: AbstractChannel) -> None:
        await channel.declare_exchange(exchange, kind, durable=True, timeout=CONFIRM_SECONDS)

    known = len(refused)
    await _carry_out(connection, steps=[declare], refused=refused)
    return len(refused) == known


def _events() -> Iterator[Step]:
    yield partial(_declare_queue, name=UNROUTED, arguments=KEEP_THE_LATEST)
    yield partial(_bind, queue=UNROUTED, exchange=UNROUTED, key=UNROUTED)

    async def declare(channel: AbstractChannel) -> None:
        await channel.declare_exchange(
            EVENTS_EXCHANGE, ExchangeType.TOPIC, durable=True, arguments=dict(EVENTS_ARGUMENTS), timeout=CONFIRM_SECONDS
        )

    yield declare


def _unheard(*, types: Collection[str], heard: Collection[str]) -> Iterator[Step]:
    """Keep what nobody is meant to hear out of `unrouted`, where it would hide that a binding is missing.

    What somebody hears by now loses the binding of an earlier release, which would hide the same.
    """
    yield partial(_declare_queue, name=UNHEARD, arguments=KEEP_THE_LATEST)
    for key in types:
        yield partial(_bind, queue=UNHEARD, exchange=EVENTS_EXCHANGE, key=key)
    for key in heard:
        yield partial(_unbind, queue=UNHEARD, exchange=EVENTS_EXCHANGE, key=key)


def _of_handler(queue: HandlerQueue) -> Iterator[Step]:
    for name, arguments in queue.arguments.items():
        yield partial(_declare_queue, name=name, arguments=arguments)
    for name in queue.arguments:
        yield partial(_bind, queue=name, exchange=queue.exchange, key=name)
    for type_ in queue.types:
        yield partial(_bind, queue=queue.name, exchange=EVENTS_EXCHANGE, key=type_)


async def _declare_queue(channel: AbstractChannel, *, name: str, arguments: Arguments) -> None:
    await channel.declare_queue(name, durable=True, arguments={**OF_EVERY_QUEUE, **arguments}, timeout=CONFIRM_SECONDS)


async def _bind(channel: AbstractChannel, *, queue: str, exchange: str, key: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).bind(exchange, key, timeout=CONFIRM_SECONDS)


async def _unbind(channel: AbstractChannel, *, queue: str, exchange: str, key: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).unbind(exchange, key, timeout=CONFIRM_SECONDS)


async def _carry_out(connection: AbstractConnection, *, steps: Iterable[Step], refused: list[str]) -> None:
    """One after the other. One that is refused for want of rights ends its channel: the next ones go over another."""
    missing, is_done = iter(steps), False
    while not is_done:
        async with _may_be_forbidden(connection, refused=refused) as channel:
            for step in missing:
                await step(channel)
            is_done = True


@asynccontextmanager
async def _may_be_forbidden(connection: AbstractConnection, *, refused: list[str]) -> AsyncIterator[AbstractChannel]:
    """A channel of its own, since a refused declaration closes it; a refusal for want of rights is noted in `refused`.

    A stuck queue lets neither its declaration nor the end of its channel be answered: nothing waits without end.
    """
    async with asyncio.timeout(CONFIRM_SECONDS):
        channel = await connection.channel(publisher_confirms=False)
    try:
        yield channel
    except ChannelAccessRefused as error:
        refused.append(str(error).removeprefix("ACCESS_REFUSED - "))
    finally:
        if not channel.is_closed:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await channel.close()


def _dead_lettered(exchange: str, *, key: str) -> dict[str, str]:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-dead-letter-strategy": "at-least-once",
    }
