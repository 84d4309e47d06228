"""`make demo`: a live timeline of who said what when, then what came of it. `--json` prints one document instead.

Exits with 1 when a step of the story is missing.
"""

import argparse
import json
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from testkit.demo.cast import SHANGHAI, Cast
from testkit.demo.steps import STEPS, Shown, Step
from testkit.demo.story import live
from testkit.demo.summary import Summary, summary_of
from testkit.suite import Suite, policy_file
from testkit.watcher import Heard, Watcher

COLOURS = {
    "intake": "cyan",
    "dispatch": "yellow",
    "parts": "magenta",
    "feedback": "green",
    "notifier": "blue",
}
MEMORY_LIMIT_MB = 180
READY_LIMIT = 2.0
"""Start to ready within this many times the time that the imports take."""

type Sentence = Callable[[Heard], str]


def main() -> int:
    """Live the story in a fresh installation that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--json", action="store_const", const="json", default="live", dest="style")
    style = parser.parse_args().style
    # what moves goes to standard error, so that standard output holds one JSON document or nothing
    console = Console(stderr=style == "json", soft_wrap=True, highlight=False)
    sentence = _sentences()

    def tell_event(heard: Heard) -> None:
        when = f"{heard.time.astimezone(SHANGHAI):%a %H:%M:%S}"
        colour = COLOURS.get(heard.service, "white")
        console.print(f"  [dim]{when}[/dim]  [{colour}]{heard.service:9}[/{colour}] {sentence(heard)}")

    def tell_step(step: Step) -> None:
        console.print(f"[green]✓[/green] [bold]{STEPS[step.key]}[/bold] [dim]({step.what.partition(': ')[2]})[/dim]")

    shown = Shown(tell=tell_step)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="aftersales-demo-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)  # the database runs as another user where we are root
        progress = _progress(console)
        with Suite.running(home, test_clock="on", progress=progress) as suite:
            memory = {name: service.memory_mb() for name, service in suite.services.items()}
            with Watcher(suite.broker_url, tell=tell_event) as watcher:
                live(Cast(suite, watcher=watcher, shown=shown))
            summary = summary_of(suite, memory_mb=memory)
            progress("ending what was started")
    seconds = (datetime.now(UTC) - began).total_seconds()
    if style == "json":
        sys.stdout.write(json.dumps(_document(shown, summary), ensure_ascii=False, indent=2, default=str) + "\n")
    else:
        _show(console, shown, summary, seconds=seconds)
    return 1 if shown.missing else 0


def _progress(console: Console) -> Callable[[str], None]:
    return lambda text: console.print(f"[dim]{text} …[/dim]")


def _sentences() -> Sentence:
    """How an event is told: in the words that intake's policy has for its timeline, where it has some."""
    story = tomllib.loads(policy_file("intake", profile="standard").read_text())["story"]

    def sentence(heard: Heard) -> str:
        words = story.get(heard.event.TYPE)
        fields = heard.event.model_dump(mode="json")
        return str(words["en"]).format_map(fields) if words else heard.event.TYPE

    return sentence


def _document(shown: Shown, summary: Summary) -> Mapping[str, object]:
    return {
        "ok": not shown.missing,
        "missing": shown.missing,
        "steps": [
            {"step": step.key, "service": step.service, "time": step.time.isoformat(), "what": step.what}
            for step in shown.steps
        ],
        "calls": summary.calls,
        "cases": summary.cases,
        "work_orders": summary.work_orders,
        "stock": summary.stock,
        "deposits": summary.deposits,
        "surveys": summary.surveys,
        "mails": summary.mails,
        "memory_mb": {name: round(used, 1) for name, used in summary.memory_mb.items()},
        "ready_seconds": {name: round(seconds, 2) for name, seconds in summary.ready_seconds.items()},
        "import_seconds": {name: round(seconds, 2) for name, seconds in summary.import_seconds.items()},
    }


def _show(console: Console, shown: Shown, summary: Summary, *, seconds: float) -> None:
    console.print()
    console.print(_table("Calls", summary.calls, ("number", "provider", "state", "outcome")))
    console.print(_table("Cases", summary.cases, ("number", "customer", "warranty", "state")))
    console.print(_table("Work orders", summary.work_orders, ("number", "zone", "state", "technician", "passed_over")))
    console.print(_table("Stock", summary.stock, ("part", "on_hand", "reserved", "available")))
    console.print(_table("Deposits", summary.deposits, ("amount", "state")))
    console.print(_table("Surveys", summary.surveys, ("customer", "state", "asked", "answered")))
    console.print(_table("Mails that were delivered", summary.mails, ("to", "subject")))
    services = Table(title="Services", title_justify="left")
    for column in ("service", "memory, idle", "start to ready", "of that imports"):
        services.add_column(column)
    for name, used in summary.memory_mb.items():
        ready, imports = summary.ready_seconds[name], summary.import_seconds[name]
        services.add_row(
            name,
            f"{used:.0f} MB (limit {MEMORY_LIMIT_MB})",
            f"{ready:.1f} s (limit {READY_LIMIT * imports:.1f})",
            f"{imports:.1f} s",
        )
    console.print(services)
    if shown.missing:
        console.print(f"[red]missing:[/red] {', '.join(shown.missing)}")
    console.print(f"{len(shown.steps)} of {len(STEPS)} steps shown in {seconds:.0f} s")


def _table(title: str, rows: list[dict[str, str]], columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(row[column] for column in columns))
    return table


if __name__ == "__main__":
    sys.exit(main())
