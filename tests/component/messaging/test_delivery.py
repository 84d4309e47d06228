"""From the commit in one service to the effect in the other, whatever is repeated, refused or unreadable."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from shared.contracts.envelope import Envelope
from shared.messaging.broker import Publisher, WireMessage, passing_connection
from shared.messaging.consumer import Consumers, Delivery, NotSubscribed
from shared.messaging.gauges import count_messages
from shared.messaging.topology import UNHEARD, UNROUTED, Topology
from shared.messaging.unit_of_work import UnitOfWork
from shared.messaging.wire import to_wire
from shared.refusals import Refusal
from support.kitchen import (
    ON_DISH_COOKED,
    TOPOLOGY,
    DemoService,
    DishCooked,
    SmokeSeen,
    envelope_headers,
    serve,
    served,
    tables,
    until,
)


@pytest.fixture
async def wire(broker_url: str) -> AsyncIterator[Publisher]:
    """Somebody who says what no relay would."""
    publisher = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    yield publisher
    await publisher.close()


async def waiting(broker_url: str, *, queue: str) -> int:
    async with passing_connection(broker_url, name="tests") as connection:
        return await count_messages(connection, queue=queue)


async def test_what_one_service_commits_has_its_effect_in_the_other(kitchen: DemoService, dining: DemoService) -> None:
    async with kitchen.working(), dining.working():
        dish = await kitchen.cook()
        await until(lambda: dining.metric("events_handled_total") == 1)
        assert await dining.effects() == [(dish, 1)]
        await until(lambda: kitchen.metric("events_sent_total") == 1)
        assert await kitchen.unsent() == 0


async def test_a_handler_learns_the_envelope(kitchen: DemoService, other_database_url: str, broker_url: str) -> None:
    heard: asyncio.Queue[Delivery] = asyncio.Queue()

    async def listen(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        assert work.cause.causation_id == delivery.envelope.id
        assert work.cause.correlation_id == delivery.envelope.correlationid
        heard.put_nowait(delivery)

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=listen)
    async with kitchen.working(), dining.working():
        dish = await kitchen.cook(steps=2)
        envelopes = [(await heard.get()).envelope for _ in range(2)]
    assert {envelope.sequence for envelope in envelopes} == {1, 2}
    assert {envelope.subject for envelope in envelopes} == {f"dish/{dish}"}
    assert {envelope.source for envelope in envelopes} == {"kitchen"}
    assert {envelope.policyversion for envelope in envelopes} == {"test"}
    await dining.close()


async def test_events_said_before_anybody_listened_are_heard(
    kitchen: DemoService, dining: DemoService, broker_url: str
) -> None:
    async with kitchen.working():
        dishes = [await kitchen.cook() for _ in range(100)]
        await until(lambda: kitchen.metric("events_sent_total") == len(dishes))
    async with dining.working():
        await until(lambda: dining.metric("events_handled_total") == len(dishes))
    assert {dish for dish, _ in await dining.effects()} == set(dishes)
    assert await waiting(broker_url, queue=UNROUTED) == 0


async def test_an_event_delivered_again_has_no_second_effect(
    kitchen: DemoService, dining: DemoService, wire: Publisher
) -> None:
    async with kitchen.working(), dining.working():
        await kitchen.cook()
        await until(lambda: dining.metric("events_handled_total") == 1)
        await again(wire, service=kitchen)
        await until(lambda: dining.metric("inbox_duplicates_total") == 2)
    assert len(await dining.effects()) == 1


async def again(wire: Publisher, *, service: DemoService) -> None:
    """Say the first event of a service's outbox twice more."""
    async with service.database.sessions() as session:
        row = (await session.execute(tables.outbox.select())).first()
    assert row is not None
    envelope = Envelope(
        id=row.event_id,
        type=row.type,
        source=service.name,
        subject=row.subject,
        time=row.time,
        sequence=row.sequence,
        correlationid=row.correlation_id,
        policyversion=row.policy_version,
    )
    for _ in range(2):
        await wire.publish(to_wire(envelope, body=row.body), exchange="events", routing_key=row.type)


@pytest.mark.parametrize(
    ("body", "headers", "complaint"),
    [
        (b"{}", {}, "envelope: id: Field required"),
        (b"no JSON", None, "kitchen.dish_cooked.v1: message: Invalid JSON"),
        (b'{"dish_id": "13800138000"}', None, "kitchen.dish_cooked.v1: dish_id: Input should be a valid UUID"),
    ],
)
async def test_what_cannot_be_read_goes_to_the_dead_letters_with_its_reason_but_not_its_data(
    dining: DemoService, wire: Publisher, body: bytes, headers: dict[str, str | int] | None, complaint: str
) -> None:
    await wire.publish(poison(body, headers=headers), exchange="events", routing_key=DishCooked.TYPE)
    async with dining.working():
        await until(lambda: dead_letters(dining, count=1))
    (letter,) = await dining.letters.show(ON_DISH_COOKED.dead)
    assert letter.reason == "unreadable"
    assert letter.error.startswith(complaint)
    assert "13800138000" not in letter.error
    assert dining.metric("handler_attempts_failed_total") == 0


