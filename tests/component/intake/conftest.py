"""An intake that every test finds as if nothing had happened."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.front_desk import FrontDesk, open_front_desk
from testkit.servers.postgres import Postgres


@pytest.fixture
async def desk(postgres: Postgres, kept_front_desk: FrontDesk) -> FrontDesk:
    await kept_front_desk.begin_anew(postgres)
    return kept_front_desk


@pytest.fixture
async def working_desk(postgres: Postgres, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    """A fresh one whose worker fires deadlines; there is no broker, so what it says stays in the outbox."""
    async with open_front_desk(postgres, home=tmp_path) as opened:
        await opened.service.worker.start()
        yield opened
        await opened.service.worker.stop()
