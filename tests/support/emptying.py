"""A database as it was before anything was written: quicker than a fresh copy, and its service goes on."""

from urllib.parse import urlsplit

import asyncpg

from shared.actor import Actor
from shared.database import Database
from shared.messaging.unit_of_work import Cause, Works
from testkit.servers.postgres import Postgres

OF_MIGRATIONS = {"alembic_version", "schema_floor"}
"""Tables with rows that the migrations wrote."""


async def empty(postgres: Postgres, *, database: Database, works: Works) -> None:
    """Delete every row and begin every sequence anew; the service learns that nobody ever moved its clock.

    Guards of a table do not hold: its rows have never been there.
    """
    there = urlsplit(postgres.url)._replace(path=f"/{database.engine.url.database}")
    admin = await asyncpg.connect(there.geturl())
    try:
        await admin.execute("SET session_replication_role = replica")
        tables = await admin.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        sequences = await admin.fetch("SELECT sequencename AS name FROM pg_sequences WHERE last_value IS NOT NULL")
        emptied = {table["name"] for table in tables} - OF_MIGRATIONS
        await admin.execute(
            "; ".join([f'DELETE FROM "{name}"' for name in emptied])  # noqa: S608  # names from the catalogue
            + "".join(f'; ALTER SEQUENCE "{sequence["name"]}" RESTART' for sequence in sequences)
        )
    finally:
        await admin.close()
    async with works.begin(Cause(actor=Actor(kind="system", id="tests", role="test"))):
        """Whoever begins looks at the clock."""
