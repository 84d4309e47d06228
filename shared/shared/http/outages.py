"""What a database error means to the caller: try again, somebody was faster, or a value that no column takes."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.http.problems import Conflict, InvalidInput, Problem, Unavailable

AWAY = ("08", "53", "57", "58")
"""SQLSTATE classes: connection, resources, operator intervention (restart, timeout, cancel), system."""

CONTENTION = frozenset({"40001", "40P01", "55P03", "25P03"})
"""Serialisation failure, deadlock, lock timeout, idle-in-transaction timeout: the same request may succeed now."""

TAKEN = frozenset({"23505", "23P01", "23503", "23001"})
"""Unique, exclusion and foreign-key violations: a rule that two requests broke together, each right by itself."""


def database_problem(error: BaseException) -> Problem | None:
    """The problem that a database error is to the caller; None where it is a bug of ours."""
    if isinstance(error, PoolTimeout | OSError | TimeoutError):
        return unavailable()
    if not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated:
        return unavailable()
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is None and error.orig is not None and isinstance(error.orig.__cause__, ValueError):
        # asyncpg encodes parameters itself: what it cannot encode never reaches the server
        return unstorable()
    return _by_sqlstate(sqlstate or "")


def _by_sqlstate(sqlstate: str) -> Problem | None:
    if sqlstate in CONTENTION or sqlstate.startswith(AWAY):
        return unavailable()
    if sqlstate in TAKEN:
        return Conflict(
            "another request took the same name, time or number a moment ago, or what this one points to is gone",
            expected="read the present state again and decide on it",
        )
    return unstorable() if sqlstate.startswith("22") else None


def unavailable() -> Unavailable:
    """The database is away or overloaded; nothing was stored."""
    return Unavailable(
        "the database does not answer; nothing was stored, unless an earlier attempt with the same key succeeded",
        expected="the same request with the same Idempotency-Key after the seconds of Retry-After",
        headers={"Retry-After": "1"},
    )


def unstorable() -> InvalidInput:
    """A value that passed the model and that no column can hold."""
    return InvalidInput(
        "a number or text is outside what can be stored", expected="whole numbers below 2^31 and text without NUL"
    )
