"""The network swallows everything for a while: nobody is told, nothing is lost, and soon all is as before."""

import asyncio
from pathlib import Path

import pytest

from support.books import converge
from support.probing import complaints
from support.surroundings import surrounded
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ

RECOVERED_SECONDS = 40
"""Within these after the end of the hole everything is delivered: part of the promise."""
BEFORE_THE_END = 30
"""Clients begin to ask so long before the hole ends, and are not kept waiting for longer than they would be."""


@pytest.mark.promise("R30")
@pytest.mark.parametrize("seconds", [5, 60, 240])
@pytest.mark.parametrize("hidden", ["broker", "database"])
async def test_after_a_black_hole_everything_is_delivered_within_40_seconds(
    own_postgres: EmbeddedPostgres,
    own_rabbitmq: PrivateRabbitMQ,
    server_home: Path,
    request: pytest.FixtureRequest,
    *,
    hidden: str,
    seconds: int,
) -> None:
    if seconds > request.config.getoption("--longest-hole"):
        pytest.skip("longer than --longest-hole")
    mark = f"hole_{hidden}_{seconds}"
    async with surrounded(server_home, postgres=own_postgres, rabbitmq=own_rabbitmq, mark=mark) as around:
        between = around.to_broker if hidden == "broker" else around.to_database
        async with around.crew.working():
            async with around.agents.registering(10):
                pass
            between.freeze()
            await asyncio.sleep(max(0, seconds - BEFORE_THE_END))
            async with around.agents.registering(10):
                await asyncio.sleep(min(seconds, BEFORE_THE_END))
                between.thaw()
                thawed = asyncio.get_running_loop().time()
            async with asyncio.timeout_at(thawed + RECOVERED_SECONDS):
                for service in around.suite.services.values():
                    while await complaints(service):  # noqa: ASYNC110  # another process cannot be awaited
                        await asyncio.sleep(0.2)
                await converge(around.suite, acknowledged=around.agents.acknowledged)
            await around.crew.finish()
        await converge(around.suite, acknowledged=around.agents.acknowledged)
