"""The check of a running suite tells what stays wrong, and nothing that is only under way."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.exit_codes import CONFIGURATION_FAULT
from support.consistent_books import consistent
from testkit.check import CheckSettings, lasting, main
from testkit.checker.books import Books, Heard
from testkit.checker.violations import EVERYTHING, first_id
from testkit.suite import SERVICES

CLEAN = consistent()
A_MINUTE, AT_ONCE = 60.0, 0.0
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOBODY = "parts.on_case_opened"
"""There is no such handler."""


def shown(looks: Iterable[Books]) -> Callable[[], Awaitable[Books]]:
    """The books as they are from look to look."""
    following = iter(looks)

    async def read() -> Books:
        return next(following)

    return read


def under_way(books: Books, *, number: int) -> Books:
    """One delivery has not been heard yet."""
    return replace(books, heard=books.heard[:number] + books.heard[number + 1 :])


async def told(*looks: Books, within: float = A_MINUTE) -> list[str]:
    report = await lasting(shown(looks), history=(), since=EVERYTHING, within=within, pause=0)
    return [f"{one.invariant} {one.about}" for one in report.violations]


async def test_what_is_under_way_at_one_look_and_over_at_the_next_is_not_wrong() -> None:
    assert await told(under_way(CLEAN, number=0), under_way(CLEAN, number=5), CLEAN) == []


async def test_what_is_wrong_at_every_look_is_told() -> None:
    row = CLEAN.heard[0]
    about = f"I5 delivery {row.consumer} {row.event_id} in the inboxes"
    assert await told(under_way(CLEAN, number=0), within=AT_ONCE) == [about]


def forgotten_but_heard(*, ago: timedelta) -> Books:
    """An event of that age is in an inbox, and no outbox has it any more."""
    return replace(CLEAN, heard=(*CLEAN.heard, Heard(NOBODY, UUID(int=first_id(NOW - ago).int + 1))))


async def judged(books: Books, *, settings: CheckSettings) -> set[str]:
    report = await lasting(
        shown([books]),
        history=(),
        since=EVERYTHING,
        within=AT_ONCE,
        remembered=settings.remembered(now=NOW),
        pause=0,
    )
    return {one.invariant for one in report.violations}


async def test_an_event_that_its_outbox_may_have_forgotten_is_not_missed(settings: CheckSettings) -> None:
    assert await judged(forgotten_but_heard(ago=14 * DAY), settings=settings) == set()
    assert await judged(forgotten_but_heard(ago=14 * DAY - 2 * HOUR), settings=settings) == {"I5"}


async def test_the_outbox_that_forgets_first_says_how_far_back_events_are_judged(settings: CheckSettings) -> None:
    sooner = settings.model_copy(update={"parts_outbox_kept_days": 2})
    assert await judged(forgotten_but_heard(ago=3 * DAY), settings=sooner) == set()
    assert await judged(forgotten_but_heard(ago=3 * DAY), settings=settings) == {"I5"}


async def test_a_case_whose_first_events_are_forgotten_is_in_order(settings: CheckSettings) -> None:
    case = UUID(int=first_id(NOW - 30 * DAY).int + 1)
    event = replace(
        CLEAN.said[-1],
        event_id=UUID(int=first_id(NOW - DAY).int + 1),
        subject=f"call/{case}",
        sequence=4,
        position=10**6,
    )
    assert "I7" not in await judged(replace(CLEAN, said=(*CLEAN.said, event)), settings=settings)
    young = replace(event, subject=f"call/{UUID(int=first_id(NOW - DAY).int)}")
    assert "I7" in await judged(replace(CLEAN, said=(*CLEAN.said, young)), settings=settings)


async def test_the_audit_log_is_judged_however_old_it_is(settings: CheckSettings) -> None:
    entry = UUID(int=first_id(NOW - 300 * DAY).int)
    assert await judged(replace(CLEAN, unchained=(entry,)), settings=settings) == {"I13"}


@pytest.fixture
def settings(bare_environment: None) -> CheckSettings:
    urls = {f"{service}_database_url": f"postgresql://{service}" for service in SERVICES}
    return CheckSettings.model_validate({**urls, "check_broker_url": "amqp://looks"})


@pytest.mark.usefixtures("bare_environment")
def test_settings_that_are_missing_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == CONFIGURATION_FAULT
    named = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert named == [*(f"{service.upper()}_DATABASE_URL" for service in SERVICES), "CHECK_BROKER_URL"]


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in SERVICES:
        monkeypatch.delenv(f"{service.upper()}_DATABASE_URL", raising=False)
        monkeypatch.delenv(f"{service.upper()}_OUTBOX_KEPT_DAYS", raising=False)
    monkeypatch.delenv("CHECK_BROKER_URL", raising=False)


def test_each_setting_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, bare_environment: None, tmp_path: Path
) -> None:
    for service in SERVICES:
        file = tmp_path / service
        file.write_text(f"postgresql://{service}\n")
        monkeypatch.setenv(f"{service.upper()}_DATABASE_URL_FILE", str(file))
    monkeypatch.setenv("CHECK_BROKER_URL", "amqp://looks")
    library = CheckSettings().library
    assert library.databases == {service: f"postgresql://{service}" for service in SERVICES}
    assert library.broker_url == "amqp://looks"
