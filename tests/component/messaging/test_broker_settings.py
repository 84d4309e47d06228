"""One test for each default of FastStream and aio-pika that would lose a message, or delay it without end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from aio_pika import DeliveryMode, Message
from uuid_utils.compat import uuid7

from shared.failpoints import Failpoint
from shared.messaging.broker import (
    HEARTBEAT_SECONDS,
    PREFETCH,
    BrokerIsAway,
    NotAccepted,
    Publisher,
    WireMessage,
    passing_connection,
)
from shared.messaging.consumer import Delivery
from shared.messaging.gauges import count_messages
from shared.messaging.topology import EVENTS_EXCHANGE, UNHEARD, UNROUTED
from shared.messaging.unit_of_work import UnitOfWork
from support.kitchen import (
    ON_DISH_COOKED,
    TOPOLOGY,
    WAYS,
    DemoService,
    DishCooked,
    Handled,
    SmokeSeen,
    envelope_headers,
    run_until_killed,
    serve,
    until,
)
from support.proxy import proxy
from testkit.servers.rabbitmq import RabbitMQ

MESSAGE = WireMessage(message_id="1", type=SmokeSeen.TYPE, body=b"{}")


@pytest.fixture
async def publisher(broker_url: str) -> AsyncIterator[Publisher]:
    opened = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    yield opened
    await opened.close()


def managed(rabbitmq: RabbitMQ, broker_url: str, *, kind: str) -> list[dict[str, object]]:
    """What the broker itself says about the `connections`, `consumers` … of a virtual host."""
    host = urlsplit(broker_url).path.removeprefix("/")
    path = f"/api/vhosts/{host}/connections" if kind == "connections" else f"/api/{kind}/{host}"
    found: list[dict[str, object]] = rabbitmq.management.get(path).json()
    return found


async def test_messages_survive_a_restart_of_the_broker(publisher: Publisher, broker_url: str) -> None:
    """The default publishes transient messages."""
    await publisher.publish(MESSAGE, exchange=EVENTS_EXCHANGE, routing_key=SmokeSeen.TYPE)
    async with passing_connection(broker_url, name="tests") as connection:
        queue = await (await connection.channel()).get_queue(UNROUTED)
        message = await queue.get()
    assert message is not None
    assert message.delivery_mode == DeliveryMode.PERSISTENT
    assert (message.message_id, message.type) == ("1", SmokeSeen.TYPE)


async def test_queues_survive_a_restart_and_replicate_and_never_drop_what_they_hold(
    publisher: Publisher, rabbitmq: RabbitMQ, broker_url: str
) -> None:
    """The default declares classic queues without dead letters; RabbitMQ 4 drops after 20 redeliveries."""
    queues = {str(queue["name"]): queue for queue in managed(rabbitmq, broker_url, kind="queues")}
    assert queues.keys() == {ON_DISH_COOKED.name, ON_DISH_COOKED.retry, ON_DISH_COOKED.dead, UNHEARD, UNROUTED}
    for name, queue in queues.items():
        arguments = queue["arguments"]
        assert isinstance(arguments, dict)
        assert queue["durable"]
        assert arguments["x-queue-type"] == "quorum"
        assert arguments["x-delivery-limit"] >= 100_000
        if name not in {UNHEARD, UNROUTED}:
            assert arguments["x-overflow"] == "reject-publish"
    for name in (ON_DISH_COOKED.name, ON_DISH_COOKED.retry):
        arguments = queues[name]["arguments"]
        assert isinstance(arguments, dict)
        assert arguments["x-dead-letter-strategy"] == "at-least-once"
        assert arguments["x-dead-letter-exchange"] == "dining.dlx"


async def test_a_message_that_was_returned_counts_as_not_sent(publisher: Publisher) -> None:
    """The default hands a returned message back as if it were a confirmation."""
    with pytest.raises(NotAccepted):
        await publisher.publish(MESSAGE, exchange=ON_DISH_COOKED.exchange, routing_key="nowhere")


async def test_a_message_that_the_broker_would_not_store_counts_as_not_sent(
    publisher: Publisher, broker_url: str
) -> None:
    """Without confirms, and without waiting for them, this goes unnoticed."""
    async with passing_connection(broker_url, name="tests") as connection:
        channel = await connection.channel()
        full = await channel.declare_queue("full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        await full.bind(EVENTS_EXCHANGE, SmokeSeen.TYPE)
        await channel.default_exchange.publish(Message(b"here first"), "full")
        with pytest.raises(NotAccepted):
            await publisher.publish(MESSAGE, exchange=EVENTS_EXCHANGE, routing_key=SmokeSeen.TYPE)


async def test_a_confirmation_that_does_not_come_is_not_waited_for_without_end(
    broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default waits for ever."""
    monkeypatch.setattr("shared.messaging.broker.CONFIRM_SECONDS", 0.5)
    async with proxy(broker_url) as between:
        publisher = await Publisher.open(between.url, name="tests", prepare=TOPOLOGY.declare)
        between.freeze()
        with pytest.raises(BrokerIsAway):
            await publisher.publish(MESSAGE, exchange=EVENTS_EXCHANGE, routing_key=SmokeSeen.TYPE)
        assert not publisher.is_open
        between.thaw()
        await publisher.close()


