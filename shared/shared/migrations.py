"""Bringing a service's schema up to date, and saying whether this build can work with the schema that is there.

Revisions are numbered (`0001`, `0002` …), so that versions n and n-1 of a service can run side by side: a schema newer
than the build is fine until a migration takes away what the build needs. Such a contracting migration says so by
calling `raise_floor(op.get_bind(), revision="0007")`: builds older than 0007 are then no longer ready.
"""

import asyncio
from pathlib import Path

import structlog
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from shared.database import Database, database, is_outage
from shared.messaging.broker import reconnect_pause

LOCK = "migrations"
"""Two migrate jobs of one service wait for one another by this advisory lock."""

log = structlog.get_logger(__name__)


async def migrate_when_possible(url: str, *, service: str, folder: Path) -> None:
    """`migrate` the database at `url` once it is there; each step may take as long as it takes."""
    opened = database(url, service=f"{service} migrate", command_seconds=None)
    try:
        while not await _migrated(opened, folder=folder):  # noqa: ASYNC110  # no server says when it is back
            await asyncio.sleep(reconnect_pause())
    finally:
        await opened.close()


async def migrate(database: Database, *, folder: Path) -> None:
    """Bring the schema to the head of the migrations in `folder` (which holds `env.py`), in one transaction."""
    async with database.engine.begin() as connection:
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text("SELECT set_config(:limit, '0', true)"), {"limit": limit})
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": LOCK})
        await connection.run_sync(_upgrade, folder)


def folder_of(package: Path) -> Path:
    """Where a service's migrations are, by the folder of its package: a wheel has them in it, a checkout beside it."""
    within = package / "migrations"
    return within if within.is_dir() else package.parent / "migrations"


async def migrations_current(database: Database, *, folder: Path) -> bool:
    """Whether the schema has what this build needs and was not contracted past it. False too where there is none yet.

    Raises what the database raises in an outage.
    """
    needed = head(folder)
    try:
        async with database.engine.connect() as connection:
            found = await connection.scalar(text("SELECT max(version_num) FROM alembic_version"))
            floor = None
            if await connection.scalar(text("SELECT to_regclass('schema_floor')")) is not None:
                floor = await connection.scalar(text("SELECT max(revision) FROM schema_floor"))
    except ProgrammingError:  # no alembic_version: nothing was ever migrated
        return False
    return found is not None and found >= needed and (floor is None or floor <= needed)


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


async def _migrated(database: Database, *, folder: Path) -> bool:
    """Whether it is done; False where the server is away or went away, and with it the transaction."""
    try:
        await migrate(database, folder=folder)
    except (SQLAlchemyError, OSError) as error:
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
