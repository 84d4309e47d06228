"""The servers that everything else is tested on."""

import asyncpg
import pytest

from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ


async def test_a_database_belongs_to_its_role_and_is_closed_to_others(postgres: Postgres) -> None:
    await postgres.create_database("one", owner="one", password="it's one")
    two = await postgres.create_database("two", owner="two", password="two")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(two.removesuffix("/two") + "/one")


async def test_making_a_database_again_finds_its_data(postgres: Postgres) -> None:
    url = await postgres.create_database("again", owner="again", password="first")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    await connection.close()
    url = await postgres.create_database("again", owner="again", password="second")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT n FROM kept") == 7
    await connection.close()


def test_a_virtual_host_can_be_made_and_forgotten(rabbitmq: RabbitMQ) -> None:
    url = rabbitmq.create_vhost("a test")
    assert url.endswith("/a%20test")
    rabbitmq.delete_vhost("a test")
    assert "a test" not in [vhost["name"] for vhost in rabbitmq.management.get("/api/vhosts").json()]