async def test_a_broker_that_answers_no_declaration_is_not_waited_for_without_end(
    broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stuck queue would hold up a consumer, and with it the end of its process, for ever."""
    monkeypatch.setattr("shared.messaging.topology.CONFIRM_SECONDS", 0.5)
    monkeypatch.setattr("shared.messaging.broker.HEARTBEAT_SECONDS", 0)  # the connection itself is well
    async with proxy(broker_url) as between, passing_connection(between.url, name="tests") as connection:
        between.freeze()
        with pytest.raises(BrokerIsAway):
            await TOPOLOGY.declare(connection)


async def test_an_exchange_that_is_not_there_is_noticed(publisher: Publisher) -> None:
    """The channel closes under whoever waits for a confirmation."""
    with pytest.raises(BrokerIsAway):
        await publisher.publish(MESSAGE, exchange="nowhere", routing_key="x")
    assert not publisher.is_open


async def test_dead_peers_are_noticed_soon_and_publishing_does_not_share_a_connection_with_consuming(
    kitchen: DemoService, dining: DemoService, rabbitmq: RabbitMQ, broker_url: str
) -> None:
    """The default heartbeat is a minute; a broker short of memory blocks connections that publish."""
    async with dining.working():
        await until(lambda: {"dining publishing", "dining consuming"} <= heartbeats(rabbitmq, broker_url).keys())
        assert set(heartbeats(rabbitmq, broker_url).values()) == {HEARTBEAT_SECONDS}


def heartbeats(rabbitmq: RabbitMQ, broker_url: str) -> dict[str, object]:
    """The connections by their names, each with the seconds after which it counts as dead."""
    found = managed(rabbitmq, broker_url, kind="connections")
    return {str(one["user_provided_name"]): one["timeout"] for one in found if "user_provided_name" in one}


async def test_a_consumer_takes_a_limited_number_of_messages_and_acknowledges_each(
    dining: DemoService, rabbitmq: RabbitMQ, broker_url: str
) -> None:
    """The default fetches the whole queue into one process."""
    async with dining.working():
        await until(lambda: bool(managed(rabbitmq, broker_url, kind="consumers")))
        (consumer,) = managed(rabbitmq, broker_url, kind="consumers")
    assert (consumer["prefetch_count"], consumer["ack_required"]) == (PREFETCH, True)


@pytest.mark.promise("R22")
@pytest.mark.parametrize("handled", WAYS)
@pytest.mark.parametrize(("failpoint", "duplicates"), [("consumer.before_commit", 0), ("consumer.before_ack", 1)])
async def test_a_consumer_killed_round_its_commit_neither_loses_nor_doubles_an_effect(
    kitchen: DemoService,
    dining: DemoService,
    other_database_url: str,
    broker_url: str,
    *,
    failpoint: Failpoint,
    duplicates: int,
    handled: Handled,
) -> None:
    """Acknowledging first, or on leaving the handler, loses the message when the process dies before the commit."""
    async with kitchen.working():
        dish = await kitchen.cook()
        code = await run_until_killed(
            "dining", database_url=other_database_url, broker_url=broker_url, failpoint=failpoint, handled=handled
        )
        assert code == -signal.SIGKILL
        async with dining.working():
            await until(lambda: dining.metric("events_handled_total") == 1 - duplicates)
            await until(lambda: dining.metric("inbox_duplicates_total") == duplicates)
    assert await dining.effects() == [(dish, 1)]


async def test_a_message_that_a_handler_failed_on_is_neither_dropped_nor_requeued_at_once(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    """The default rejects without a dead-letter queue; a nack with requeue spins at full speed."""
    times: list[float] = []

    async def fail(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        times.append(asyncio.get_running_loop().time())
        raise ValueError("no")

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=fail)
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        await kitchen.cook()
        await until(lambda: in_queue(broker_url, queue=ON_DISH_COOKED.dead, count=1))
    assert len(times) == 2
    assert times[1] - times[0] >= TOPOLOGY.retry_delay.total_seconds()
    assert await in_queue(broker_url, queue=ON_DISH_COOKED.name, count=0)
    await dining.close()


async def in_queue(broker_url: str, *, queue: str, count: int) -> bool:
    async with passing_connection(broker_url, name="tests") as connection:
        return await count_messages(connection, queue=queue) == count


async def test_messages_that_waited_when_a_consumer_came_are_all_handled(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    """FastStream passes over, unacknowledged, what it is given before it has noted that it consumes."""
    async with kitchen.working():
        dishes = [await kitchen.cook() for _ in range(PREFETCH)]
        await until(lambda: kitchen.metric("events_sent_total") == len(dishes))
    async with proxy(broker_url, latency=0.02) as between:  # the broker's consent and the messages arrive together
        dining = DemoService("dining", database_url=other_database_url, broker_url=between.url)
        async with dining.working():
            await until(lambda: dining.metric("events_handled_total") == len(dishes))
        await dining.close()


async def test_a_handler_that_ends_its_consumer_gets_it_back(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    """FastStream stops the subscriber on `SystemExit`, for good."""
    attempts: list[int] = []

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise SystemExit
        await serve(event, delivery, work)

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=handler)
    async with kitchen.working(), dining.working():
        await kitchen.cook()
        await until(lambda: dining.metric("events_handled_total") == 1)
    await dining.close()


async def test_a_message_that_asks_for_a_reply_gets_none(dining: DemoService, broker_url: str) -> None:
    """FastStream answers `reply_to` by itself: whoever can write to a queue could have us write to any other."""
    dish = uuid7()
    async with passing_connection(broker_url, name="tests") as connection:
        await TOPOLOGY.declare(connection)
        channel = await connection.channel()
        asked = await channel.declare_queue("asked", durable=True)
        events = await channel.get_exchange(EVENTS_EXCHANGE)
        body = DishCooked(dish_id=dish).model_dump_json().encode()
        message = Message(body, headers={**envelope_headers()}, reply_to=asked.name)
        await events.publish(message, DishCooked.TYPE)
    async with dining.working():
        await until(lambda: dining.metric("events_handled_total") == 1)
    assert await in_queue(broker_url, queue=ON_DISH_COOKED.name, count=0)
    assert await in_queue(broker_url, queue="asked", count=0)
