"""Deliveries that share a transaction: one that is slow, contended or doubled costs its neighbours nothing."""

import asyncio

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from shared.database import SERVER_TIMEOUTS
from shared.messaging.broker import Publisher, WireMessage
from shared.messaging.consumer import Delivery
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.messaging.unit_of_work import UnitOfWork
from support.kitchen import ON_DISH_COOKED, TOPOLOGY, DemoService, DishCooked, envelope_headers, serve, until

GOOD = 15
"""Of these and the bad one less than one transaction takes, so that all are neighbours."""


async def all_served(service: DemoService, *, count: int) -> bool:
    return len(await service.effects()) == count


async def dead(service: DemoService) -> int:
    return {queue.queue: queue.messages for queue in await service.letters.overview()}[ON_DISH_COOKED.dead]


async def is_dead(service: DemoService) -> bool:
    return await dead(service) == 1


@pytest.mark.promise("R23")
async def test_a_handler_that_runs_into_the_statement_timeout_takes_no_neighbour_with_it(
    kitchen: DemoService, other_database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SERVER_TIMEOUTS, "statement_timeout", "2s")
    slow = uuid7()

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        await serve(event, delivery, work)
        if event.dish_id == slow:
            await work.session.execute(text("SELECT pg_sleep(60)"))

    dining = DemoService(
        "dining", database_url=other_database_url, broker_url=broker_url, handler=handler, handled="together"
    )
    good = [await kitchen.cook() for _ in range(GOOD)]
    await kitchen.cook(slow)
    await kitchen.send()  # they lie in the queue, and come at once
    async with dining.working():
        await until(lambda: all_served(dining, count=GOOD))
        await until(lambda: is_dead(dining))
    assert dining.metric("handler_attempts_failed_total") == 2, "the slow one's, and nobody else's"
    assert sorted(dish for dish, _ in await dining.effects()) == sorted(good)
    await dining.close()


async def test_while_one_waits_for_a_row_that_somebody_holds_the_others_are_handled(
    kitchen: DemoService, other_database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SERVER_TIMEOUTS, "lock_timeout", "200ms")
    held = uuid7()
    waits_again = asyncio.Event()
    tries = 0

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        nonlocal tries
        if event.dish_id == held:
            tries += 1
            if tries > 1:  # until the row is let go
                await work.session.execute(text("SET LOCAL lock_timeout = 0"))
                await work.session.execute(text("SET LOCAL statement_timeout = 0"))
                waits_again.set()
            try:
                await work.session.execute(text("SELECT pg_advisory_xact_lock(1)"))
            finally:
                waits_again.clear()
        await serve(event, delivery, work)

    dining = DemoService(
        "dining", database_url=other_database_url, broker_url=broker_url, handler=handler, handled="together"
    )
    async with kitchen.working(), dining.working():
        async with dining.database.engine.begin() as somebody:
            await somebody.execute(text("SELECT pg_advisory_xact_lock(1)"))
            await kitchen.cook(held)
            await waits_again.wait()
            good = [await kitchen.cook() for _ in range(GOOD)]
            await until(lambda: all_served(dining, count=GOOD))
            assert waits_again.is_set(), "the others were served because it no longer waited"
            assert tries == 2, "the others were served between two of its tries"
        await until(lambda: all_served(dining, count=GOOD + 1))
    assert {dish for dish, _ in await dining.effects()} == {held, *good}
    assert dining.metric("handler_attempts_failed_total") == 0
    await dining.close()


async def test_an_event_that_came_twice_among_others_has_its_effect_once_where_they_are_rolled_back(
    other_database_url: str, broker_url: str
) -> None:
    burnt, doubled = uuid7(), uuid7()
    groups: list[UnitOfWork] = []

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        groups.append(work)
        await serve(event, delivery, work)
        if event.dish_id == burnt:
            raise ValueError("burnt")

    dining = DemoService(
        "dining", database_url=other_database_url, broker_url=broker_url, handler=handler, handled="together"
    )
    wire = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    twice = cooked(DishCooked(dish_id=doubled))
    for message in (twice, cooked(DishCooked(dish_id=burnt)), twice):
        await wire.publish(message, exchange=EVENTS_EXCHANGE, routing_key=DishCooked.TYPE)
    await wire.close()
    async with dining.working():
        await until(lambda: is_dead(dining))
        await until(lambda: dining.metric("events_handled_total") == 1)
    assert await dining.effects() == [(doubled, 1)]
    assert dining.metric("inbox_duplicates_total") == 1
    assert dining.metric("handler_attempts_failed_total") == 2, "the burnt one's"
    await dining.close()


def cooked(dish: DishCooked) -> WireMessage:
    """As its relay would send it; what has the same headers is the same event."""
    return WireMessage(
        message_id=str(uuid7()), type=DishCooked.TYPE, body=dish.model_dump_json().encode(), headers=envelope_headers()
    )
