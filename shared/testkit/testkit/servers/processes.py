"""Starting, watching and ending child processes, each by its own process id."""

import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import override

ENDS_SECONDS = 60.0
"""A killed process is gone at once; one in the middle of a write to a slow disk a moment later."""


class ServerDidNotStart(RuntimeError):
    """A server of ours ended or stayed silent; the message holds the end of its log."""


def listens(port: int) -> bool:
    """Whether somebody accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def log_tail(log: Path, *, lines: int = 15) -> str:
    """The last lines of a log, or nothing where there is none yet."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


class RunningProcess(ABC):
    """One process that we started, with its own log, however it was begun. `stop` ends it."""

    def __init__(self, name: str, *, log: Path) -> None:
        self.name = name
        self.log = log

    @property
    @abstractmethod
    def pid(self) -> int:
        """Its process id."""

    @property
    @abstractmethod
    def exit_code(self) -> int | None:
        """What it ended with, minus the number of the signal where one ended it; None while it lives."""

    @abstractmethod
    def wait(self, *, within: float) -> int:
        """Its exit code; `subprocess.TimeoutExpired` when it still runs after `within` seconds."""

    @property
    def alive(self) -> bool:
        return self.exit_code is None

    def require_alive(self) -> None:
        """Raises `ServerDidNotStart` with the end of the log when the process has ended."""
        if not self.alive:
            raise ServerDidNotStart(f"{self.name} ended with {self.exit_code}:\n{log_tail(self.log)}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self.wait(within=ENDS_SECONDS)

    def freeze(self) -> None:
        """`kill -STOP` to it and to what it started: its connections stay, and nothing is answered."""
        for pid in (self.pid, *_offspring(self.pid)):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """`kill -CONT` to it and to what it started."""
        for pid in (*_offspring(self.pid), self.pid):
            os.kill(pid, signal.SIGCONT)

    def stop(self, *, by: signal.Signals = signal.SIGTERM, within: float = 20) -> int:
        """Ask it to end, insist after `within` seconds, and give its exit code."""
        self.send(by)
        try:
            return self.wait(within=within)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            return self.wait(within=ENDS_SECONDS)


class ChildProcess(RunningProcess):
    """A program that was started by its command line. Signals of the terminal do not reach it."""

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], user: str | None = None
    ) -> None:
        super().__init__(Path(command[0]).name, log=log)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                user=user,
                group=_primary_group(user) if user else None,
                extra_groups=[] if user else None,
                cwd="/" if user else None,
                start_new_session=True,
            )

    @property
    @override
    def pid(self) -> int:
        return self._process.pid

    @property
    @override
    def exit_code(self) -> int | None:
        return self._process.poll()

    @override
    def wait(self, *, within: float) -> int:
        return self._process.wait(within)


def end_leftover(pid: int, *, marker: str, by: signal.Signals) -> None:
    """End a process that an earlier, killed run left behind. `marker` must stand in its command line."""
    command_line = Path(f"/proc/{pid}/cmdline")
    if not command_line.exists() or marker not in command_line.read_text(errors="replace"):
        return
    os.kill(pid, by)
    for _ in range(200):
        if not command_line.exists():
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


def _offspring(pid: int) -> Iterator[int]:
    """The process ids of whatever it started, and of what that started."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _offspring(child)


def _primary_group(user: str) -> int:
    import pwd  # noqa: PLC0415  (not on every platform, and needed for root only)

    return pwd.getpwnam(user).pw_gid
