"""A parts store with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.parts_store import PartsStore, migrated_parts, open_parts_store
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file


@pytest.fixture(scope="session")
async def parts_template(postgres: Postgres, server_home: Path) -> str:
    return await migrated_parts(postgres, home=server_home)


@pytest.fixture
async def store(postgres: Postgres, parts_template: str, tmp_path: Path) -> AsyncIterator[PartsStore]:
    async with open_parts_store(postgres, template=parts_template, home=tmp_path) as opened:
        yield opened


@pytest.fixture
async def lived(
    request: pytest.FixtureRequest, postgres: Postgres, parts_template: str, tmp_path: Path
) -> AsyncIterator[PartsStore]:
    """A store under the policy of the regulation that the test is `under`."""
    policy = policy_file("parts", profile=request.param)
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as opened:
        yield opened
