"""`python -m testkit.check`: the invariants of a running suite, across its services.

It reads the five databases and the broker, and changes nothing. While people work, something is always under way: what
counts is what stays wrong from look to look, for as long as the promise allows (60 s).
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import Field, ValidationError

from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.broker import BrokerIsAway, BrokerRefuses, NotAccepted
from shared.messaging.expiry import CLOCKS_DIFFER
from shared.settings import ServiceSettings, SettingsOrFiles, setting, variable
from testkit.checker.books import Books
from testkit.checker.checking import Evidence, report_of, whatever_is_wrong
from testkit.checker.history import Request, read_history
from testkit.checker.reading import Library, LibraryClosed
from testkit.checker.report import Report
from testkit.checker.violations import EVERYTHING, Violation, first_id
from testkit.suite import SERVICES

CLEAN, VIOLATED = 0, 1
LOOK_SECONDS = 5.0
PROMISED_SECONDS = 60.0
"""Within which queues are empty again after the last fault."""
TITLE = "What the checker found"
KEPT_DAYS: int = ServiceSettings.model_fields["outbox_kept_days"].default
OF_EVENTS = frozenset({"I4", "I5", "I6", "I7", "I9", "I10"})
"""What rests on all that was said and heard, of which outboxes and inboxes forget what is old."""


class CheckSettings(SettingsOrFiles):
    """Where the suite is: each service's own variables, and an account that may look at every queue."""

    intake_database_url: str = Field(description="as intake has it")
    dispatch_database_url: str = Field(description="as dispatch has it")
    parts_database_url: str = Field(description="as parts has it")
    feedback_database_url: str = Field(description="as feedback has it")
    notifier_database_url: str = Field(description="as notifier has it")
    check_broker_url: str = Field(description="amqp://…, of an account that may look at every queue")
    intake_outbox_kept_days: int = Field(default=KEPT_DAYS, ge=1, description="days, as intake has it")
    dispatch_outbox_kept_days: int = Field(default=KEPT_DAYS, ge=1, description="days, as dispatch has it")
    parts_outbox_kept_days: int = Field(default=KEPT_DAYS, ge=1, description="days, as parts has it")
    feedback_outbox_kept_days: int = Field(default=KEPT_DAYS, ge=1, description="days, as feedback has it")
    notifier_outbox_kept_days: int = Field(default=KEPT_DAYS, ge=1, description="days, as notifier has it")

    @property
    def library(self) -> Library:
        """The five databases and the broker."""
        urls = {service: str(getattr(self, f"{service}_database_url")) for service in SERVICES}
        return Library(databases=urls, broker_url=self.check_broker_url)

    def remembered(self, *, now: datetime) -> UUID:
        """The uuid7 since which everything that was said and heard is there, by real time and anybody's clock.

        An inbox keeps its rows for no less than the outbox of its service, and an hour longer, so the outbox that
        forgets first says how far back all of them reach.
        """
        days = min(getattr(self, f"{service}_outbox_kept_days") for service in SERVICES)
        return first_id(now - timedelta(days=days) + CLOCKS_DIFFER)


def main(arguments: Sequence[str]) -> int:
    """Print a page of Markdown, or with `--json` one document. 0 clean, 1 violated or unreadable, 78 configuration."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = CheckSettings()
    except ValidationError as error:
        sys.stderr.write("\n".join(_faults(error)) + "\n")
        return CONFIGURATION_FAULT
    now = datetime.now(UTC)
    since = first_id(now - timedelta(hours=chosen.hours)) if chosen.hours else EVERYTHING
    looking = look_at(
        settings.library,
        history=read_history(chosen.history),
        since=since,
        within=chosen.within,
        remembered=settings.remembered(now=now),
    )
    try:
        report = asyncio.run(looking)
    except LibraryClosed as closed:
        sys.stderr.write(setting(CheckSettings, f"{closed.service}_database_url").fault(str(closed)) + "\n")
        return CONFIGURATION_FAULT
    except BrokerRefuses as refusal:
        sys.stderr.write(setting(CheckSettings, "check_broker_url").fault(str(refusal)) + "\n")
        return CONFIGURATION_FAULT
    except (asyncpg.PostgresError, OSError, BrokerIsAway, NotAccepted) as error:
        sys.stderr.write(f"check: a server does not answer as it should: {error or type(error).__name__}\n")
        return VIOLATED
    sys.stdout.write(report.to_json() if chosen.style == "json" else report.to_markdown(TITLE))
    return CLEAN if report.is_clean else VIOLATED


async def look_at(
    library: Library, *, history: Sequence[Request], since: UUID, within: float, remembered: UUID = EVERYTHING
) -> Report:
    """What stays wrong with what was made since a uuid7, for so many seconds.

    What rests on events is judged where it was made since `remembered` as well: of what is older, some are forgotten.
    """
    return await lasting(
        lambda: library.read(mails=None, since=since),
        history=history,
        since=since,
        within=within,
        remembered=remembered,
    )


async def lasting(
    read: Callable[[], Awaitable[Books]],
    *,
    history: Sequence[Request],
    since: UUID,
    within: float,
    remembered: UUID = EVERYTHING,
    pause: float = LOOK_SECONDS,
) -> Report:
    """What is wrong at every look within so many seconds; nothing, as soon as nothing is left of it."""
    clock = asyncio.get_running_loop().time
    until, kept = clock() + within, set[tuple[str, str]]()
    is_first = True
    while True:
        evidence = Evidence(books=await read(), history=history)
        found = [one for one in whatever_is_wrong(evidence) if _is_judged(one, since=since, remembered=remembered)]
        stays = [one for one in found if is_first or (one.invariant, one.about) in kept]
        if not stays or clock() >= until:
            return report_of(evidence, found=stays)
        is_first, kept = False, {(one.invariant, one.about) for one in stays}
        await asyncio.sleep(pause)


def _is_judged(one: Violation, *, since: UUID, remembered: UUID) -> bool:
    return one.concerns(max(since, remembered) if one.invariant in OF_EVENTS else since)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m testkit.check", description="The invariants across all services.")
    parser.add_argument("--json", action="store_const", const="json", default="page", dest="style")
    parser.add_argument("--hours", type=float, default=24.0, help="what was made in the last hours; 0: everything")
    parser.add_argument("--within", type=float, default=PROMISED_SECONDS, help="seconds that a violation has to last")
    parser.add_argument(
        "--history", type=Path, nargs="*", default=[], help="what clients wrote, one JSON line a request"
    )
    return parser


def _faults(error: ValidationError) -> list[str]:
    return [
        f"{variable(CheckSettings, field)}: {wrong}; it may be: {CheckSettings.model_fields[field].description}"
        for field, wrong in (
            (str(fault["loc"][0]).lower(), "is missing" if fault["type"] == "missing" else "is not understood")
            for fault in error.errors(include_input=False)
        )
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
