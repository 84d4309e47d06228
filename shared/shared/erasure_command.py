"""`python -m <service> erasures list | apply`: who was erased, and erasing them again in a copy that is older.

After a backup was restored:  python -m intake erasures list > erased.jsonl  (on a copy that is younger)
                              python -m intake erasures apply erased.jsonl   (on the one that was restored)
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from shared.actor import Actor
from shared.confirming import confirmed
from shared.database import Database
from shared.database_command import run_on
from shared.erasure import Erasure, Erasures
from shared.messaging.unit_of_work import Cause, Works

OPERATOR = Cause(actor=Actor(kind="system", id="erasures apply", role="operator"))
STANDARD_INPUT = "-"
EXIT_OK = 0
EXIT_FAILED = 1
EXIT_REFUSED = 2


def erasures_command(arguments: Sequence[str], *, database: Database, works: Works, erasures: Erasures) -> int:
    """Carry out one command.

    Exit code: 0 done, 1 where the file does not hold erasures, 2 not confirmed; nothing is applied in either case.
    """
    parser = ArgumentParser(prog="erasures", description="Customers whose data was destroyed.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="one JSON line each: customer_id, erased_at")
    apply = verbs.add_parser("apply", help="erase them here too, for a copy that was restored from a backup")
    apply.add_argument("file", help="what `list` printed elsewhere; - reads standard input")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.add_argument("--json", action="store_true", help="one JSON document on standard output")
    given = parser.parse_args(arguments)
    if given.verb == "list":
        return _list(database, works=works, erasures=erasures)
    try:
        asked = _read(given.file)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"erasures apply: {error}\n")
        return EXIT_FAILED
    if asked and not (given.yes or confirmed(f"Destroy what is kept of {len(asked)} customers for good?")):
        sys.stderr.write("nothing was erased\n")
        return EXIT_REFUSED
    new = _apply(asked, database=database, works=works, erasures=erasures)
    if given.json:
        sys.stdout.write(json.dumps({"applied": len(asked), "new": new}, indent=2) + "\n")
    else:
        sys.stdout.write(f"{len(asked)} erasures applied, {new} of them were not known here\n")
    return EXIT_OK


def _list(database: Database, *, works: Works, erasures: Erasures) -> int:
    async def known(_opened: Database) -> Sequence[Erasure]:
        async with works.begin(OPERATOR) as work:
            return await erasures.known(work)

    sys.stdout.writelines(f"{erasure.model_dump_json()}\n" for erasure in run_on(database, known))
    return EXIT_OK


def _apply(asked: Sequence[Erasure], *, database: Database, works: Works, erasures: Erasures) -> int:
    async def again(_opened: Database) -> int:
        new = 0
        for erasure in asked:
            async with works.begin(OPERATOR) as work:
                new += await erasures.erase(work, customer_id=erasure.customer_id, erased_at=erasure.erased_at)
                await work.commit()
        return new

    return run_on(database, again)


def _read(name: str) -> Sequence[Erasure]:
    """Raises OSError, and ValueError that names the line."""
    text = sys.stdin.read() if name == STANDARD_INPUT else Path(name).read_text(encoding="utf-8")
    erasures = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            erasures.append(Erasure.model_validate_json(line))
        except ValidationError:
            raise ValueError(
                f'line {number} is no erasure; it may be {{"customer_id": "<uuid>", "erased_at": "<instant>"}}'
            ) from None
    return erasures
