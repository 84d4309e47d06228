"""A parts store that every test finds as if nothing had happened."""

import pytest

from support.parts_store import PartsStore
from testkit.servers.postgres import Postgres


@pytest.fixture
async def store(postgres: Postgres, kept_store: PartsStore) -> PartsStore:
    await kept_store.begin_anew(postgres)
    return kept_store
