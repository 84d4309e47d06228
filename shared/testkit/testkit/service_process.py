"""One service as a process of this machine."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from testkit.patience import PATIENCE_SECONDS
from testkit.servers.processes import ChildProcess, RunningProcess, ServerDidNotStart, log_tail

LOOK_SECONDS = 0.1
"""Another process cannot be awaited, and each look costs it some milliseconds while it starts."""


class Starter(Protocol):
    """Begins a process of a service: its name and mode, as on the command line after `python -m`."""

    def __call__(self, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> RunningProcess: ...


def as_program(arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> RunningProcess:
    """`python -m <service> <mode>`, as it is deployed."""
    return ChildProcess([sys.executable, "-m", *arguments], log=log, environment=environment)


@dataclass
class ServiceProcess:
    """One service in one process."""

    name: str
    environment: dict[str, str]
    log: Path
    port: int
    mode: str = "serve"
    start_as: Starter = as_program
    ready_seconds: float = 0.0
    _process: RunningProcess | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> RunningProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process

    def start(self) -> None:
        """Start it and go on; `wait_until_ready` tells when it may be used."""
        self._process = self.start_as([self.name, self.mode], log=self.log, environment=self.environment)

    def wait_until_ready(self, *, since: float) -> None:
        """Until `/readyz` answers 200. Raises `ServerDidNotStart` with the end of the log."""
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            while time.monotonic() < since + PATIENCE_SECONDS:
                self.process.require_alive()
                if self._is_ready(client):
                    self.ready_seconds = time.monotonic() - since
                    return
                time.sleep(LOOK_SECONDS)  # a process that starts tells nobody when it is ready
        raise ServerDidNotStart(f"{self.name} was not ready within {PATIENCE_SECONDS:.0f} s:\n{log_tail(self.log)}")

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._process.stop() if self._process is not None else 0

    def restart(self) -> None:
        """Start it again on the same port and wait until it may be used."""
        self.start()
        self.wait_until_ready(since=time.monotonic())

    def memory_mb(self) -> float:
        """Resident memory, in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kilobytes) / 1024

    def _is_ready(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self.url}/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
