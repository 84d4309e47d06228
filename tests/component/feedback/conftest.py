"""A feedback that every test finds as if nothing had happened."""

import pytest

from support.aftercare import AftercareDesk
from testkit.servers.postgres import Postgres


@pytest.fixture
async def desk(postgres: Postgres, kept_aftercare: AftercareDesk) -> AftercareDesk:
    await kept_aftercare.begin_anew(postgres)
    return kept_aftercare
