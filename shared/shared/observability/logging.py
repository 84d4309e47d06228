"""One JSON line per event on standard output, ours and the libraries', each with the correlation id of its request.

Contact data never gets here: log codes, ids and numbers. Exceptions are shown by type and place; their text only where
it cannot repeat a value that somebody sent (SQL parameters and pydantic messages do).
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from json import JSONDecodeError
from traceback import extract_tb
from types import TracebackType

import structlog
from sqlalchemy.exc import DBAPIError

from shared.observability.tracing import current_trace_id
from shared.refusals import Refusal

TELLING = (OSError, TypeError, AttributeError, NameError, ImportError, RuntimeError, JSONDecodeError)
"""Exceptions whose text names code and servers, not values."""

SHOWN_FRAMES = 25
SHOWN_CAUSES = 5
SHOWN_CHARACTERS = 500

type Entry = MutableMapping[str, object]


def configure_logging(service: str, *, level: str = "INFO") -> None:
    """Send structlog and the standard library's loggers through one pipe. Call it once, when the process starts.

    Start uvicorn with `log_config=None, access_log=False`: requests are logged by `shared.http.observed`.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        safe_exception,
        named(service),
        traced,
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, first_line],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=type_name),
            ],
            keep_exc_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aio_pika", "aiormq", "faststream", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # it logs each body that it cannot parse, as an error; who sent it is told, and the request's own line shows it
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def named(service: str) -> structlog.typing.Processor:
    """Adds the service to every line."""

    def add(_logger: object, _method: str, entry: Entry) -> Entry:
        entry["service"] = service
        return entry

    return add


def traced(_logger: object, _method: str, entry: Entry) -> Entry:
    """Adds the trace that the line belongs to, if there is one, so that logs are found from traces and back."""
    trace_id = current_trace_id()
    if trace_id is not None:
        entry["trace_id"] = trace_id
    return entry


def first_line(_logger: object, _method: str, entry: Entry) -> Entry:
    """Libraries write their exceptions' text into their messages, from the second line on."""
    entry["event"] = str(entry.get("event", "")).partition("\n")[0][:SHOWN_CHARACTERS]
    return entry


def safe_exception(_logger: object, _method: str, entry: Entry) -> Entry:
    """`exc_info` as types and places: what is needed to find the bug, without what the caller had sent."""
    given = entry.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else None
    if isinstance(given, tuple):
        error = given[1]
    elif given is True:
        error = sys.exc_info()[1]
    if error is not None:
        entry["exception"] = [described(one) for one in causes(error)]
    return entry


def causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it came from, the latest first."""
    seen = 0
    one: BaseException | None = error
    while one is not None and seen < SHOWN_CAUSES:
        yield one
        seen += 1
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def described(error: BaseException) -> dict[str, object]:
    """One exception: its type, what may be told of its text, and where it was."""
    return {"type": type(error).__qualname__, "text": told(error), "at": places(error.__traceback__)}


def told(error: BaseException) -> str | None:
    """What may be told: codes of ours, SQLSTATE and constraint of the database, texts that hold no values."""
    match error:
        case Refusal():
            return error.code
        case DBAPIError():
            driver = error.orig.__cause__ if error.orig is not None else None
            return (
                f"SQLSTATE {getattr(driver, 'sqlstate', None)}, constraint {getattr(driver, 'constraint_name', None)}"
            )
        case BaseExceptionGroup():
            return f"{len(error.exceptions)} exceptions, first of type {type(error.exceptions[0]).__qualname__}"
        case _ if isinstance(error, TELLING):
            return str(error)[:SHOWN_CHARACTERS]
        case _:
            return None


def places(traceback: TracebackType | None) -> list[str]:
    """`file:line function` from the outermost call to the innermost."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)[-SHOWN_FRAMES:]]


def type_name(value: object) -> str:
    """What is no JSON value shows as text where that is harmless, and as its type otherwise."""
    return str(value) if type(value).__module__ in {"uuid", "datetime", "decimal", "pathlib"} else type(value).__name__
