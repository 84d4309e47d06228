"""The migrations make exactly what the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from parts.tables import METADATA
from support.parts_store import PartsStore


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]


async def test_the_migrated_schema_is_the_one_that_the_tables_declare(store: PartsStore) -> None:
    await store.service.migrate()
    async with store.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
