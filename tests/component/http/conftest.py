"""A shop with an empty database of its own for every test."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.shop import Shop, ShopKeys, ShopTime, open_shop, shop_database, shop_keys
from testkit.servers.postgres import Postgres


@pytest.fixture
def keys(tmp_path: Path) -> ShopKeys:
    return shop_keys(tmp_path)


@pytest.fixture
def time() -> ShopTime:
    return ShopTime(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def database_url(postgres: Postgres) -> str:
    return await shop_database(postgres)


@pytest.fixture
async def shop(database_url: str, keys: ShopKeys, time: ShopTime) -> AsyncIterator[Shop]:
    async with open_shop(database_url, keys=keys, time=time) as opened:
        yield opened
