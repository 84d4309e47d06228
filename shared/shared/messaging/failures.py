"""What is told about a failure: enough to mend it, and nothing that a row or a message said about a customer."""

from pathlib import Path
from traceback import extract_tb

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shared.messaging.wire import complaints

LENGTH = 500


def describe(error: BaseException) -> str:
    """One line: what kind of error, where, and what it says unless that may hold data."""
    match error:
        case DBAPIError():
            state = getattr(error.orig, "sqlstate", None)
            constraint = getattr(error.orig.__cause__, "constraint_name", None) if error.orig else None
            says = f"SQLSTATE {state}" + (f", constraint {constraint}" if constraint else "")
        case ValidationError():
            says = complaints(error)
        case _:
            says = str(error)
    return f"{type(error).__name__}: {says} ({_place(error)})"[:LENGTH]


def _place(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    if not ours:
        return "nowhere"
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
