"""`make rules`: `python -m testkit.rules [--service SERVICE] [--json]`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from testkit.rules.book import KINDS
from testkit.rules.standing import Standing, Standings, counted, owned, standings
from testkit.suite import SERVICES

COMPLETE = 0
INCOMPLETE = 1


def main() -> int:
    """Print how the rules stand; exit code 1 where a service was asked for and something of it is missing.

    Without `--service`: whatever is carried out, and how many rules of each service are in force. With it: all rules
    of that service, each with the service's own part. `--json` prints one document of the same rules.
    """
    wanted = _parser().parse_args()
    every = standings()
    shown = owned(every, service=wanted.service) if wanted.service else every
    if wanted.style == "json":
        document = {id_: one.document for id_, one in shown.items()}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        listed = shown.values() if wanted.service else [one for one in shown.values() if one.code or one.tests]
        _print(listed, every=every, services=[wanted.service] if wanted.service else SERVICES)
    lacking = [one for one in shown.values() if one.missing] if wanted.service else []
    sys.stderr.writelines(f"{one.rule.id}: {'; '.join(one.missing)}\n" for one in lacking)
    return INCOMPLETE if lacking else COMPLETE


def _print(listed: Iterable[Standing], *, every: Standings, services: Iterable[str]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for one in listed:
        for line in _paragraph(one):
            console.print(line)
    columns = {**{service: owned(every, service=service) for service in services}, "the book": every}
    table = Table("in force / all", *columns)
    for row in zip([*KINDS.values(), "rules"], *map(_column, columns.values()), strict=True):
        table.add_row(*row)
    console.print(table)


def _paragraph(one: Standing) -> Iterator[str]:
    yield f"[bold]{one.rule.id}[/bold] {one.rule.kind}: {escape(one.rule.rule)}"
    yield from (f"     code   {escape(place)}" for place in one.code)
    yield from (f"     proved {escape(place)}" for place in one.tests)
    yield from (f"     [yellow]{lack}[/yellow]" for lack in one.missing)


def _column(standings: Standings) -> Iterator[str]:
    """`3 / 4` for every kind and for all rules; a rule of two kinds counts for both."""
    found = {kind: f"{done} / {total}" for kind, done, total in counted(standings)}
    yield from (found.get(kind, "–") for kind in KINDS)
    yield f"{sum(not one.missing for one in standings.values())} / {len(standings)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make rules", description="Which rules are in force.")
    parser.add_argument("--service", choices=SERVICES, help="only its rules; fails where one is not in force")
    parser.add_argument("--json", action="store_const", const="json", default="text", dest="style")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
