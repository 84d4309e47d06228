"""Rows that no service would write: put into a database past its triggers and foreign keys, to see who notices."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from testkit.servers.postgres import Postgres

type Value = object

_NEEDED = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
"""
_ANY = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "character varying": "'x'",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "boolean": "true",
    "bytea": r"'\x00'",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
    "interval": "'1 hour'",
}
"""What stands in a column of which a test says nothing, by its type."""


class Corruptor:
    """Somebody with all rights, in a transaction that is never committed."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def insert(self, table: str, **given: Value) -> None:
        """A row with these values, and any in the other columns that need one."""
        needed = {row["column_name"]: row["data_type"] for row in await self._connection.fetch(_NEEDED, table)}
        columns = [*given, *(name for name in needed if name not in given)]
        values = [
            *(_literal(value) for value in given.values()),
            *(_ANY[needed[name]] for name in columns[len(given) :]),
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        await self.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(values)})')  # noqa: S608  # a test's own

    async def execute(self, statement: str) -> None:
        """Whatever else."""
        await self._connection.execute(statement)

    async def violated(self) -> dict[str, list[str]]:
        """What the views hold, by invariant."""
        views = await self._connection.fetch("SELECT viewname FROM pg_views WHERE viewname LIKE 'invariant%'")
        found = {}
        for (view,) in views:
            rows = await self._connection.fetch(f'SELECT about, says FROM "{view}"')  # noqa: S608  # of the catalogue
            if rows:
                found[view.removeprefix("invariant_").upper()] = [f"{about} {says}" for about, says in rows]
        return found


@asynccontextmanager
async def corrupting(postgres: Postgres, *, database: str) -> AsyncIterator[Corruptor]:
    """Nothing that is done within the block stays."""
    connection = await asyncpg.connect(urlunsplit(urlsplit(postgres.url)._replace(path=f"/{database}")))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SET LOCAL session_replication_role = replica")
    try:
        yield Corruptor(connection)
    finally:
        await transaction.rollback()
        await connection.close()


def _literal(value: Value) -> str:
    """A value as SQL has it; what is in brackets is SQL already."""
    if value is None:
        return "NULL"
    text = str(value)
    return text if text.startswith("(") else "'" + text.replace("'", "''") + "'"
