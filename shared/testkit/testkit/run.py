"""`make run`: the suite on this machine until Ctrl-C, with everything printed that a newcomer needs to begin."""

import argparse
import fcntl
import json
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from testkit.servers.postgres import Postgres
from testkit.suite import ROOT, Suite

ROLES = (
    "admin",
    "agent",
    "cs_supervisor",
    "dispatcher",
    "technician",
    "storekeeper",
    "workshop_manager",
    "quality_control",
    "aftersales_director",
    "marketing_vp",
    "general_manager",
    "auditor",
)


class Ended(BaseException):
    """Somebody asked us to end, with Ctrl-C or SIGTERM."""


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Only one run has this folder. Exits with a sentence when another one does."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("'make run' runs already in this checkout; end it with Ctrl-C first") from None
        yield


def _show(suite: Suite, console: Console) -> None:
    console.print("\n[bold]Addresses[/bold]\n")
    for service in suite.services.values():
        console.out(f"{service.name:10} {service.url}   routes to try: {service.url}/docs", highlight=False)
    console.out(f"{'RabbitMQ':10} {suite.management_url}", highlight=False)
    console.out(f"{'logs':10} {suite.home}", highlight=False)
    console.print("\n[bold]Tokens, good for a day[/bold] (copy the lines into a shell)\n")
    for role in ROLES:
        console.out(f"export {role.upper()}={suite.token(role)}", highlight=False)
    intake, dispatch = suite.services["intake"].url, suite.services["dispatch"].url
    console.print("\n[bold]Three lines to begin with[/bold]\n")
    console.out(f'curl -s -H "Authorization: Bearer $AGENT" {intake}/v1/cases', highlight=False)
    console.out(f'curl -s -H "Authorization: Bearer $DISPATCHER" {dispatch}/v1/work-orders', highlight=False)
    source = {"name": "switchboard", "adapter": "zammad", "country": "CN", "public_base": intake}
    body = json.dumps({**source, "secret": secrets.token_urlsafe(16)})
    console.out(
        f'curl -s {intake}/v1/push-sources -H "Authorization: Bearer $ADMIN" -H "Idempotency-Key: $RANDOM-$RANDOM" '
        f"-H 'Content-Type: application/json' -d '{body}'",
        highlight=False,
    )
    console.print("\nCtrl-C ends everything that was started here. The data stays; 'make clean' forgets it.")


def _watch(suite: Suite) -> None:
    while True:
        for service in suite.services.values():
            service.process.require_alive()
        time.sleep(1)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise Ended


def main() -> int:
    """Run until Ctrl-C or SIGTERM; exit code 1 when a service ended by itself. `--forget` deletes the data instead."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--forget", action="store_const", const=_forget, default=_run, dest="act")
    act: Callable[[Path], None] = parser.parse_args().act
    home = ROOT / ".state" / "run"
    with _alone(home):
        act(home)
    return 0


def _run(home: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with SIGINT ignored
        signal.signal(number, _end)
    console = Console(soft_wrap=True)
    try:
        with Suite.running(home, progress=lambda text: console.print(f"[dim]{text} …[/dim]")) as suite:
            _show(suite, console)
            _watch(suite)
    except Ended:
        console.print("\n[dim]ended[/dim]")


def _forget(home: Path) -> None:
    Postgres.forget(home / "postgres")
    shutil.rmtree(home)
    print("clean: the data of 'make run' is gone")


if __name__ == "__main__":
    sys.exit(main())
