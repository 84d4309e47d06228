"""Processes that begin at once: copies of one that has imported all services already.

Starting `python -m intake serve` costs seconds of computing, most of them for importing; a copy costs a quarter of one.
It runs the same code with settings and a log of its own, and is killed in the same way: what a test needs that kills
many.
"""

import importlib
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import override

from testkit.servers.processes import RunningProcess
from testkit.suite import SERVICES

LOOK_SECONDS = 0.01
PRELOADED = [
    "support.kitchen",
    "holidays.countries",  # all of them, for the package imports them all at the first use of one
    *(f"{service}.__main__" for service in SERVICES),
    "support.mapped",
]


class ForkedProcess(RunningProcess):
    """A copy that calls `run` with `arguments`, and ends with it."""

    def __init__[*Given](
        self, run: Callable[[*Given], None], *arguments: *Given, name: str, log: Path, environment: Mapping[str, str]
    ) -> None:
        super().__init__(name, log=log)
        log.parent.mkdir(parents=True, exist_ok=True)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        settled = (run, arguments, log, dict(environment))
        self._process = context.Process(target=_begin, args=settled, daemon=True)
        self._process.start()
        self._looking = Lock()  # two who ask at the same time would both take the answer

    @property
    @override
    def pid(self) -> int:
        pid = self._process.pid
        if pid is None:
            raise RuntimeError(f"{self.name} was never started")
        return pid

    @property
    @override
    def exit_code(self) -> int | None:
        with self._looking:
            return self._process.exitcode

    @override
    def wait(self, *, within: float) -> int:
        give_up = time.monotonic() + within
        while (code := self.exit_code) is None:
            if time.monotonic() > give_up:
                raise subprocess.TimeoutExpired(self.name, within)
            time.sleep(LOOK_SECONDS)
        return code


def as_copy(arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> RunningProcess:
    """`<service> <mode>` as a copy: a `Starter`."""
    return ForkedProcess(_run_service, tuple(arguments), name=arguments[0], log=log, environment=environment)


def _begin[*Given](
    run: Callable[[*Given], None], arguments: tuple[*Given], log: Path, environment: dict[str, str]
) -> None:
    os.setsid()  # signals of the terminal do not reach it
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, stream)
    run(*arguments)


def _run_service(arguments: tuple[str, ...]) -> None:
    sys.argv = list(arguments)
    sys.exit(importlib.import_module(f"{arguments[0]}.__main__").COMMANDS.run())
