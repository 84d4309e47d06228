"""One suite for all end-to-end tests: real servers, a process per service, the test clock on."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from support.collector import Collector, collecting
from support.company import Company
from support.footprint import Footprint
from support.forked import as_copy
from support.one_of_everything import ids_of
from support.right_bodies import bodies_of
from support.scene import Scene
from support.suite_clients import Clients
from testkit.demo.watcher import Watcher
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import SERVICES, Servers, Suite


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where every service of the suite sends its traces."""
    with collecting() as opened:
        yield opened


@pytest.fixture(scope="session")
def suite(postgres: Postgres, rabbitmq: RabbitMQ, server_home: Path, collector: Collector) -> Iterator[Suite]:
    """The running suite, on databases and a virtual host of its own."""
    given = Servers(postgres=postgres, rabbitmq=rabbitmq, mark=uuid4().hex[:12])
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:  # for the services only: tests go on without
            environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
            environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "500")
            opening = Suite.running(server_home / "suite", test_clock="on", given=given, start_as=as_copy)
            running = stack.enter_context(opening)
        yield running
    rabbitmq.delete_vhost(given.name("aftersales"))
    for service in SERVICES:
        asyncio.run(postgres.drop_database(given.name(service)))


@pytest.fixture(scope="session")
def whole_company(suite: Suite) -> Iterator[Company]:
    """Everybody who uses the suite, and somebody who hears every event."""
    with Clients(suite) as clients, Watcher(suite.broker_url, tell=lambda _: None) as watcher:
        yield Company(suite=suite, watcher=watcher, clients=clients)


@pytest.fixture
def company(whole_company: Company) -> Iterator[Company]:
    """The company on a working morning, with nothing open and nobody there yet."""
    whole_company.start()
    yield whole_company
    whole_company.leave()


@pytest.fixture(scope="module")
def scene(whole_company: Company) -> Iterator[Scene]:
    """One of everything, for tests that change nothing."""
    company = whole_company
    company.start()
    with Footprint(company.suite) as footprint:
        scene = Scene(company=company, footprint=footprint, ids=ids_of(company), bodies={})
        scene.bodies = bodies_of(company)
        company.time.settle()
        scene.before = footprint.take()
        yield scene
    company.leave()
