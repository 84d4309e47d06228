"""The broker as one service finds it: everybody's queues are there, and nothing is in them.

And a process of each service, kept for all tests that begin it anew.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from support import aftercare, control_room, parts_store, post_room
from support.aftercare import AftercareDesk
from support.control_room import ControlRoom
from support.front_desk import FrontDesk, open_front_desk
from support.parts_store import PartsStore
from support.post_room import PostRoom
from support.quiet_broker import declare_all, empty_all
from testkit.servers.postgres import Postgres
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


@pytest.fixture(scope="session")
async def kept_front_desk(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(postgres, home=tmp_path_factory.mktemp("intake")) as opened:
        yield opened


@pytest.fixture(scope="session")
async def dispatch_template(postgres: Postgres, server_home: Path) -> str:
    return await control_room.migrated_database(postgres, home=server_home)


@pytest.fixture(scope="session")
async def kept_control_room(
    postgres: Postgres, dispatch_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ControlRoom]:
    home = tmp_path_factory.mktemp("dispatch")
    async with control_room.open_control_room(postgres, template=dispatch_template, home=home) as opened:
        yield opened


@pytest.fixture(scope="session")
async def parts_template(postgres: Postgres, server_home: Path) -> str:
    return await parts_store.migrated_parts(postgres, home=server_home)


@pytest.fixture(scope="session")
async def kept_store(
    postgres: Postgres, parts_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PartsStore]:
    home = tmp_path_factory.mktemp("parts")
    async with parts_store.open_parts_store(postgres, template=parts_template, home=home) as opened:
        yield opened


@pytest.fixture(scope="session")
async def feedback_template(postgres: Postgres, server_home: Path) -> str:
    return await aftercare.migrated_database(postgres, home=server_home)


@pytest.fixture(scope="session")
async def kept_aftercare(
    postgres: Postgres, feedback_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AftercareDesk]:
    home = tmp_path_factory.mktemp("feedback")
    async with aftercare.open_aftercare(postgres, template=feedback_template, home=home) as opened:
        yield opened


@pytest.fixture(scope="session")
async def notifier_template(postgres: Postgres, server_home: Path) -> str:
    return await post_room.migrated_database(postgres, home=server_home)


@pytest.fixture(scope="session")
async def kept_post_room(
    postgres: Postgres, notifier_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PostRoom]:
    home = tmp_path_factory.mktemp("notifier")
    async with post_room.open_post_room(postgres, template=notifier_template, home=home) as opened:
        yield opened
