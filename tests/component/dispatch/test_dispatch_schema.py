"""The migrations make exactly what the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from dispatch.tables import METADATA
from support.control_room import ControlRoom


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]


async def test_the_migrated_schema_is_the_one_that_the_tables_declare(room: ControlRoom) -> None:
    await room.service.migrate()
    async with room.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_database_itself_keeps_a_technician_out_of_two_places(room: ControlRoom) -> None:
    [constraint] = await room.rows(
        "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'visit'::regclass"
        " AND contype = 'x'"
    )
    assert (
        "EXCLUDE USING gist (technician_id WITH =, tstzrange(starts_at, ends_at) WITH &&)" in constraint["definition"]
    )
