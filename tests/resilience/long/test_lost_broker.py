"""R33: the broker loses its disk in the middle of a day, and the outboxes say everything again."""

import asyncio
from pathlib import Path

import pytest

from support.books import converge, unconsumed
from support.surroundings import surrounded
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import SERVICES

CASES = 60
SAY_AGAIN = ("relay", "republish", "--since", "1d", "--yes", "--json")


@pytest.mark.promise("R33")
@pytest.mark.timeout(1200)
async def test_a_broker_without_its_disk_is_set_up_again_at_boot_and_told_everything_again(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path
) -> None:
    async with surrounded(server_home, postgres=own_postgres, rabbitmq=own_rabbitmq, mark="lost") as around:
        suite, agents, crew = around.suite, around.agents, around.crew
        own_rabbitmq.keep_definitions()
        async with crew.working():
            async with agents.registering(CASES):
                await agents.have_registered(CASES // 2)
                await asyncio.to_thread(own_rabbitmq.crash)
                own_rabbitmq.forget()
                await asyncio.to_thread(own_rabbitmq.restart)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await unconsumed(suite.broker_url):  # noqa: ASYNC110  # another process cannot be awaited
                    await asyncio.sleep(0.2)
            for service in SERVICES:
                said = await asyncio.to_thread(
                    suite.run, service, "relay", "republish", "--since", "1d", "--yes", "--json"
                )
                assert said.returncode == 0, said.stderr
            await converge(suite, acknowledged=agents.acknowledged)
            await crew.finish()
        await converge(suite, acknowledged=agents.acknowledged)
