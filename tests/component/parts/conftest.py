"""A parts store that every test finds as if nothing had happened, and one under the policy of a regulation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.parts_store import PartsStore, open_parts_store
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file


@pytest.fixture
async def store(postgres: Postgres, kept_store: PartsStore) -> PartsStore:
    await kept_store.begin_anew(postgres)
    return kept_store


@pytest.fixture
async def lived(
    request: pytest.FixtureRequest, postgres: Postgres, parts_template: str, tmp_path: Path
) -> AsyncIterator[PartsStore]:
    """A store under the policy of the regulation that the test is `under`."""
    policy = policy_file("parts", profile=request.param)
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as opened:
        yield opened
