"""PostgreSQL and RabbitMQ stopped hard under load: clients see 503 meanwhile, and everything arrives afterwards."""

import asyncio

import pytest

from support.books import converge
from support.crew import Crew
from support.load import Agents
from support.probing import complaints, live
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

SETTLE_SECONDS = 3
"""A broker killed within a second of declaring quorum queues can wedge one of them."""
PROMISED = {"200", "201", "503"}


async def until_ready(suite: Suite) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        for service in suite.services.values():
            while await complaints(service):  # noqa: ASYNC110  # another process cannot be awaited
                await asyncio.sleep(0.1)


async def until_noticed(service: ServiceProcess) -> None:
    """The broker is away, and the service says so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "consumers" not in await complaints(service):  # noqa: ASYNC110  # another process cannot be awaited
            await asyncio.sleep(0.1)


@pytest.mark.timeout(900)
async def test_a_database_stopped_hard_under_load_costs_503_and_nothing_else(
    suite: Suite, agents: Agents, crew: Crew, own_postgres: EmbeddedPostgres
) -> None:
    agents.answers.clear()
    so_far = len(agents.acknowledged)
    async with crew.working(), agents.registering(60):
        for count, away in ((10, 0), (35, 5)):
            await agents.have_registered(so_far + count)
            await asyncio.to_thread(own_postgres.crash)
            await asyncio.sleep(away)
            assert all([await live(service) for service in suite.services.values()])
            await asyncio.to_thread(own_postgres.restart)
    assert agents.answers["503"] > 0, "nobody noticed that the database was away"
    assert set(agents.answers) <= PROMISED
    await until_ready(suite)
    await converge(suite, acknowledged=agents.acknowledged)


@pytest.mark.timeout(900)
async def test_a_broker_killed_under_load_is_not_even_noticed_by_clients(
    suite: Suite, agents: Agents, crew: Crew, own_rabbitmq: PrivateRabbitMQ
) -> None:
    await asyncio.sleep(SETTLE_SECONDS)
    agents.answers.clear()
    so_far = len(agents.acknowledged)
    async with crew.working(), agents.registering(60):
        await agents.have_registered(so_far + 15)
        await asyncio.to_thread(own_rabbitmq.crash)
        await agents.have_registered(so_far + 40)
        await until_noticed(suite.services["dispatch"])
        await asyncio.to_thread(own_rabbitmq.restart)
    assert set(agents.answers) <= PROMISED - {"503"}
    await until_ready(suite)
    await converge(suite, acknowledged=agents.acknowledged)
