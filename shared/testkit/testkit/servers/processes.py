"""Starting, watching and ending child processes, each by its own process id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


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


class ChildProcess:
    """One process that we started, with its own log. Signals of the terminal do not reach it; `stop` ends it."""

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], user: str | None = None
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.name = Path(command[0]).name
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
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def require_alive(self) -> None:
        """Raises `ServerDidNotStart` with the end of the log when the process has ended."""
        if not self.alive:
            raise ServerDidNotStart(f"{self.name} ended with {self._process.returncode}:\n{log_tail(self.log)}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            self._process.send_signal(number)

    def wait(self, *, within: float) -> int:
        """Its exit code; `subprocess.TimeoutExpired` when it still runs after `within` seconds."""
        return self._process.wait(within)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self._process.wait()

    def stop(self, *, by: signal.Signals = signal.SIGTERM, within: float = 20) -> int:
        """Ask it to end, insist after `within` seconds, and give its exit code."""
        self.send(by)
        try:
            return self.wait(within=within)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode


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


def _primary_group(user: str) -> int:
    import pwd  # noqa: PLC0415  (not on every platform, and needed for root only)

    return pwd.getpwnam(user).pw_gid
