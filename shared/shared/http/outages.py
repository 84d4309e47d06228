"""What a database error means to the caller: try again, somebody was faster, or a value that no column takes."""

from sqlalchemy.exc import DBAPIError

from shared.database import TOO_SLOW, is_outage, sqlstate_of
from shared.http.problems import Conflict, InvalidInput, Problem, Unavailable

TAKEN = frozenset({"23505", "23P01", "23503", "23001"})
"""Unique, exclusion and foreign-key violations: a rule that two requests broke together, each right by itself."""

UNSTORABLE = "22"
"""The class of data exceptions."""


def database_problem(error: BaseException) -> Problem | None:
    """The problem that a database error is to the caller; None where it is a bug of ours."""
    if is_outage(error):
        return unavailable()
    if not isinstance(error, DBAPIError):
        return None
    sqlstate = sqlstate_of(error)
    if sqlstate == TOO_SLOW:
        return unavailable()
    if sqlstate in TAKEN:
        return Conflict(
            "another request took the same name, time or number a moment ago, or what this one points to is gone",
            expected="read the present state again and decide on it",
        )
    # asyncpg encodes parameters itself: what it cannot encode never reaches the server and has no SQLSTATE
    not_encoded = not sqlstate and error.orig is not None and isinstance(error.orig.__cause__, ValueError)
    return unstorable() if not_encoded or sqlstate.startswith(UNSTORABLE) else None


def unavailable() -> Unavailable:
    """The database is away or overloaded."""
    return Unavailable(
        "the database does not answer, so nothing is known to be stored",
        expected="the same request, with the same Idempotency-Key if it had one, after the seconds of Retry-After",
        headers={"Retry-After": "1"},
    )


def unstorable() -> InvalidInput:
    """A value that passed the model and that no column can hold."""
    return InvalidInput(
        "a number or text is outside what can be stored", expected="whole numbers below 2^31 and text without NUL"
    )
