"""What stands in the databases of a suite, so that a test can say: nothing changed."""

import asyncio
from collections.abc import Mapping
from typing import Self

import asyncpg

from testkit.suite import Suite

WRITTEN_LATER = ("audit_link", "alembic_version")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"

type Cell = object


class Footprint:
    """Looks into the database of each service. Use it as a context."""

    def __init__(self, suite: Suite) -> None:
        self._urls = {
            name: service.environment[f"{name.upper()}_DATABASE_URL"] for name, service in suite.services.items()
        }
        self._runner = asyncio.Runner()
        self._connections: dict[str, asyncpg.Connection] = {}

    def __enter__(self) -> Self:
        self._runner.run(self._connect())
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            self._runner.run(connection.close())
        self._runner.close()

    def take(self) -> Mapping[str, str]:
        """How many rows each table has, and a digest of them; without what is written after the fact."""
        return self._runner.run(self._take())

    def cells(self) -> list[tuple[str, Cell]]:
        """Every value of every column of every table, with the place where it stands."""
        return self._runner.run(self._cells())

    async def _connect(self) -> None:
        for name, url in self._urls.items():
            self._connections[name] = await asyncpg.connect(url)

    async def _tables(self, connection: asyncpg.Connection) -> list[str]:
        return [row["tablename"] for row in await connection.fetch(TABLES)]

    async def _take(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for service, connection in self._connections.items():
            looks = " UNION ALL ".join(
                f"SELECT '{table}' AS name, count(*) AS rows, "  # noqa: S608  # names from the catalogue
                f"md5(coalesce(string_agg(one::text, chr(10) ORDER BY one::text), '')) AS digest FROM \"{table}\" one"
                for table in await self._tables(connection)
                if table not in WRITTEN_LATER
            )
            for row in await connection.fetch(looks):
                found[f"{service}.{row['name']}"] = f"{row['rows']} rows, {row['digest']}"
        return found

    async def _cells(self) -> list[tuple[str, Cell]]:
        found: list[tuple[str, Cell]] = []
        for service, connection in self._connections.items():
            for table in await self._tables(connection):
                for row in await connection.fetch(f'SELECT * FROM "{table}"'):  # noqa: S608
                    found += [(f"{service}.{table}.{column}", value) for column, value in row.items()]
        return found
