"""Where the fixture's suite runs, and what is said where it cannot run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from testkit import settling
from testkit.attached import At, WrongAddress, places
from testkit.plugin import OPTIONS
from testkit.settling import CannotRun, NothingPossible, Wish, opened
from testkit.suite import SERVICES

pytest_plugins = ["pytester"]

SAID_NOTHING: dict[str, str | None] = dict.fromkeys(OPTIONS)


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One on which neither servers nor containers can be started."""
    monkeypatch.setattr(settling, "missing", lambda: ["the system's package rabbitmq-server"])
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("bare_machine")
def test_where_nothing_is_possible_the_reason_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        NothingPossible, match=r"rabbitmq-server is missing; in containers, there is no command 'docker'"
    ):
        opened(Wish.of(SAID_NOTHING), home=tmp_path)


@pytest.fixture
def dead_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with the command and no engine behind it."""
    monkeypatch.setattr(settling, "missing", lambda: ["the system's package rabbitmq-server"])
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon.\nIs it running?' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("dead_engine")
def test_where_no_engine_answers_tests_are_skipped_unless_containers_were_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_of_a_team(aftersales): pass")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    skipped = pytester.runpytest_inprocess("-rs")
    skipped.assert_outcomes(skipped=1)
    skipped.stdout.fnmatch_lines(
        ["*no after-sales suite: *no container engine answers: Cannot connect*Is it running?*"]
    )
    asked = pytester.runpytest_inprocess("--aftersales", "containers")
    asked.assert_outcomes(errors=1)
    asked.stdout.fnmatch_lines(
        ["*the suite cannot run in containers here: no container engine answers: Cannot connect*"]
    )
    asked.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"--aftersales": "embedded"}, "rabbitmq-server is missing"),
        ({"--aftersales": "containers"}, "no command 'docker'"),
        ({"--aftersales": "moon"}, "may be one of embedded, containers, attached"),
        ({"--aftersales-url": "http://{service}"}, r"say also --aftersales-broker-url \(or AFTERSALES_BROKER_URL\)"),
    ],
    ids=["embedded", "containers", "unknown", "attached"],
)
def test_what_was_asked_for_and_cannot_be_is_an_error(said: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=told) as refused:
        opened(Wish.of(SAID_NOTHING | said), home=tmp_path)
    assert not isinstance(refused.value, NothingPossible)


def test_a_variable_says_what_an_option_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_URL", "http://{service}")
    assert Wish.of(SAID_NOTHING).mode == "attached"
    assert Wish.of(SAID_NOTHING | {"--aftersales": "embedded"}).mode == "embedded"


def in_a_row(url_of: Callable[[str], str]) -> str:
    return " ".join(f"{service}={url_of(service)}" for service in SERVICES)


def test_addresses_are_one_pattern_or_one_for_each_service() -> None:
    expected = {service: At(f"http://{service}.example") for service in SERVICES}
    assert places("http://{service}.example/") == expected
    assert places(in_a_row(lambda service: f"http://{service}.example")) == expected
    with pytest.raises(WrongAddress, match="may be"):
        places("intake=http://intake.example")
