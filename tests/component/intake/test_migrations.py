"""The migrations make exactly what the code works with."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from intake.tables import METADATA
from support.front_desk import FrontDesk, zammad_source


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]


async def test_the_migrated_schema_is_the_one_that_the_tables_declare(desk: FrontDesk) -> None:
    async with desk.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(desk: FrontDesk) -> None:
    await desk.service.migrate()
    async with desk.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_database_itself_refuses_to_change_the_audit_log(desk: FrontDesk) -> None:
    await desk.create("/v1/push-sources", zammad_source())
    for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry CASCADE"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with desk.database.engine.begin() as connection:
                await connection.execute(text(statement))
