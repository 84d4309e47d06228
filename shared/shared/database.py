"""The service's own PostgreSQL: an engine without surprises, what counts as an outage, and whether the schema fits."""

import socket
import ssl
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolIsExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

CONNECT_SECONDS = 5
COMMAND_SECONDS = 20
POOL_SECONDS = 5
IDLE_SECONDS = 30.0
"""How long a transaction may do nothing before the server ends it with its connection."""
SERVER_TIMEOUTS = {"statement_timeout": "15s", "lock_timeout": "5s"}
USED_AT = "used_at"

CONTENTION_STATES = (
    "40001",  # could not serialise; the same again will do
    "40P01",  # deadlock; the same again will do
    "55P03",  # a lock was not to be had in time
)
"""SQLSTATEs of work that met other work at the same rows: whatever works on other rows is not concerned."""
OUTAGE_STATES = (
    "08",  # connection exceptions
    "53",  # insufficient resources: disk full, too many connections
    "57P0",  # shut down, crashed, cannot connect now
    "58",  # the server's own system failed
    "25006",  # read only: a replica was asked, or a failover is under way
    *CONTENTION_STATES,
)
"""SQLSTATEs, by how they begin, that say nothing about the work itself: it may be done again later, unchanged."""
REFUSED_STATES = (
    "28",  # wrong account or password
    "3D000",  # no such database
    "42501",  # the account may not enter this one
)
"""SQLSTATEs, by how they begin, of a server that lets nobody in who comes as this URL says."""

TOO_SLOW = "57014"
"""The statement timeout: the server is there, and overloaded."""


class LeftIdle(SQLAlchemyError):
    """The work left its transaction lying until the server ended it. The work is to blame: this is no outage."""


class DatabaseRefuses(SQLAlchemyError):
    """The server is there and does not let us in: account, password or name of the database are not what it knows.

    It tells what the server said, which never holds the password. To whoever works it is an outage, for passwords are
    changed in two places and in some order.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An engine, and sessions that keep their objects readable after the commit.

    `looks` gives sessions whose statements each stand for themselves: what only looks, and does so again and again, is
    spared the beginning and the end of a transaction. `brings` is the newest revision of the build that asks, where it
    shall be found out whether that is too old.
    """

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    looks: async_sessionmaker[AsyncSession]
    brings: str | None = None

    async def answers(self) -> bool:
        """Whether the server can be asked anything at all right now. Raises `DatabaseRefuses`, and for no outage."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolIsExhausted, OSError) as error:
            if is_outage(error):
                return False
            raise
        return True

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def database(
    url: str,
    *,
    service: str,
    pool_size: int = 15,
    pool_overflow: int = 0,
    command_seconds: float | None = COMMAND_SECONDS,
) -> Database:
    """Connect lazily to `url` (`postgresql://…`, with `sslmode` and `sslrootcert` as libpq spells them).

    `service` names the connections in `pg_stat_activity`. A statement that is not answered within `command_seconds` is
    given up, for a server that is gone says nothing; None waits.

    The pool never pings: it looks whether the server closed the connection, which costs nothing, so that a restarted
    database is met with fresh connections.
    """
    target = make_url(url)
    arguments: dict[str, object] = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": command_seconds,
        "server_settings": {
            "application_name": service,
            "timezone": "UTC",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS * 1000:.0f}ms",
            **SERVER_TIMEOUTS,
        },
    }
    mode = target.query.get("sslmode")
    if isinstance(mode, str):
        arguments["ssl"] = _transport(mode, root_certificate=target.query.get("sslrootcert"))
    engine = create_async_engine(
        target.set(drivername="postgresql+asyncpg").difference_update_query(["sslmode", "sslrootcert"]),
        connect_args=arguments,
        pool_size=pool_size,
        max_overflow=pool_overflow,
        pool_timeout=POOL_SECONDS,
        pool_recycle=900,
        pool_use_lifo=True,  # the connections that know the statements already
        hide_parameters=True,  # an error's text must not say what a customer said
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "after_cursor_execute", _note_use)
    event.listen(engine.sync_engine, "handle_error", _name_idleness)
    event.listen(engine.sync_engine, "handle_error", _name_refusal)
    return Database(
        engine=engine,
        sessions=async_sessionmaker(engine, expire_on_commit=False),
        looks=async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT")),
    )


def driver_url(url: str) -> str:
    """`url` as the driver itself takes it, for a connection outside the pool."""
    target: URL = make_url(url).set(drivername="postgresql")
    return target.render_as_string(hide_password=False)


def is_outage(error: BaseException) -> bool:
    """Whether the database or the way to it failed, not the work: nothing is counted against the work then."""
    match error:
        case DBAPIError():
            return error.connection_invalidated or sqlstate_of(error).startswith(OUTAGE_STATES)
        case BaseExceptionGroup():
            return all(is_outage(one) for one in error.exceptions)
        case (
            DatabaseRefuses()
            | PoolIsExhausted()
            | DisconnectionError()
            | ConnectionError()
            | TimeoutError()
            | socket.gaierror()
        ):
            return True
        case _:
            return type(error) is OSError  # several addresses were tried and none answered


def refusal(error: DBAPIError) -> DatabaseRefuses | None:
    """What the server said where it let nobody in, or did not let this account do what its owner may."""
    state = sqlstate_of(error)
    return (
        DatabaseRefuses(f"the database says {error.orig} (SQLSTATE {state})")
        if state.startswith(REFUSED_STATES)
        else None
    )


def is_contention(error: BaseException) -> bool:
    """Whether the work met other work at the same rows. It is an outage to whoever waits for it, and to nobody else."""
    return sqlstate_of(error).startswith(CONTENTION_STATES)


def is_away(error: BaseException) -> bool:
    """Whether the server is not to be had, whatever is asked of it."""
    return is_outage(error) and not is_contention(error)


def concerns_everybody(error: BaseException) -> bool:
    """Whether the server is away or overloaded, so that nothing else that is asked of it now would fare better."""
    return sqlstate_of(error) == TOO_SLOW or is_away(error)


def sqlstate_of(error: BaseException) -> str:
    """What the server says by a code of five characters; empty where it said nothing."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state if isinstance(state, str) else ""


@runtime_checkable
class _DriverConnection(Protocol):
    def is_closed(self) -> bool: ...


def _refuse_closed(_dbapi: object, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    record.info.pop(USED_AT, None)
    driver = record.driver_connection
    if isinstance(driver, _DriverConnection) and driver.is_closed():
        raise DisconnectionError("the server closed this connection while it lay in the pool")


def _note_use(connection: Connection, *_: object) -> None:
    connection.info[USED_AT] = time.monotonic()


def _name_idleness(context: ExceptionContext) -> BaseException | None:
    """The driver drops what the server says while it is not asked, so how long ago it was asked has to tell."""
    if not context.is_disconnect or context.connection is None:
        return None
    used_at = context.connection.info.get(USED_AT)
    if used_at is None or time.monotonic() - used_at < IDLE_SECONDS:
        return None
    return LeftIdle(f"the transaction did nothing for {IDLE_SECONDS:g} s, so the server ended it")


def _name_refusal(context: ExceptionContext) -> BaseException | None:
    """Only while it connects: later on, a right that is missing is the work's own affair."""
    error = context.sqlalchemy_exception
    return refusal(error) if context.connection is None and isinstance(error, DBAPIError) else None


def _transport(mode: str, *, root_certificate: object) -> str | ssl.SSLContext:
    if not isinstance(root_certificate, str):
        return mode
    context = ssl.create_default_context(cafile=root_certificate)
    context.check_hostname = mode == "verify-full"
    return context
