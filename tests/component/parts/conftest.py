"""A parts store with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.parts_store import PartsStore, migrated_parts, open_parts_store
from testkit.servers.postgres import Postgres


@pytest.fixture(scope="session")
async def parts_template(postgres: Postgres, server_home: Path) -> str:
    return await migrated_parts(postgres, home=server_home)


@pytest.fixture
async def store(postgres: Postgres, parts_template: str, tmp_path: Path) -> AsyncIterator[PartsStore]:
    async with open_parts_store(postgres, template=parts_template, home=tmp_path) as opened:
        yield opened
