"""The servers that the tests stand on, started once per run: embedded by default, given ones where a URL is set."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from testkit.embedded import short_lived_postgres, short_lived_rabbitmq
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import SERVICES

# how fast a machine is, no test says; nor how many examples had to be thrown away to find the ones that count
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
settings.load_profile("suite")

ROOM = 4 * 2**30
"""Bytes; a run needs less than half of it."""
SHARING = {"end_to_end", "end_to_end/requests", "resilience", *(f"component/{service}" for service in SERVICES)}
"""Folders whose tests share a suite or a kept process: each start of one costs seconds.

Each is run by one worker in turn, so none may take longer than a quarter of the whole."""
WITHIN_SECONDS = "resilience"
"""Folder of the tests that have a bound in seconds to prove: where others run beside them, they go first."""
LATER = 10
"""Of 19: what has it gets a tenth of a processor that somebody without it wants as well."""


def in_memory() -> Path | None:
    """A folder that costs no disk, on machines that have one with room enough."""
    folder = Path("/dev/shm")  # noqa: S108  # a folder of its own is made there
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """A folder for the data of the servers, gone after the run."""
    home = Path(tempfile.mkdtemp(prefix="aftersales-tests-", dir=in_memory()))
    home.chmod(0o755)  # the database runs as another user where the tests run as root
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_home: Path) -> Iterator[Postgres]:
    """A real PostgreSQL. `AFTERSALES_POSTGRES_URL` names one that is there already."""
    with short_lived_postgres(server_home / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq(server_home: Path) -> Iterator[RabbitMQ]:
    """A real RabbitMQ. `AFTERSALES_RABBITMQ_URL` and `AFTERSALES_RABBITMQ_MANAGEMENT_URL` name one that is there."""
    with short_lived_rabbitmq(server_home / "rabbitmq") as server:
        yield server


class Stretches(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """What one worker runs in a row: the tests of a file; and all of a folder that share what they run on."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePath(nodeid.partition("::")[0])
        folder = str(file.parent).removeprefix("tests/")
        return folder if folder in SHARING else str(file)


gc.disable()  # until everything is collected: what is imported meanwhile lasts


def pytest_collection_finish() -> None:
    """What was imported to be tested is not looked through for garbage with every test."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let those go first that have a bound to prove; what is started from here on inherits it."""
    if hasattr(item.config, "workerinput") and item.path.parent.name != WITHIN_SECONDS:
        os.setpriority(os.PRIO_PROCESS, 0, max(LATER, os.getpriority(os.PRIO_PROCESS, 0)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Stretches:
    """Asked by xdist, however it was told to deal the tests out."""
    return Stretches(config, log)
