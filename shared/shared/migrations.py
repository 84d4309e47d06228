"""Bringing a service's schema up to date, and saying whether this build can work with the schema that is there.

Revisions are numbered (`0001`, `0002` …), so that versions n and n-1 of a service can run side by side: a schema newer
than the build is fine until a migration takes away what the build needs. Such a contracting migration says so by
calling `raise_floor(op.get_bind(), revision="0007")`: builds older than 0007 are then no longer ready.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import Database, DatabaseRefuses, database, is_outage, refusal
from shared.messaging.broker import reconnect_pause

LOCK = "migrations"
"""Two migrate jobs of one service wait for one another by this advisory lock."""

FOUND = text("SELECT max(version_num) FROM alembic_version")
FLOOR = text("SELECT max(revision) FROM schema_floor")

log = structlog.get_logger(__name__)


class SchemaContracted(Exception):
    """The schema lost what this build needs: a newer one took it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The revision that a database is at (None: never migrated), its floor, and the newest that this build brings."""

    found: str | None
    floor: str | None
    needed: str

    @property
    def is_contracted(self) -> bool:
        """Whether builds as old as this one can no longer work with it."""
        return self.floor is not None and self.floor > self.needed

    @property
    def is_current(self) -> bool:
        """Whether it has what this build needs, and was not contracted past it."""
        return self.found is not None and self.found >= self.needed and not self.is_contracted

    @property
    def contraction(self) -> str:
        """What to tell whoever runs a build that is too old."""
        return (
            f"its schema is at {self.found}, contracted past this build, which ends at {self.needed}: run a build that"
            f" brings {self.floor} or later"
        )

    def require_not_contracted(self) -> None:
        """Raise `SchemaContracted` where it was contracted past this build."""
        if self.is_contracted:
            raise SchemaContracted(self.contraction)


async def migrate_when_possible(url: str, *, service: str, folder: Path) -> None:
    """`migrate` the database at `url` once it is there; each step may take as long as it takes.

    Raises `DatabaseRefuses` and `SchemaContracted`: waiting helps with neither.
    """
    opened = database(url, service=f"{service} migrate", command_seconds=None)
    try:
        while not await _migrated(opened, folder=folder):  # noqa: ASYNC110  # no server says when it is back
            await asyncio.sleep(reconnect_pause())
    finally:
        await opened.close()


async def migrate(database: Database, *, folder: Path) -> None:
    """Bring the schema to the head of the migrations in `folder` (which holds `env.py`), in one transaction.

    A newer schema stays as it is. Raises `SchemaContracted` where this build cannot work with it.
    """
    async with database.engine.begin() as connection:
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text("SELECT set_config(:limit, '0', true)"), {"limit": limit})
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": LOCK})
        schema = await _schema(connection, needed=head(folder))
        schema.require_not_contracted()
        if not schema.is_current:
            await connection.run_sync(_upgrade, folder)


def folder_of(package: Path) -> Path:
    """Where a service's migrations are, by the folder of its package: a wheel has them in it, a checkout beside it."""
    within = package / "migrations"
    return within if within.is_dir() else package.parent / "migrations"


async def migrations_current(database: Database, *, folder: Path) -> bool:
    """Whether the schema is what this build needs. Raises what the database raises in an outage."""
    return (await schema_of(database, folder=folder)).is_current


async def schema_of(database: Database, *, folder: Path) -> Schema:
    """The schema as this build finds it. Raises what the database raises in an outage, and `DatabaseRefuses`."""
    async with database.engine.connect() as connection:
        return await _schema(connection, needed=head(folder))


async def require_not_contracted(database: Database) -> None:
    """Raise `SchemaContracted` where the build that asks, if the database says which that is, is too old."""
    if database.brings is not None:
        async with database.engine.connect() as connection:
            (await _schema(connection, needed=database.brings)).require_not_contracted()


def head(folder: Path) -> str:
    """The newest revision that this build brings."""
    revision = ScriptDirectory(str(folder)).get_current_head()
    if revision is None:
        raise FileNotFoundError(f"{folder} holds no migrations")
    return revision


def run_environment(metadata: MetaData) -> None:
    """All that a service's `env.py` does."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    context.run_migrations()


def raise_floor(connection: Connection, *, revision: str) -> None:
    """Called by a contracting migration: builds whose head is older than `revision` can no longer work."""
    connection.execute(text("CREATE TABLE IF NOT EXISTS schema_floor (revision text PRIMARY KEY)"))
    connection.execute(
        text("INSERT INTO schema_floor VALUES (:revision) ON CONFLICT DO NOTHING"), {"revision": revision}
    )


async def _schema(connection: AsyncConnection, *, needed: str) -> Schema:
    return Schema(
        found=await _newest(connection, statement=FOUND, table="alembic_version"),
        floor=await _newest(connection, statement=FLOOR, table="schema_floor"),
        needed=needed,
    )


async def _newest(connection: AsyncConnection, *, statement: TextClause, table: str) -> str | None:
    """The newest revision that `table` names; None where there is no such table.

    Raises `DatabaseRefuses` where it may not be read: another role migrated, and its grant is yet to come.
    """
    if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is None:
        return None
    try:
        newest: str | None = await connection.scalar(statement)
    except DBAPIError as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error
    return newest


async def _migrated(database: Database, *, folder: Path) -> bool:
    """Whether it is done; False where the server is away or went away, and with it the transaction."""
    try:
        await migrate(database, folder=folder)
    except DatabaseRefuses:
        raise
    except (SQLAlchemyError, OSError) as error:
        refused = refusal(error) if isinstance(error, DBAPIError) else None
        if refused is not None:  # it may not create what only the database's owner may
            raise refused from error
        if not is_outage(error):
            raise
        log.info("migrations wait for the database", error=type(error).__name__)
        return False
    return True


def _upgrade(connection: Connection, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
