"""Servers that may be crashed, and one installation on them that every test breaks in its way and leaves whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.crew import Crew
from support.forked import as_copy
from support.load import Agents, set_up
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import Servers, Suite


@pytest.fixture(scope="session")
def own_postgres(server_home: Path) -> Iterator[EmbeddedPostgres]:
    """A server that may be crashed without harm to the tests of other folders."""
    server = EmbeddedPostgres(server_home / "crashing-postgres")
    yield server
    server.crash()  # quicker than a shutdown, and nobody wants the data any more


@pytest.fixture(scope="session")
def own_rabbitmq(server_home: Path) -> Iterator[PrivateRabbitMQ]:
    """A broker that may be killed without harm to the tests of other folders."""
    # whoever reads the books waits until it counts nothing in hand
    server = PrivateRabbitMQ(server_home / "crashing-rabbitmq", count_seconds=5)
    yield server
    server.crash()
    server.stop()


@pytest.fixture(scope="session")
def installation(own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path) -> Iterator[Suite]:
    given = Servers(postgres=own_postgres, rabbitmq=own_rabbitmq, mark="resilience")
    with Suite.running(server_home / "resilience", test_clock="on", given=given, start_as=as_copy) as suite:
        set_up(suite)
        yield suite


@pytest.fixture(scope="session")
async def agents(installation: Suite) -> AsyncIterator[Agents]:
    """They remember every case of the run: all of them have to be right after every test."""
    working = Agents(installation)
    yield working
    await working.close()


@pytest.fixture(scope="session")
async def crew(installation: Suite) -> AsyncIterator[Crew]:
    """It remembers which windows it agreed."""
    working = Crew(installation)
    yield working
    await working.close()


@pytest.fixture
def suite(installation: Suite) -> Suite:
    """The installation with every service running, whatever the test before left behind."""
    for service in installation.services.values():
        if not service.process.alive:
            service.restart()
    return installation
