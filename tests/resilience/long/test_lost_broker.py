"""R33: the broker loses its disk in the middle of a day, and the outboxes say everything again."""

import asyncio
import json
from pathlib import Path

import pytest

from support.books import NotWhole, all_consumed, converge
from support.surroundings import surrounded
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import SERVICES

CASES = 60
IN_VAIN_SECONDS = 10.0
"""How long the books are given to become whole by themselves, which they cannot."""
SAY_AGAIN = ("relay", "republish", "--since", "1d", "--yes", "--json")
SPEAKING = {"intake", "dispatch", "parts"}
"""Who has had something to say before the first order is finished."""
DEAF = "feedback"
"""Stands still while the broker dies, so that queues are lost with something in them."""


@pytest.mark.promise("R33")
async def test_a_broker_without_its_disk_is_set_up_again_at_boot_and_told_everything_again(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path
) -> None:
    async with surrounded(server_home, postgres=own_postgres, rabbitmq=own_rabbitmq, mark="lost") as around:
        suite, agents, crew = around.suite, around.agents, around.crew
        own_rabbitmq.keep_definitions()
        async with crew.working():
            async with agents.registering(CASES):
                await agents.have_registered(CASES // 4)
                suite.services[DEAF].process.freeze()
                await agents.have_registered(CASES // 2)
                await asyncio.to_thread(own_rabbitmq.crash)
                own_rabbitmq.forget()
                await asyncio.to_thread(own_rabbitmq.restart)
                suite.services[DEAF].process.thaw()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await all_consumed(suite.broker_url):  # noqa: ASYNC110  # another process cannot be awaited
                    await asyncio.sleep(0.2)
            with pytest.raises(NotWhole):
                await converge(suite, acknowledged=agents.acknowledged, patience_seconds=IN_VAIN_SECONDS)
            said_again = {}
            for service in SERVICES:
                said = await asyncio.to_thread(suite.run, service, *SAY_AGAIN)
                assert said.returncode == 0, said.stderr
                said_again[service] = json.loads(said.stdout)["said_again"]
            assert {service for service, events in said_again.items() if events} >= SPEAKING, said_again
            await converge(suite, acknowledged=agents.acknowledged)
            await crew.finish()
        await converge(suite, acknowledged=agents.acknowledged)
