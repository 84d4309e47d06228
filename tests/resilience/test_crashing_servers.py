"""Delivery between two services while their database and their broker crash under load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from uuid_utils.compat import uuid7

from support.kitchen import DemoService, create_tables, until
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ

SETTLE_SECONDS = 3
"""A broker killed within a second of declaring quorum queues can wedge one of them."""


@asynccontextmanager
async def busy_services(
    postgres: EmbeddedPostgres, rabbitmq: PrivateRabbitMQ
) -> AsyncIterator[tuple[DemoService, set[UUID]]]:
    """Dining at work, and a kitchen whose cook never stops; the set holds what was committed for sure."""
    broker_url = rabbitmq.create_vhost(f"test-{uuid7().hex}")
    services = []
    for name in ("kitchen", "dining"):
        database = f"{name}_{uuid7().hex}"
        url = await postgres.create_database(database, owner=database, password=database)
        await create_tables(url)
        services.append(DemoService(name, database_url=url, broker_url=broker_url))
    kitchen, dining = services
    committed: set[UUID] = set()
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        await asyncio.sleep(SETTLE_SECONDS)
        cook = asyncio.create_task(keep_cooking(kitchen, committed=committed))
        yield dining, committed
        cook.cancel()
        await asyncio.gather(cook, return_exceptions=True)
    for service in services:
        await service.close()


async def keep_cooking(kitchen: DemoService, *, committed: set[UUID]) -> None:
    while True:
        dish = uuid7()
        try:
            await kitchen.cook(dish)
        except (SQLAlchemyError, OSError):
            await asyncio.sleep(0.2)  # the cook waits for his database
        else:
            committed.add(dish)
            await asyncio.sleep(0.01)


async def each_has_one_effect(dining: DemoService, *, committed: set[UUID]) -> None:
    """Whatever was committed until now has exactly one effect in the end, and nothing was given up."""
    expected = frozenset(committed)

    async def all_served() -> bool:
        return expected <= {dish for dish, _ in await dining.effects()}

    await until(all_served)
    effects = [dish for dish, _ in await dining.effects()]
    assert len(effects) == len(set(effects))
    assert dining.metric("handler_attempts_failed_total") == 0
    assert all(queue.messages == 0 for queue in await dining.letters.overview())


async def test_a_broker_killed_and_restarted_under_load_costs_nothing(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ
) -> None:
    async with busy_services(own_postgres, own_rabbitmq) as (dining, committed):
        for _ in range(2):
            own_rabbitmq.crash()
            await until(lambda: not dining.worker.consumers_attached)
            await asyncio.to_thread(own_rabbitmq.restart)
            await until(lambda: dining.worker.consumers_attached)
            await asyncio.sleep(SETTLE_SECONDS)
        await each_has_one_effect(dining, committed=committed)


async def test_a_database_stopped_hard_under_load_costs_nothing(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ
) -> None:
    async with busy_services(own_postgres, own_rabbitmq) as (dining, committed):
        for away in (0, 8):
            own_postgres.crash()
            await asyncio.sleep(away)
            await asyncio.to_thread(own_postgres.restart)
            await cooks_again(committed)
        await each_has_one_effect(dining, committed=committed)


async def cooks_again(committed: set[UUID]) -> None:
    before = len(committed)
    await until(lambda: len(committed) > before + 50)
