"""PostgreSQL and RabbitMQ stopped hard under load: clients see 503 meanwhile, and everything arrives afterwards."""

import asyncio
from collections.abc import Iterable
from time import monotonic

import pytest

from support.books import all_consumed, converge
from support.crew import Crew
from support.load import Agents
from support.probing import complaints, live
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import Suite

CRASHES = 5
CASES = 10
"""Registered while a server crashes and comes back."""
SETTLE_SECONDS = 3
"""A broker killed within a second of declaring quorum queues can wedge one of them."""
ATTACHED_SECONDS = 15
"""Within these every queue is consumed again: part of the promise."""
PROMISED = {"200", "201", "503"}

type Stretch = tuple[float, float]


async def until_ready(suite: Suite) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        for service in suite.services.values():
            while await complaints(service):  # noqa: ASYNC110  # another process cannot be awaited
                await asyncio.sleep(0.1)


def outside(refused: Iterable[Stretch], *, outages: Iterable[Stretch]) -> list[Stretch]:
    """The requests that were refused although there was no outage at any moment of theirs."""
    return [
        (began, ended)
        for began, ended in refused
        if not any(since <= ended and began <= until for since, until in outages)
    ]


@pytest.mark.promise("R06")
@pytest.mark.timeout(900)
async def test_a_database_stopped_hard_under_load_costs_503_while_it_is_away_and_nothing_else(
    suite: Suite, agents: Agents, crew: Crew, own_postgres: EmbeddedPostgres
) -> None:
    agents.answers.clear()
    agents.unavailable.clear()
    outages = []
    async with crew.working():
        for _ in range(CRASHES):
            so_far = len(agents.acknowledged)
            async with agents.registering(CASES):
                await agents.have_registered(so_far + 2)
                since = monotonic()
                await asyncio.to_thread(own_postgres.crash)
                assert all([await live(service) for service in suite.services.values()])
                await asyncio.to_thread(own_postgres.restart)
                outages.append((since, monotonic()))
    assert agents.unavailable, "nobody noticed that the database was away"
    assert outside(agents.unavailable, outages=outages) == []
    assert set(agents.answers) <= PROMISED
    await until_ready(suite)
    await converge(suite, acknowledged=agents.acknowledged)


@pytest.mark.promise("R29")
@pytest.mark.timeout(900)
async def test_a_broker_killed_under_load_is_not_even_noticed_by_clients_and_consumed_again_at_once(
    suite: Suite, agents: Agents, crew: Crew, own_rabbitmq: PrivateRabbitMQ
) -> None:
    agents.answers.clear()
    async with crew.working():
        for _ in range(CRASHES):
            await asyncio.sleep(SETTLE_SECONDS)
            so_far = len(agents.acknowledged)
            async with agents.registering(CASES):
                await agents.have_registered(so_far + 2)
                await asyncio.to_thread(own_rabbitmq.crash)
                await asyncio.to_thread(own_rabbitmq.restart)
                async with asyncio.timeout(ATTACHED_SECONDS):
                    while not await all_consumed(suite.broker_url):  # noqa: ASYNC110  # another process cannot be awaited
                        await asyncio.sleep(0.2)
    assert set(agents.answers) <= PROMISED - {"503"}
    await until_ready(suite)
    await converge(suite, acknowledged=agents.acknowledged)
