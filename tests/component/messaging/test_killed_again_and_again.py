"""Relays and consumers that die again and again: what is said twice has its effect once, and in its order."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select

from shared.messaging.broker import passing_connection
from support.forked import ForkedProcess
from support.kitchen import ON_DISH_COOKED, WAYS, DemoService, Handled, copy_of, run_until_killed, tables, until
from support.wiretap import said, sequences, tap

KILLS = 50
REPLICAS = 3
DISHES, STEPS = 100, 10
PAUSE_SECONDS = 0.1
"""Between two dishes, so that the work lasts for several kills."""
KILL_SECONDS = 3.0


@pytest.mark.promise("R11")
async def test_a_relay_killed_50_times_after_confirmation_says_some_events_again_and_each_has_one_effect(
    kitchen: DemoService, dining: DemoService, database_url: str, broker_url: str
) -> None:
    await tap(broker_url)
    dishes = []
    async with dining.working():
        for _ in range(KILLS):
            dishes.append(await kitchen.cook(steps=2))
            code = await run_until_killed(
                "kitchen", database_url=database_url, broker_url=broker_url, failpoint="relay.after_confirm"
            )
            assert code == -signal.SIGKILL
        assert await kitchen.unsent() == 2 * KILLS
        async with kitchen.working():
            await until(lambda: none_unsent(kitchen))
        heard = sequences(await said(broker_url))
        again = sum(map(len, heard.values())) - 2 * KILLS
        await until(lambda: dining.metric("inbox_duplicates_total") == again)
    assert again > 0
    assert all(steps == [1, 2] * (len(steps) // 2) for steps in heard.values())
    assert Counter(await dining.effects()) == Counter((dish, step) for dish in dishes for step in (1, 2))


async def none_unsent(service: DemoService) -> bool:
    return await service.unsent() == 0


@dataclass
class Crowd:
    """Three kitchens and three dinings, each a process that may be killed; the next of each in turn is."""

    database_urls: dict[str, str]
    broker_url: str
    handled: Handled
    replicas: dict[str, list[ForkedProcess]] = field(default_factory=dict)
    kills: int = 0

    async def begin(self, name: str) -> ForkedProcess:
        place = self.database_urls[name]
        return await copy_of(name, database_url=place, broker_url=self.broker_url, handled=self.handled)

    async def kill_next(self) -> None:
        """One relay and one consumer die in the middle of whatever they do, and others begin."""
        turn = self.kills % REPLICAS
        for name, replicas in self.replicas.items():
            assert replicas[turn].alive
            await asyncio.to_thread(replicas[turn].kill)
            replicas[turn] = await self.begin(name)
        self.kills += 1

    def kill_all(self) -> None:
        for replicas in self.replicas.values():
            for replica in replicas:
                replica.kill()


@asynccontextmanager
async def crowd(database_urls: dict[str, str], *, broker_url: str, handled: Handled) -> AsyncIterator[Crowd]:
    working = Crowd(database_urls, broker_url, handled)
    try:
        for name in database_urls:
            working.replicas[name] = [await working.begin(name) for _ in range(REPLICAS)]
        await until(lambda: in_queue(broker_url, consumers=REPLICAS))
        yield working
    finally:
        await asyncio.to_thread(working.kill_all)


async def in_queue(broker_url: str, *, consumers: int, messages: int = 0) -> bool:
    """Whether so many consume the queue of cooked dishes, and so many messages lie in it."""
    async with passing_connection(broker_url, name="tests") as connection:
        queue = await (await connection.channel()).get_queue(ON_DISH_COOKED.name)
        found = queue.declaration_result
    return (found.consumer_count, found.message_count) == (consumers, messages)


@pytest.mark.promise("R20", "R21")
@pytest.mark.parametrize("handled", WAYS)
async def test_three_replicas_of_each_killed_in_turn_every_three_seconds_lose_double_and_disorder_nothing(
    kitchen: DemoService,
    dining: DemoService,
    database_url: str,
    other_database_url: str,
    broker_url: str,
    *,
    handled: Handled,
) -> None:
    await tap(broker_url)
    urls = {"kitchen": database_url, "dining": other_database_url}
    async with crowd(urls, broker_url=broker_url, handled=handled) as working:
        cooking = asyncio.create_task(cook_all(kitchen))
        while not cooking.done() or len(await dining.effects()) < DISHES * STEPS:
            await asyncio.sleep(KILL_SECONDS)
            await working.kill_next()
        assert working.kills > REPLICAS, "somebody was never killed"
    async with kitchen.working(), dining.working():
        await until(lambda: none_unsent(kitchen))
        await until(lambda: in_queue(broker_url, consumers=1))
    dishes = [f"dish/{dish}" for dish in cooking.result()]
    expected = Counter((dish, step) for dish in cooking.result() for step in range(1, STEPS + 1))
    assert Counter(await dining.effects()) == expected
    assert await heard(dining) == DISHES * STEPS
    first_appearances = {
        subject: list(dict.fromkeys(steps)) for subject, steps in sequences(await said(broker_url)).items()
    }
    assert first_appearances == {dish: list(range(1, STEPS + 1)) for dish in dishes}
    assert all(queue.messages == 0 for queue in await dining.letters.overview())


async def cook_all(kitchen: DemoService) -> list[object]:
    dishes: list[object] = []
    for _ in range(DISHES):
        dishes.append(await kitchen.cook(steps=STEPS))
        await asyncio.sleep(PAUSE_SECONDS)
    return dishes


async def heard(service: DemoService) -> int:
    """Events in the inbox."""
    async with service.database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(tables.inbox)) or 0
