"""The broker as one service finds it: everybody's queues are there, and nothing is in them."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from support.quiet_broker import declare_all, empty_all
from testkit.servers.rabbitmq import RabbitMQ


@pytest.fixture(scope="session")
def shared_broker_url(rabbitmq: RabbitMQ) -> str:
    """A virtual host with the queues of all services, for tests that leave the queues themselves alone."""
    url = rabbitmq.create_vhost(f"shared-{uuid4().hex}")
    asyncio.run(declare_all(url))
    return url


@pytest.fixture
def broker_url(shared_broker_url: str) -> Iterator[str]:
    """The shared virtual host, emptied for whoever comes next."""
    yield shared_broker_url
    asyncio.run(empty_all(shared_broker_url))
