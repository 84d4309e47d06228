"""The one place that says how the broker is talked to: nothing else opens a connection or sets an option of a message.

The libraries' own defaults lose messages: they publish transient ones, take a returned message for a delivered one,
wait for a confirmation for ever, drop what a handler failed on, fetch without limit and notice a dead peer late. Each
setting below replaces one of them, and a test pins each.

BrokerIsAway         the broker, the connection or the channel failed: everything may be tried again, nothing is counted
└── BrokerRefuses    it is there and will go on saying no, until somebody changes a setting of ours or something of its
NotAccepted          the broker refused or could not route this one message
"""

import asyncio
import random
from asyncio import CancelledError
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Self

from aio_pika import DeliveryMode, Message, connect
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    AuthenticationError,
    ChannelPreconditionFailed,
    DeliveryError,
    InvalidFrameError,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import ChannelAccessRefused, ConnectionNotAllowed
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker
from yarl import URL

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 5
CONFIRM_SECONDS = 10
OPEN_OK = "Connection.OpenOk"
"""What the library says it expected where the broker did not open the virtual host; the broker's own words are lost."""
RECONNECT_SECONDS = (0.5, 2.5)
"""Between these, by chance, so that a hundred processes do not come back in the same instant."""
PREFETCH = 40
REASON_LENGTH = 300
REFUSALS = (
    ProbableAuthenticationError,  # wrong account or password
    AuthenticationError,
    ConnectionNotAllowed,
    ChannelAccessRefused,  # the account lacks a right
    ChannelPreconditionFailed,  # there is something else of the same name
)


class BrokerIsAway(Exception):
    """No connection to the broker, or it was lost; what was under way may or may not have arrived."""


class BrokerRefuses(BrokerIsAway):
    """The account, its password, its rights, the virtual host, or something in it, are not what we need.

    It tells what the broker said, which never holds the password. To whoever works the broker is away, for passwords
    are changed in two places and in some order.
    """


class NotAccepted(Exception):
    """The broker answered, and its answer was no: it returned the message as unroutable or refused to store it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireMessage:
    """A message as it is published: always persistent, always with the event's id as `message_id`."""

    message_id: str
    type: str
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str | int] = field(default_factory=dict)


class Publisher:
    """One connection and one channel that only publish, with confirms and with unroutable messages raised.

    It is not repaired: once it raised `BrokerIsAway` it is closed, and a new one is opened.
    """

    def __init__(self, connection: AbstractConnection, *, channel: AbstractChannel) -> None:
        self._connection = connection
        self._channel = channel
        self._exchanges: dict[str, AbstractExchange] = {}
        self._is_broken = False

    @classmethod
    async def open(cls, url: str, *, name: str, prepare: Callable[[AbstractConnection], Awaitable[object]]) -> Self:
        """Connect and `prepare` the connection; the broker's own tools show it by `name`. Raises `BrokerIsAway`."""
        with broker_errors():
            connection = await connect_plainly(url, name=name)
            try:
                await prepare(connection)
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            except BaseException:
                await close_quietly(connection)
                raise
            return cls(connection, channel=channel)

    @property
    def is_open(self) -> bool:
        """Whether the next publish has a chance."""
        return not (self._is_broken or self._connection.is_closed or self._channel.is_closed)

    async def publish(self, message: WireMessage, *, exchange: str, routing_key: str) -> None:
        """Return once the broker has stored the message in a queue.

        Raises `NotAccepted` where it did not take this one, `BrokerIsAway` where nobody can know.
        """
        try:
            with broker_errors():
                await self._publish(message, exchange=exchange, routing_key=routing_key)
        except BrokerIsAway:
            self._is_broken = True
            raise

    async def _publish(self, message: WireMessage, *, exchange: str, routing_key: str) -> None:
        if exchange not in self._exchanges:
            self._exchanges[exchange] = await self._channel.get_exchange(exchange, ensure=False)
        await self._exchanges[exchange].publish(
            Message(
                message.body,
                headers=dict(message.headers),
                content_type=message.content_type,
                message_id=message.message_id,
                type=message.type,
                delivery_mode=DeliveryMode.PERSISTENT,
            ),
            routing_key=routing_key,
            mandatory=True,
            timeout=CONFIRM_SECONDS,
        )

    async def close(self) -> None:
        """Close the connection; never raises because the broker is gone."""
        await close_quietly(self._connection)


async def connect_plainly(url: str, *, name: str) -> AbstractConnection:
    """A connection that ends when it breaks; whoever holds it opens another, so nothing is half repaired."""
    try:
        return await connect(_address(url, name=name), timeout=CONNECT_SECONDS)
    except InvalidFrameError as error:
        if OPEN_OK not in str(error):
            raise
        raise BrokerRefuses("there is no such virtual host, or the account may not enter it") from error


@asynccontextmanager
async def passing_connection(url: str, *, name: str) -> AsyncIterator[AbstractConnection]:
    """A connection for one errand. Raises `BrokerIsAway` and `NotAccepted`, also for what the block does with it."""
    with broker_errors():
        connection = await connect_plainly(url, name=name)
        try:
            yield connection
        finally:
            await close_quietly(connection)


def consuming_broker(url: str, *, name: str) -> RabbitBroker:
    """A FastStream broker for one stretch of consuming; its subscribers get whole messages and acknowledge themselves.

    The wrapper of `shared.messaging.consumer` acknowledges after the commit. The broker is thrown away when its
    connection breaks, instead of being repaired: repaired connections have come back without their consumers.
    """
    return RabbitBroker(
        _address(url, name=name),
        timeout=CONNECT_SECONDS,
        default_channel=Channel(prefetch_count=PREFETCH, publisher_confirms=True, on_return_raises=True),
        ack_policy=AckPolicy.MANUAL,
        decoder=_undecoded,
        apply_types=False,
        graceful_timeout=0.1,
        logger=None,
    )


def reconnect_pause() -> float:
    """Seconds until the next attempt."""
    return random.uniform(*RECONNECT_SECONDS)  # noqa: S311 - spreads load, guards nothing


async def close_quietly(connection: AbstractConnection) -> None:
    """Close what may be broken already, without waiting for a peer that is gone."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connection.close()
    except (*CONNECTION_EXCEPTIONS, CancelledError):
        _raise_if_cancelled()


@contextmanager
def broker_errors() -> Iterator[None]:
    """Translate what the libraries raise into `BrokerIsAway`, `BrokerRefuses` and `NotAccepted`."""
    try:
        yield
    except REFUSALS as error:
        raise BrokerRefuses(f"the broker says {error}"[:REASON_LENGTH]) from error
    except (PublishError, DeliveryError) as error:
        raise NotAccepted(_reason(error)) from error
    except CONNECTION_EXCEPTIONS as error:  # TimeoutError is an OSError
        raise BrokerIsAway(_reason(error)) from error
    except CancelledError as error:  # the library cancels waiters of a connection that is closed under them
        _raise_if_cancelled()
        raise BrokerIsAway("the connection was closed meanwhile") from error


def _raise_if_cancelled() -> None:
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise CancelledError


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:REASON_LENGTH]


def _address(url: str, *, name: str) -> str:
    return str(URL(url).update_query(heartbeat=str(HEARTBEAT_SECONDS), name=name))


async def _undecoded(message: StreamMessage[object]) -> StreamMessage[object]:
    """Hand the message itself to the subscriber: what cannot be read must still reach our wrapper."""
    return message
