"""`python -m <service> dead list|show|replay|drop`: dead letters for people, and with `--json` for programs."""

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict

from shared.confirming import confirmed
from shared.messaging.broker import BrokerIsAway, BrokerRefuses, NotAccepted
from shared.messaging.dead_letters import DeadLetters, NoSuchQueue

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_REFUSED = 2


def dead_command(arguments: Sequence[str], *, letters: DeadLetters) -> int:
    """Carry out one command on standard output. Exit code: 0 done, 1 no broker or queue, 2 not confirmed.

    Raises `BrokerRefuses`, which another attempt does not help.
    """
    return asyncio.run(carry_out(read_arguments(arguments), letters=letters))


async def carry_out(chosen: Namespace, *, letters: DeadLetters) -> int:
    """The same for a command line that was read already."""
    try:
        match chosen.verb:
            case "list":
                return _tell([asdict(queue) for queue in await letters.overview()], chosen=chosen)
            case "show":
                found = await letters.show(chosen.queue, limit=chosen.limit)
                return _tell([asdict(letter) for letter in found], chosen=chosen)
            case "replay":
                return _tell({"replayed": await letters.replay(chosen.queue, ids=chosen.id)}, chosen=chosen)
            case _:
                return await _drop(letters, chosen=chosen)
    except BrokerRefuses:
        raise
    except (BrokerIsAway, NotAccepted, NoSuchQueue) as error:
        sys.stderr.write(f"dead {chosen.verb}: {error}\n")
        return EXIT_FAILED


async def _drop(letters: DeadLetters, *, chosen: Namespace) -> int:
    which = f"{len(chosen.id)} messages" if chosen.id else "ALL messages"
    if not (chosen.yes or confirmed(f"Drop {which} of {chosen.queue} for good?")):
        sys.stderr.write("nothing was dropped\n")
        return EXIT_REFUSED
    return _tell({"dropped": await letters.drop(chosen.queue, ids=chosen.id)}, chosen=chosen)


def _tell(result: list[dict[str, object]] | dict[str, int], *, chosen: Namespace) -> int:
    if chosen.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
        return EXIT_OK
    rows = result if isinstance(result, list) else [result]
    for row in rows:
        sys.stdout.write("  ".join(f"{name}={value}" for name, value in row.items()) + "\n")
    return EXIT_OK


def read_arguments(arguments: Sequence[str]) -> Namespace:
    """What the command line asks for; exits with its usage where that cannot be understood."""
    parser = ArgumentParser(prog="dead", description="Messages that could not be handled, or that nobody hears.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="one JSON document on standard output")
    queue = ArgumentParser(add_help=False)
    queue.add_argument("queue", help="a queue as `dead list` names it")
    some = ArgumentParser(add_help=False)
    some.add_argument("--id", action="append", help="only the message of this event id; may be repeated (default: all)")
    verbs.add_parser("list", parents=[common], help="the queues and how many messages lie in each")
    show = verbs.add_parser("show", parents=[common, queue], help="what lies in a queue and why")
    show.add_argument("--limit", type=int, default=20, help="at most this many, oldest first (default: 20)")
    verbs.add_parser("replay", parents=[common, queue, some], help="hand messages in again, attempts counted anew")
    drop = verbs.add_parser("drop", parents=[common, queue, some], help="forget messages for good")
    drop.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)
