"""One installation with servers of its own, which every test here may break and leaves whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.load import Agents, set_up
from testkit.suite import Suite


@pytest.fixture(scope="session")
def installation(server_home: Path) -> Iterator[Suite]:
    with Suite.running(server_home / "resilience", test_clock="on") as suite:
        set_up(suite)
        yield suite


@pytest.fixture(scope="session")
async def agents(installation: Suite) -> AsyncIterator[Agents]:
    """They remember every case of the run: all of them have to be right after every test."""
    working = Agents(installation)
    yield working
    await working.close()


@pytest.fixture
def suite(installation: Suite) -> Suite:
    """The installation with every service running, whatever the test before left behind."""
    for service in installation.services.values():
        if not service.process.alive:
            service.restart()
    return installation
