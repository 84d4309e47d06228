"""A feedback with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.aftercare import AftercareDesk, migrated_database, open_aftercare
from testkit.servers.postgres import Postgres


@pytest.fixture(scope="session")
async def feedback_template(postgres: Postgres, server_home: Path) -> str:
    return await migrated_database(postgres, home=server_home)


@pytest.fixture
async def desk(postgres: Postgres, feedback_template: str, tmp_path: Path) -> AsyncIterator[AftercareDesk]:
    async with open_aftercare(postgres, template=feedback_template, home=tmp_path) as opened:
        yield opened
