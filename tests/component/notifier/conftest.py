"""A notifier with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.post_room import PostRoom, migrated_database, open_post_room
from testkit.servers.postgres import Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres, server_home: Path) -> str:
    return await migrated_database(postgres, home=server_home)


@pytest.fixture
async def room(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[PostRoom]:
    async with open_post_room(postgres, template=template, home=tmp_path) as opened:
        yield opened
