"""An intake with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.front_desk import FrontDesk, open_front_desk
from testkit.servers.postgres import Postgres


@pytest.fixture
async def desk(postgres: Postgres, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(postgres, home=tmp_path) as opened:
        yield opened


@pytest.fixture
async def working_desk(desk: FrontDesk) -> AsyncIterator[FrontDesk]:
    """Its worker fires deadlines; there is no broker, so what it says stays in the outbox."""
    await desk.service.worker.start()
    yield desk
    await desk.service.worker.stop()
