"""Services, and their migrations, that are started before there is a broker or a database."""

import asyncio
from pathlib import Path

import pytest

from support.books import converge
from support.crew import Crew
from support.load import Agents, set_up
from support.probing import complaints, live
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import Servers, Suite


async def until(suite: Suite, *, wrong: set[str]) -> None:
    """Return once exactly these checks of every service fail. Every process lives all the while."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for service in suite.services.values():
            while not await live(service) or set(await complaints(service)) != wrong:
                service.process.require_alive()
                await asyncio.sleep(0.1)


@pytest.mark.timeout(900)
async def test_everything_started_before_its_servers_waits_and_comes_to_work_alone(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path
) -> None:
    given = Servers(postgres=own_postgres, rabbitmq=own_rabbitmq, mark="early")
    suite = Suite(server_home / "early", test_clock="on", given=given)
    await asyncio.to_thread(suite.start_servers)
    own_postgres.stop()
    own_rabbitmq.crash()
    try:
        for service in suite.services.values():
            service.start()
        await until(suite, wrong={"database", "migrations", "consumers"})
        await asyncio.to_thread(own_rabbitmq.restart)
        migrations = [suite.process(name, mode="migrate") for name in suite.services]
        for migration in migrations:
            migration.start()
        await until(suite, wrong={"database", "migrations", "consumers"})
        await asyncio.to_thread(own_postgres.restart)
        codes = [await asyncio.to_thread(migration.process.wait, within=PATIENCE_SECONDS) for migration in migrations]
        assert set(codes) == {0}
        await until(suite, wrong=set())
        await work_as_if_nothing_had_been(suite)
    finally:
        await asyncio.to_thread(suite.stop)


async def work_as_if_nothing_had_been(suite: Suite) -> None:
    await asyncio.to_thread(set_up, suite)
    agents, crew = Agents(suite), Crew(suite)
    async with crew.working():
        async with agents.registering(8):
            pass
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await converge(suite, acknowledged=agents.acknowledged)
    await agents.close()
    await crew.close()