def poison(body: bytes, *, headers: dict[str, str | int] | None = None) -> WireMessage:
    """A message with a body of its own under a proper envelope, unless `headers` are given."""
    return WireMessage(
        message_id=str(uuid7()),
        type=DishCooked.TYPE,
        body=body,
        headers=envelope_headers() if headers is None else headers,
    )


async def dead_letters(service: DemoService, *, count: int) -> bool:
    queues = {queue.queue: queue.messages for queue in await service.letters.overview()}
    return queues[ON_DISH_COOKED.dead] == count


async def test_an_event_of_a_newer_version_with_a_new_field_is_understood(dining: DemoService, wire: Publisher) -> None:
    dish = uuid7()
    body = f'{{"dish_id": "{dish}", "chef": "someone"}}'.encode()
    async with dining.working():
        await wire.publish(poison(body), exchange="events", routing_key=DishCooked.TYPE)
        await until(lambda: dining.metric("events_handled_total") == 1)
    assert await dining.effects() == [(dish, 1)]


async def test_a_handler_that_keeps_failing_is_tried_n_times_and_leaves_nothing_but_a_dead_letter(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    bad = uuid7()

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        await work.session.execute(insert(served).values(dish_id=event.dish_id, step=event.step))
        if event.dish_id == bad:
            raise Refusal("burnt", detail="the dish is burnt", expected="a dish that can be eaten")

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=handler, attempts=3)
    async with kitchen.working(), dining.working():
        await kitchen.cook(bad)
        good = [await kitchen.cook() for _ in range(20)]
        await until(lambda: dead_letters(dining, count=1))
        await until(lambda: dining.metric("events_handled_total") == len(good))
    (letter,) = await dining.letters.show(ON_DISH_COOKED.dead)
    assert (letter.attempts, letter.reason, letter.subject) == (3, "failed", f"dish/{bad}")
    assert letter.error.startswith("Refusal: burnt: the dish is burnt (test_delivery.py:")
    assert dining.metric("handler_attempts_failed_total") == 3
    assert {dish for dish, _ in await dining.effects()} == set(good)
    await dining.close()


async def test_a_handler_that_fails_once_succeeds_after_the_retry_delay(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    attempts: list[int] = []

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("not today")
        await serve(event, delivery, work)

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=handler)
    async with kitchen.working(), dining.working():
        dish = await kitchen.cook()
        await until(lambda: dining.metric("events_handled_total") == 1)
    assert await dining.effects() == [(dish, 1)]
    assert await dead_letters(dining, count=0)
    await dining.close()


async def test_what_nobody_subscribed_to_lies_in_unheard_until_somebody_does(broker_url: str) -> None:
    said = (DishCooked.TYPE, SmokeSeen.TYPE)
    smoke = WireMessage(message_id="1", type=SmokeSeen.TYPE, body=b"{}")
    for subscriptions in ({"dining": (DishCooked,)}, {"dining": (DishCooked, SmokeSeen)}):
        topology = Topology(subscriptions=subscriptions, said=said, retry_delay=TOPOLOGY.retry_delay)
        publisher = await Publisher.open(broker_url, name="tests", prepare=topology.declare)
        await publisher.publish(smoke, exchange="events", routing_key=SmokeSeen.TYPE)
        await publisher.close()
    assert [await waiting(broker_url, queue=queue) for queue in (UNHEARD, "dining.on_smoke_seen", UNROUTED)] == [
        1,
        1,
        0,
    ]


async def test_what_somebody_hears_and_no_binding_takes_lies_in_unrouted(wire: Publisher, broker_url: str) -> None:
    async with passing_connection(broker_url, name="tests") as connection:
        queue = await (await connection.channel()).get_queue(ON_DISH_COOKED.name)
        await queue.unbind("events", DishCooked.TYPE)
    dish = WireMessage(message_id="1", type=DishCooked.TYPE, body=b"{}")
    await wire.publish(dish, exchange="events", routing_key=DishCooked.TYPE)
    assert await waiting(broker_url, queue=UNROUTED) == 1


async def test_what_the_catalogue_does_not_name_lies_in_unrouted(wire: Publisher, broker_url: str) -> None:
    message = WireMessage(message_id="1", type="kitchen.smoke_seen.v1", body=b"{}")
    await wire.publish(message, exchange="events", routing_key="kitchen.smoke_seen.v1")
    assert await waiting(broker_url, queue=UNROUTED) == 1


async def test_a_handler_for_an_event_that_is_not_subscribed_is_a_wiring_mistake() -> None:
    with pytest.raises(NotSubscribed, match=r"kitchen does not hear kitchen\.dish_cooked\.v1"):
        Consumers(service="kitchen", topology=TOPOLOGY).on(DishCooked, serve)
    with pytest.raises(NotSubscribed, match=r"dining has no handler for kitchen\.dish_cooked\.v1"):
        Consumers(service="dining", topology=TOPOLOGY).queues()
