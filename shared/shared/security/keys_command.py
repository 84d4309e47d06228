"""`python -m <service> keys new | rotate`: a key for the ring, and everything sealed moved to the active one."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

from sqlalchemy import Column

from shared.database import Database
from shared.database_command import run_on
from shared.security.encryption import KeyRing, SealBroken, new_key
from shared.security.rotation import reseal


def keys_command(
    arguments: Sequence[str], *, opened: Callable[[], tuple[Database, KeyRing]], columns: Sequence[Column[str]]
) -> int:
    """Carry out one command on standard output; the database and its keys are asked for only where they are needed.

    Exit code: 0 done, 1 where a value does not open with any key.
    """
    parser = ArgumentParser(prog="keys", description="Keys of what is encrypted at rest.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("new", help="print a new random key in base64, to be put in front of ENCRYPTION_KEYS as id:key")
    rotating = verbs.add_parser(
        "rotate", help="seal everything with the first key of ENCRYPTION_KEYS; the service may run"
    )
    rotating.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    if chosen.verb == "new":
        sys.stdout.write(f"{new_key()}\n")
        return 0

    database, keys = opened()

    async def rotate(base: Database) -> dict[str, int]:
        return await reseal(columns, sessions=base.sessions, keys=keys)

    try:
        done = run_on(database, rotate)
    except SealBroken as error:
        sys.stderr.write(f"keys rotate: {error}; the ring must hold every key that is still in use\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps({"key": keys.active, "sealed": done}, indent=2) + "\n")
        return 0
    sys.stdout.writelines(f"{column}: {count} values sealed with key {keys.active}\n" for column, count in done.items())
    return 0
