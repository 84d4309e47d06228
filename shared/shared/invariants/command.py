"""`python -m <service> check`: whether every invariant holds that this service's database can tell of."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.database_command import run_on
from shared.exit_codes import CONFIGURATION_FAULT
from shared.invariants.reading import Violation, invariants, is_unread, violations_of

CLEAN, VIOLATED = 0, 1
SHOWN_AT_MOST = 20


class Findings(BaseModel):
    """What `check` found: the invariants that it looked at, those whose view took too long, and what violates them."""

    model_config = ConfigDict(frozen=True)

    service: str
    checked: tuple[str, ...]
    unread: tuple[str, ...]
    violations: tuple[Violation, ...]


def check_command(arguments: Sequence[str], *, service: str, database: Database) -> int:
    """Carry out the command on standard output. Exit code: 0 clean, 1 violated or unread, 78 without a schema."""
    parser = ArgumentParser(prog="check", description="The invariants of the promise, in this service's database.")
    parser.add_argument("--json", action="store_const", const="json", default="lines", dest="style")
    parser.add_argument("--limit", type=int, default=SHOWN_AT_MOST, help="violations shown of each (default: 20)")
    chosen = parser.parse_args(arguments)
    found = run_on(database, lambda opened: find(opened, service=service, at_most=chosen.limit))
    if not found.checked:
        sys.stderr.write(f"check: the schema has no invariants; run `python -m {service} migrate`\n")
        return CONFIGURATION_FAULT
    sys.stdout.write(_document(found) if chosen.style == "json" else _lines(found))
    return VIOLATED if found.violations or found.unread else CLEAN


async def find(database: Database, *, service: str, at_most: int) -> Findings:
    """Look at every view that the schema has."""
    async with database.sessions() as session:
        names = await invariants(session)
    found: list[Violation] = []
    unread: list[str] = []
    for name in names:
        try:
            async with database.sessions() as session:
                found += await violations_of(session, invariant=name, at_most=at_most)
        except (DBAPIError, TimeoutError) as error:
            if not is_unread(error):
                raise
            unread.append(name)
    return Findings(service=service, checked=tuple(names), unread=tuple(unread), violations=tuple(found))


def _document(found: Findings) -> str:
    return json.dumps(found.model_dump(), indent=2, ensure_ascii=False) + "\n"


def _lines(found: Findings) -> str:
    wrong = [f"{one.invariant}  {one.about}  {one.says}" for one in found.violations]
    wrong += [f"{name}  took too long to read" for name in found.unread]
    told = "not all hold" if wrong else "every one holds"
    return "\n".join([*wrong, f"{found.service}: looked at {', '.join(found.checked)}: {told}"]) + "\n"
