"""`python -m <service> relay status | republish`: what waits in the outbox, and saying again what was sent.

After the broker lost its disk at two:  python -m intake relay republish --since 2026-11-23T13:00:00+08:00
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shared.confirming import confirmed
from shared.database import Database
from shared.database_command import run_on
from shared.messaging.broker import BrokerIsAway, BrokerRefuses
from shared.messaging.republish import Republishing, Span, Stalled
from shared.policy.durations import parse_duration

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_REFUSED = 2
TOLD_EVERY = 10_000

type Moment = datetime | timedelta
"""An instant, or how long ago it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Republished:
    """What the command did: the span, for doing it again, and how many events of each type."""

    since: str
    until: str
    said_again: int
    types: Mapping[str, int]


def relay_command(arguments: Sequence[str], *, database: Database, republishing: Republishing) -> int:
    """Carry out one command on standard output.

    Exit code: 0 done, 1 a server is away or takes nothing, 2 not understood or not confirmed. Raises `BrokerRefuses`
    and `DatabaseRefuses`, which another attempt does not help.
    """
    chosen = read_arguments(arguments)
    return run_on(database, lambda _: carry_out(chosen, republishing=republishing))


async def carry_out(chosen: Namespace, *, republishing: Republishing) -> int:
    """The same for a command line that was read already."""
    if chosen.verb == "status":
        return _tell(asdict(await republishing.status()), chosen=chosen)
    now = await republishing.now()
    span = Span(since=_instant(chosen.since, now=now), until=_until(chosen, now=now), types=chosen.type)
    if span.since >= span.until:
        sys.stderr.write(f"relay republish: --until has to be after {span.since.isoformat()}\n")
        return EXIT_REFUSED
    found = await republishing.count(span)
    if missing := sorted(set(span.types) - found.keys()):
        there_are = await republishing.count(Span(since=span.since, until=span.until))
        told = f"no {', '.join(missing)} was sent then; there are {', '.join(sorted(there_are)) or 'no events'}"
        sys.stderr.write(f"relay republish: {told}\n")
        return EXIT_REFUSED
    return await _republish(span, found=found, republishing=republishing, chosen=chosen)


async def _republish(span: Span, *, found: Mapping[str, int], republishing: Republishing, chosen: Namespace) -> int:
    since, until, total = span.since.isoformat(), span.until.isoformat(), sum(found.values())
    if not chosen.json:
        sys.stderr.writelines(f"{count:10,}  {type_}\n" for type_, count in sorted(found.items()))
        sys.stderr.write(f"Where this is interrupted, --since {since} --until {until} goes on.\n")
    if total and not (chosen.yes or confirmed(f"Say {total:,} events of {since} to {until} again?")):
        sys.stderr.write("nothing was said again\n")
        return EXIT_REFUSED
    done = 0
    try:
        async for count in republishing.say_again(span):
            if done // TOLD_EVERY < (done + count) // TOLD_EVERY and not chosen.json:
                sys.stderr.write(f"{done + count:,} of {total:,}\n")
            done += count
    except (BrokerIsAway, Stalled) as error:
        sys.stderr.write(
            f"relay republish: {error}\n{done:,} of {total:,} events were said again; --since {since} --until {until}"
            " goes on\n"
        )
        if isinstance(error, BrokerRefuses):
            raise
        return EXIT_FAILED
    return _tell(asdict(Republished(since=since, until=until, said_again=done, types=found)), chosen=chosen)


def _tell(result: Mapping[str, object], *, chosen: Namespace) -> int:
    if chosen.json:
        sys.stdout.write(json.dumps(result, default=_as_json, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{name}={value}\n" for name, value in result.items() if name != "types")
    return EXIT_OK


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _until(chosen: Namespace, *, now: datetime) -> datetime:
    """Never later than now: what is said again is sent after the span."""
    return min(now, _instant(chosen.until, now=now)) if chosen.until is not None else now


def _instant(moment: Moment, *, now: datetime) -> datetime:
    return now - moment if isinstance(moment, timedelta) else moment


def _moment(written: str) -> Moment:
    try:
        return parse_duration(written)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ArgumentTypeError(f"{written!r} is neither 2026-11-23T13:00:00+08:00 nor how long ago, such as 90m or 2d")
    return instant


def read_arguments(arguments: Sequence[str]) -> Namespace:
    """What the command line asks for; exits with its usage where that cannot be understood."""
    parser = ArgumentParser(prog="relay", description="Events on their way from the outbox to the broker.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="one JSON document on standard output")
    verbs.add_parser("status", parents=[common], help="what waits, and how far back events can be said again")
    again = verbs.add_parser("republish", parents=[common], help="say again what was sent in a span of time")
    again.add_argument(
        "--since", type=_moment, required=True, help="an instant with its offset, or how long ago: 90m, 2d"
    )
    again.add_argument("--until", type=_moment, help="likewise (default: now)")
    again.add_argument("--type", action="append", default=[], help="only this event type; may be repeated")
    again.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)
