"""The log of a process, as a test reads it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from shared.observability.logging import configure_logging


@contextmanager
def logging_as_a_process() -> Iterator[None]:
    """The log as a service called `shop` sets it up when it starts, taken down again.

    One name for all tests: loggers keep the set-up that they were first used with.
    """
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("shop")
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was logged since the last look."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
