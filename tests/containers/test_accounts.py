"""Every service's account is refused what belongs to another: its queues, its events, its tables."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import aio_pika
import asyncpg
import httpx
import pytest
from aio_pika import ExchangeType, Message
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelAccessRefused

from shared.contracts.catalogue import EVENTS
from shared.messaging.accounts import TOPOLOGY_ACCOUNT
from shared.messaging.definitions import VHOST
from shared.messaging.topology import (
    CATALOGUE_TOPOLOGY,
    EVENTS_ARGUMENTS,
    EVENTS_EXCHANGE,
    UNHEARD,
    UNROUTED,
    own_exchange,
)
from testkit.composed import Composed
from testkit.engine import CommandFailed
from testkit.suite import SERVICES

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def connection(servers: Composed, service: str) -> AsyncIterator[AbstractConnection]:
    """The service's own account at the broker."""
    async with await aio_pika.connect(servers.broker_url(service)) as connected:
        yield connected


@pytest.fixture
async def declaring(servers: Composed) -> AsyncIterator[AbstractConnection]:
    """The account that declares."""
    async with await aio_pika.connect(servers.broker_url(TOPOLOGY_ACCOUNT)) as connected:
        yield connected


type Act = Callable[[AbstractChannel], Awaitable[object]]


async def is_refused(connection: AbstractConnection, act: Act) -> bool:
    """Whether the broker refuses it for want of rights; on a channel of its own, which a refusal closes."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    try:
        await act(channel)
    except ChannelAccessRefused:
        return True
    await channel.close()
    return False


def read(queue: str) -> Act:
    async def act(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).get(fail=False)

    return act


def bind(queue: str, *, key: str) -> Act:
    async def act(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).bind(EVENTS_EXCHANGE, key)

    return act


def say(exchange: str, *, key: str) -> Act:
    """The exchange without a name hands a message to the queue that the key names."""

    async def act(channel: AbstractChannel) -> None:
        to = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
        await to.publish(Message(b"{}"), routing_key=key)

    return act


async def find_events(channel: AbstractChannel) -> None:
    await channel.get_exchange(EVENTS_EXCHANGE)


async def declare_events(channel: AbstractChannel) -> None:
    await channel.declare_exchange(EVENTS_EXCHANGE, ExchangeType.TOPIC, durable=True, arguments=dict(EVENTS_ARGUMENTS))


def queues_of(service: str) -> list[str]:
    return [name for queue in CATALOGUE_TOPOLOGY.queues(service) for name in queue.arguments]


async def test_it_reads_its_own_queues_and_no_others(connection: AbstractConnection, service: str) -> None:
    refused = {
        (owner, queue): await is_refused(connection, read(queue)) for owner in SERVICES for queue in queues_of(owner)
    }
    assert [place for place, no in refused.items() if no is (place[0] == service)] == []
    assert await is_refused(connection, read(UNROUTED))
    assert await is_refused(connection, read(UNHEARD))


async def test_it_says_its_own_events_and_no_others(connection: AbstractConnection, service: str) -> None:
    for type_ in EVENTS:
        own = type_.startswith(f"{service}.")
        assert await is_refused(connection, say(EVENTS_EXCHANGE, key=type_)) is not own, type_


async def test_it_hands_nothing_to_the_queues_of_another_service(connection: AbstractConnection, service: str) -> None:
    for owner in set(SERVICES) - {service}:
        queue = queues_of(owner)[0]
        assert await is_refused(connection, say(own_exchange(owner), key=queue))
        assert await is_refused(connection, say("", key=queue))


async def test_it_hears_what_it_subscribed_to_and_nothing_else(connection: AbstractConnection, service: str) -> None:
    heard = {type_: queue.name for queue in CATALOGUE_TOPOLOGY.queues(service) for type_ in queue.types}
    own = next(iter(heard.values()))
    for type_ in EVENTS:
        is_own = type_ in heard
        assert await is_refused(connection, bind(heard.get(type_, own), key=type_)) is not is_own, type_


async def test_it_finds_the_exchange_of_events_and_may_not_declare_it(
    connection: AbstractConnection, service: str
) -> None:
    assert not await is_refused(connection, find_events)
    assert await is_refused(connection, declare_events)


async def test_it_declares_again_what_is_its_own(connection: AbstractConnection, service: str) -> None:
    lost = queues_of(service)[0]
    channel = await connection.channel()
    await channel.queue_delete(lost)
    refused = await CATALOGUE_TOPOLOGY.declare(connection)
    assert refused[service] == []
    assert not await is_refused(connection, read(lost))


async def test_the_account_that_declares_declares_everything_and_says_nothing(declaring: AbstractConnection) -> None:
    assert not any((await CATALOGUE_TOPOLOGY.declare(declaring)).values())
    assert not await is_refused(declaring, declare_events)
    for type_ in EVENTS:
        assert await is_refused(declaring, say(EVENTS_EXCHANGE, key=type_)), type_
    assert await is_refused(declaring, say("", key=UNROUTED))


@pytest.fixture
def of_an_older_release(servers: Composed) -> None:
    """An account that knows of no event that is new, and one that is missing."""
    stale = {"exchange": EVENTS_EXCHANGE, "write": "^intake", "read": "^$"}
    with httpx.Client(base_url=servers.management_url) as administrator:
        administrator.put(f"/api/topic-permissions/{VHOST}/intake", json=stale).raise_for_status()
        administrator.delete("/api/users/notifier").raise_for_status()


@pytest.mark.usefixtures("of_an_older_release")
async def test_rights_of_an_older_release_are_made_those_of_this_one_while_the_broker_runs(servers: Composed) -> None:
    assert "read access to topic" in (await refused_of_its_own(servers, "intake"))[0]
    servers.compose("run", "--rm", "--no-deps", "-T", "rights")
    for service in ("intake", "notifier"):
        assert await refused_of_its_own(servers, service) == []


async def refused_of_its_own(servers: Composed, service: str) -> Sequence[str]:
    async with await aio_pika.connect(servers.broker_url(service)) as connection:
        return (await CATALOGUE_TOPOLOGY.declare(connection))[service]


def test_rights_are_loaded_by_an_administrator_only(servers: Composed) -> None:
    as_declaring = servers.broker_url(TOPOLOGY_ACCOUNT, at="rabbitmq:15672").replace("amqp://", "http://")
    address = f"TOPOLOGY_MANAGEMENT_URL={as_declaring.removesuffix(f'/{VHOST}')}"
    with pytest.raises(CommandFailed, match="TOPOLOGY_MANAGEMENT_URL: the broker takes this account for no admin"):
        servers.compose("run", "--rm", "--no-deps", "-T", "--env", address, "rights")


async def test_it_enters_its_own_database_and_no_other(servers: Composed, service: str) -> None:
    own = servers.database_url(service)
    connected = await asyncpg.connect(own)
    try:
        assert await connected.fetchval("SELECT current_user") == service
        assert await connected.fetchval("SHOW statement_timeout") == "15s"
        rights = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert await connected.fetchval(rights) is False
    finally:
        await connected.close()
    for other in {*SERVICES, "postgres", "template1"} - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(own.removesuffix(service) + other)
