"""The check of a running suite tells what stays wrong, and nothing that is only under way."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from support.consistent_books import consistent
from testkit.check import CONFIGURATION_FAULT, CheckSettings, lasting, main
from testkit.checker.books import Books
from testkit.checker.violations import EVERYTHING
from testkit.suite import SERVICES

CLEAN = consistent()
A_MINUTE, AT_ONCE = 60.0, 0.0


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


@pytest.mark.usefixtures("bare_environment")
def test_settings_that_are_missing_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == CONFIGURATION_FAULT
    named = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert named == [*(f"{service.upper()}_DATABASE_URL" for service in SERVICES), "CHECK_BROKER_URL"]


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*(f"{service.upper()}_DATABASE_URL" for service in SERVICES), "CHECK_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)


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
