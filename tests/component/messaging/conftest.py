"""A virtual host and two databases of its own for every test, and the two demo services on them."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from support.kitchen import DemoService, Handled, create_tables
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ


@pytest.fixture
def broker_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield rabbitmq.create_vhost(name)
    rabbitmq.delete_vhost(name)


@pytest.fixture
async def database_url(postgres: Postgres) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password=name)
    await create_tables(url)
    yield url
    await postgres.drop_database(name)


@pytest.fixture
async def other_database_url(postgres: Postgres) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password=name)
    await create_tables(url)
    yield url
    await postgres.drop_database(name)


@pytest.fixture
async def kitchen(database_url: str, broker_url: str) -> AsyncIterator[DemoService]:
    service = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    yield service
    await service.close()


@pytest.fixture
def handled() -> Handled:
    """How dining handles deliveries, where a test is not parametrised over `WAYS`."""
    return "alone"


@pytest.fixture
async def dining(other_database_url: str, broker_url: str, handled: Handled) -> AsyncIterator[DemoService]:
    service = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handled=handled)
    yield service
    await service.close()
