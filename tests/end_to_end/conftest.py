"""One suite for all end-to-end tests: real servers, a process per service, the test clock on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support import payment_gateway
from support.collector import Collector, collecting
from support.company import Company
from support.footprint import Footprint
from support.forked import as_copy
from support.one_of_everything import ids_of
from support.right_bodies import bodies_of
from support.scene import Scene
from testkit.aftersales import Aftersales
from testkit.embedded import suite_on
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import Suite


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where every service of the suite sends its traces."""
    with collecting() as opened:
        yield opened


@pytest.fixture(scope="session")
def aftersales(
    postgres: Postgres, rabbitmq: RabbitMQ, server_home: Path, collector: Collector
) -> Iterator[Aftersales[Suite]]:
    """What the test kit hands out, of a suite on the servers of this run whose processes begin as copies."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:  # for the services only: tests go on without
            environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
            environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "500")
            environment.setenv("PARTS_PAYMENT_SECRETS", payment_gateway.SECRETS)
            opening = suite_on(postgres, rabbitmq, home=server_home / "suite", start_as=as_copy)
            running = stack.enter_context(opening)
        yield stack.enter_context(Aftersales[Suite].using(running, broker_url=running.broker_url))


@pytest.fixture(scope="session")
def suite(aftersales: Aftersales[Suite]) -> Suite:
    """The running suite itself, for tests that look behind it."""
    return aftersales.suite


@pytest.fixture(scope="session")
def whole_company(aftersales: Aftersales[Suite]) -> Company:
    """Everybody who uses the suite."""
    return Company(suite=aftersales.suite, watcher=aftersales.watcher, clients=aftersales.clients)


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
