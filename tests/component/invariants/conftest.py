"""An empty, migrated database of every service, which nobody changes."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from shared.database import database
from shared.migrations import migrate
from testkit.servers.postgres import Postgres
from testkit.suite import ROOT, SERVICES


@pytest.fixture(scope="session")
async def schemas(postgres: Postgres) -> AsyncIterator[dict[str, str]]:
    """Service to the URL of its database."""
    urls = {}
    for service in SERVICES:
        name = f"invariants_{service}_{uuid4().hex[:8]}"
        urls[service] = await postgres.create_database(name, owner=name, password=name)
        opened = database(urls[service], service="tests")
        await migrate(opened, folder=ROOT / "services" / service / "migrations")
        await opened.close()
    yield urls
    for url in urls.values():
        await postgres.drop_database(url.rpartition("/")[2])
