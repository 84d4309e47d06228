"""What stands in the databases of a suite, so that a test can say: nothing changed."""

import asyncio
from collections.abc import Mapping
from typing import Self

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

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
        self._looks: dict[str, PreparedStatement] = {}

    def __enter__(self) -> Self:
        self._runner.run(self._connect())
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            self._runner.run(connection.close())
        self._runner.close()

    def take(self) -> Mapping[str, str]:
        """How many rows each table has, and which transactions wrote them; without what is written after the fact.

        Whatever is inserted, changed or deleted moves one of these numbers, and they cost less than the rows.
        """
        return self._runner.run(self._take())

    def cells(self) -> list[tuple[str, Cell]]:
        """Every value of every column of every table, with the place where it stands."""
        return self._runner.run(self._cells())

    async def _connect(self) -> None:
        for name, url in self._urls.items():
            self._connections[name] = await asyncpg.connect(url)
            self._looks[name] = await self._look(self._connections[name])

    async def _tables(self, connection: asyncpg.Connection) -> list[str]:
        return [row["tablename"] for row in await connection.fetch(TABLES)]

    async def _take(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for service, looks in self._looks.items():
            for row in await looks.fetch():
                found[f"{service}.{row['name']}"] = f"{row['rows']} rows, written by {row['writers']}"
        return found

    async def _look(self, connection: asyncpg.Connection) -> PreparedStatement:
        return await connection.prepare(
            " UNION ALL ".join(
                f"SELECT '{table}' AS name, count(*) AS rows, "  # noqa: S608  # names from the catalogue
                f'sum(xmin::text::bigint) AS writers FROM "{table}"'
                for table in await self._tables(connection)
                if table not in WRITTEN_LATER
            )
        )

    async def _cells(self) -> list[tuple[str, Cell]]:
        found: list[tuple[str, Cell]] = []
        for service, connection in self._connections.items():
            for table in await self._tables(connection):
                for row in await connection.fetch(f'SELECT * FROM "{table}"'):  # noqa: S608
                    found += [(f"{service}.{table}.{column}", value) for column, value in row.items()]
        return found
