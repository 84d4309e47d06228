"""The relay: order per subject, exactly what was confirmed, one at a time, and what happens when it dies in between."""

import asyncio

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from shared.database import driver_url
from support.kitchen import COOK, DemoService, DishCooked, SmokeSeen, until
from support.proxy import proxy
from support.wiretap import full_queue, said, sequences, tap

POLLED_SECONDS = 10
"""Within these an event that nobody is woken for has left, on the slowest machine: the relay looks once a second."""
WOKEN_SECONDS = 30
"""Within these the wake-up connection is back and wakes: some ten times as long as it takes."""
CUT_AFTER_BYTES = 500
"""So many bytes more in each round: in the middle of a frame, of a message, between two of them."""


async def test_events_of_a_subject_leave_in_order_from_several_replicas(
    kitchen: DemoService, database_url: str, broker_url: str
) -> None:
    await tap(broker_url)
    replica = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    dishes = [uuid7() for _ in range(5)]
    async with kitchen.working(), replica.working():
        for turn in range(60):
            await asyncio.gather(*(kitchen.cook(dish, steps=1 + turn % 3) for dish in dishes))
        await until(lambda: none_unsent(kitchen))
    heard = sequences(await said(broker_url))
    assert heard == {f"dish/{dish}": list(range(1, 121)) for dish in dishes}
    await replica.close()


async def none_unsent(service: DemoService) -> bool:
    return await service.unsent() == 0


async def test_a_refused_event_holds_back_later_ones_of_its_subject_only(
    kitchen: DemoService, database_url: str, broker_url: str
) -> None:
    await tap(broker_url)
    burnt, fine = uuid7(), uuid7()
    async with full_queue(broker_url, key=SmokeSeen.TYPE), kitchen.working():
        async with kitchen.works.begin(COOK) as work:
            work.publish(DishCooked(dish_id=burnt))
            work.publish(SmokeSeen(dish_id=burnt))
            work.publish(DishCooked(dish_id=burnt))
            work.publish(DishCooked(dish_id=fine))
            await work.commit()
        await kitchen.cook(fine)
        await until(lambda: kitchen.metric("events_sent_total") == 3)
        assert await kitchen.unsent() == 2
    heard = sequences(await said(broker_url))
    # a refused event may reach those queues that did take it, as often as it is tried; never one behind it
    assert heard[f"dish/{fine}"] == [1, 2]
    assert sorted(set(heard[f"dish/{burnt}"])) == [1, 2]
    restarted = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    async with restarted.working():
        await until(lambda: none_unsent(restarted))
    assert sequences(await said(broker_url)) == {f"dish/{burnt}": [2, 3]}
    await restarted.close()


async def test_what_was_confirmed_is_marked_even_where_the_broker_is_lost_in_the_middle_of_a_round(
    kitchen: DemoService, database_url: str, broker_url: str
) -> None:
    await tap(broker_url)
    dishes = [uuid7() for _ in range(4)]
    async with proxy(broker_url) as between:
        cooks = DemoService("kitchen", database_url=database_url, broker_url=between.url)
        async with cooks.working():
            for turn in range(20):
                between.cut_after(CUT_AFTER_BYTES * turn)
                await asyncio.gather(*(cooks.cook(dish, steps=5) for dish in dishes))
            await until(lambda: none_unsent(kitchen))
        await cooks.close()
    for subject, heard in sequences(await said(broker_url)).items():
        first_appearances = list(dict.fromkeys(heard))
        assert first_appearances == list(range(1, 101)), subject


async def test_the_relay_is_woken_by_another_process(
    kitchen: DemoService, database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.relay.POLL_SECONDS", 3600)
    api = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    async with kitchen.working():
        await until(lambda: listening(kitchen))
        await api.cook()
        await until(lambda: kitchen.metric("events_sent_total") == 1)
    await api.close()


@pytest.mark.promise("R18")
async def test_the_relay_polls_while_the_wake_up_is_cut_and_is_woken_again_afterwards(
    kitchen: DemoService, database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    async with proxy(database_url) as between:
        monkeypatch.setattr(kitchen.wake, "_url", driver_url(between.url))  # this wire only, not the database's
        async with kitchen.working():
            await until(lambda: listening(kitchen), within=WOKEN_SECONDS)
            await api.cook()
            await until(lambda: kitchen.metric("events_sent_total") == 1)  # from now on it looks only when it polls
            await between.cut()
            await until(lambda: deaf(kitchen))
            await api.cook()
            await until(lambda: kitchen.metric("events_sent_total") == 2, within=POLLED_SECONDS)
            await between.open()
            await until(lambda: listening(kitchen), within=WOKEN_SECONDS)
            monkeypatch.setattr("shared.messaging.relay.POLL_SECONDS", 3600)
            for count in (3, 4):  # the first one may end a wait that began before
                await api.cook()
                await until(
                    lambda count=count: kitchen.metric("events_sent_total") == count,  # type: ignore[misc]
                    within=WOKEN_SECONDS,
                )
    await api.close()


async def deaf(service: DemoService) -> bool:
    return not await listening(service)


async def listening(service: DemoService) -> bool:
    """Whether the worker's wake-up connection stands."""
    async with service.database.engine.connect() as connection:
        found = await connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'wake-up' AND query LIKE 'LISTEN%'"
            )
        )
    return bool(found)
