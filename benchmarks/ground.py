"""The servers that everything is measured on, and the suite's services on them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.sizes import Sizes
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.service_process import ServiceProcess
from testkit.suite import Servers, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One PostgreSQL, one RabbitMQ, and how much is to be measured on them."""

    home: Path
    postgres: Postgres
    rabbitmq: RabbitMQ
    sizes: Sizes

    @contextmanager
    def suite(self) -> Iterator[Suite]:
        """Databases of its own for every service, migrated; no service runs yet. All real: no test clock."""
        mark = uuid4().hex[:8]
        given = Servers(self.postgres, self.rabbitmq, mark)
        suite = Suite(self.home / mark, profile="standard", test_clock="off", progress=_silent, given=given)
        try:
            suite.start_servers()
            suite.migrate()
            yield suite
        finally:
            suite.stop()

    @contextmanager
    def running_suite(self) -> Iterator[Suite]:
        """All five services, one process each."""
        with self.suite() as suite:
            for service in suite.services.values():
                service.restart()
            yield suite


@contextmanager
def servers(sizes: Sizes) -> Iterator[Ground]:
    """Private servers that end with the block and leave nothing, or, as for the tests, those that URLs name."""
    home = Path(tempfile.mkdtemp(prefix="aftersales-bench-"))
    home.chmod(0o755)  # the database runs as another user where we are root
    postgres = _postgres(home)
    try:
        rabbitmq = _rabbitmq(home)
        try:
            yield Ground(home=home, postgres=postgres, rabbitmq=rabbitmq, sizes=sizes)
        finally:
            rabbitmq.stop()
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def _postgres(home: Path) -> Postgres:
    url = os.environ.get("AFTERSALES_POSTGRES_URL")
    return Postgres(url) if url else Postgres.start(home / "postgres")


def _rabbitmq(home: Path) -> RabbitMQ:
    url = os.environ.get("AFTERSALES_RABBITMQ_URL")
    management_url = os.environ.get("AFTERSALES_RABBITMQ_MANAGEMENT_URL", "http://guest:guest@127.0.0.1:15672")
    return RabbitMQ(url, management_url) if url else RabbitMQ.start(home / "rabbitmq")


def answering(suite: Suite, *, service: str = "intake") -> ServiceProcess:
    """One process of a service that answers, and nothing else: its relay would run in another one."""
    process = suite.process(service, mode="api")
    process.restart()
    return process


def answering_without_database(suite: Suite) -> ServiceProcess:
    """The same endpoints in front of nothing, see `benchmarks.no_database`."""
    process = suite.process("intake", mode="api")
    process.name = "benchmarks.no_database"
    process.restart()
    return process


def _silent(_: str) -> None:
    """Nobody wants to hear how a suite starts."""
