"""What is told about a failure: enough to mend it, and nothing that a row or a message said about a customer."""

import sys
from pathlib import Path
from traceback import extract_tb

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shared.messaging.wire import complaints

LENGTH = 500


def describe(error: BaseException) -> str:
    """One line: what kind of error, where, and what it says if somebody chose its words with care.

    An error of Python or a library often quotes the value that it met, which may be what a customer said.
    """
    match error:
        case DBAPIError():
            state = getattr(error.orig, "sqlstate", None)
            constraint = getattr(error.orig.__cause__, "constraint_name", None) if error.orig else None
            says = f"SQLSTATE {state}" + (f", constraint {constraint}" if constraint else "")
        case ValidationError():
            says = complaints(error)
        case _:
            says = str(error) if _is_ours(type(error)) else ""
    return f"{type(error).__name__}{says and f': {says}'} ({_place(error)})"[:LENGTH]


def _is_ours(kind: type[BaseException]) -> bool:
    is_python = kind.__module__.partition(".")[0] in {"builtins", *sys.stdlib_module_names}
    return not is_python and "site-packages" not in (getattr(sys.modules.get(kind.__module__), "__file__", None) or "")


def _place(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    if not ours:
        return "nowhere"
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
