"""A policy file is read whole or refused with everything that is wrong with it."""

import json
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from shared.clocks.terms import ClockPolicy, TimedPolicy, WorkingDays
from shared.policy import Duration, Policy, PolicyError, duration_text, load_policy, policy_command
from shared.policy.durations import parse_duration


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Label(Policy):
    zh_cn: str = Field(alias="zh-CN")


class Offer(Policy):
    expires_after: Duration = Field(description='a duration such as "30m"')
    colour: Colour = Colour.RED
    order: Literal["rota", "nearest"] = "rota"


class Example(TimedPolicy):
    offer: Offer
    bands: tuple[Offer, ...] = ()
    labels: dict[str, Label] = Field(default={})


GOOD = """
[offer]
expires_after = "1h30m"

[calendars.office]
time_zone = "Asia/Shanghai"
week = { mon-fri = ["09:00-12:00", "13:00-18:00"] }
public_holidays = { country = "CN" }

[clocks.arrival]
allowed = "6h"
calendar = "office"
pause_reasons = ["customer"]
marks = ["80%", "30m before"]

[clocks.complex]
allowed = "3 working days"
calendar = "office"
"""


def written(folder: Path, content: str, *, name: str = "example.toml") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def problems(folder: Path, content: str) -> dict[str, str]:
    with pytest.raises(PolicyError) as refused:
        load_policy(Example, written(folder, content))
    return {problem.key: f"{problem.given}; {problem.expected}" for problem in refused.value.problems}


def test_a_good_file_becomes_a_typed_policy(tmp_path: Path) -> None:
    loaded = load_policy(Example, written(tmp_path, GOOD))
    assert loaded.policy.offer.expires_after == timedelta(minutes=90)
    assert loaded.policy.clocks["arrival"].allowed == timedelta(hours=6)
    assert loaded.policy.clocks["complex"].allowed == WorkingDays(days=3)
    assert [str(mark) for mark in loaded.policy.clocks["arrival"].marks] == ["80%", "30m before"]


def test_the_version_changes_with_every_byte_and_with_the_files_it_names(tmp_path: Path) -> None:
    one = load_policy(Example, written(tmp_path, GOOD)).version
    assert load_policy(Example, written(tmp_path, GOOD)).version == one
    assert load_policy(Example, written(tmp_path, GOOD + "# a remark\n")).version != one
    naming = GOOD.replace("[clocks.arrival]", 'exceptions_file = "days.toml"\n[clocks.arrival]').replace(
        'public_holidays = { country = "CN" }', ""
    )
    written(tmp_path, 'closed = [{ first = 2026-06-01, reason = "outing" }]', name="days.toml")
    before = load_policy(Example, written(tmp_path, naming))
    written(tmp_path, 'closed = [{ first = 2026-06-02, reason = "outing" }]', name="days.toml")
    after = load_policy(Example, written(tmp_path, naming))
    assert before.version != after.version
    assert [str(day.first) for day in after.policy.calendars["office"].closed] == ["2026-06-02"]


def test_every_error_is_told_at_once_with_its_key_and_what_would_be_right(tmp_path: Path) -> None:
    bad = GOOD.replace('"1h30m"', '"soon"\ncolor = "green"\norder = "random"').replace(
        'calendar = "office"\npause', 'calender = "office"\npause'
    )
    told = problems(tmp_path, bad)
    assert told["offer.expires_after"].startswith('"soon" given; a duration such as "45s", "30m"')
    assert told["offer.color"] == "is not known here; one of: colour"
    assert told["offer.order"] == "\"random\" given; one of: 'rota', 'nearest'"
    assert told["clocks.arrival.calendar"] == "is missing; the name of a calendar of the same file"
    assert told["clocks.arrival.calender"] == "is not known here; one of: calendar, allowed"


@pytest.mark.parametrize(
    ("good", "bad", "key", "expected"),
    [
        ('marks = ["80%", "30m before"]', 'marks = ["180%"]', "clocks.arrival.marks.0", 'a mark such as "80%"'),
        ('marks = ["80%", "30m before"]', 'marks = ["6h before"]', "clocks.arrival", "marks after the start"),
        ('marks = ["80%", "30m before"]', 'marks = ["80%", "80%"]', "clocks.arrival", "each mark once"),
        ('allowed = "6h"', 'allowed = "6 hours"', "clocks.arrival.allowed", '"3 working days", or a duration such as'),
        ('allowed = "6h"', 'allowed = "0h"', "clocks.arrival.allowed", "more than nothing"),
        ('allowed = "6h"', "allowed = 6", "clocks.arrival.allowed", "a duration such as"),
        ('calendar = "office"\npause', 'calendar = "ofice"\npause', "clocks", "a calendar of: office"),
        ("mon-fri", "monday", "calendars.office.week.monday", "one of: mon"),
        ("Asia/Shanghai", "Asia/Shanghi", "calendars.office.time_zone", "Asia/Shanghai"),
        ('expires_after = "1h30m"', 'expires_after = "1m30h"', "offer.expires_after", "a duration such as"),
        ('expires_after = "1h30m"', 'expires_after = "1h"\ncolour = "green"', "offer.colour", "one of: 'red', 'blue'"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, good: str, bad: str, key: str, expected: str) -> None:
    assert good in GOOD
    told = problems(tmp_path, GOOD.replace(good, bad))
    assert expected in told[key]


def test_keys_are_told_as_the_file_writes_them(tmp_path: Path) -> None:
    told = problems(tmp_path, GOOD + '[labels]\n"intake.case_opened.v1" = { zh_CN = "登记" }\n')
    assert told == {
        'labels."intake.case_opened.v1".zh-CN': "is missing; a value of type str",
        'labels."intake.case_opened.v1".zh_CN': "is not known here; one of: zh-CN",
    }


def test_a_missing_section_is_told_with_its_keys(tmp_path: Path) -> None:
    told = problems(tmp_path, GOOD.replace('[offer]\nexpires_after = "1h30m"', ""))
    assert told["offer"] == "is missing; a section with: expires_after, colour, order"


def test_an_exceptions_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    naming = GOOD.replace("[clocks.arrival]", 'exceptions_file = "days.toml"\n[clocks.arrival]')
    written(tmp_path, 'closed = [{ frist = 2026-06-01, reason = "outing" }]', name="days.toml")
    told = problems(tmp_path, naming)
    assert "days.toml; closed.0.first: Field required" in told["calendars.office"]


def test_a_file_that_is_not_toml_or_not_there_is_a_policy_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is not TOML"):
        load_policy(Example, written(tmp_path, "offer = ["))
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(Example, tmp_path / "nowhere.toml")


@given(st.integers(0, 10_000_000))
def test_a_written_duration_is_read_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(duration_text(duration)) == duration


def test_check_says_the_version_and_exits_78_for_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path, GOOD), written(tmp_path, "[offer]", name="bad.toml")
    assert policy_command(["check"], Example, in_force=good, named_by="SHOP_POLICY_FILE") == 0
    assert "good, version" in capsys.readouterr().out
    assert policy_command(["check", str(good), str(bad)], Example, in_force=good, named_by="SHOP_POLICY_FILE") == 78
    assert f"{bad}: offer.expires_after: is missing" in capsys.readouterr().err
    assert policy_command(["check", "--json", str(bad)], Example, in_force=good, named_by="SHOP_POLICY_FILE") == 78
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["problems"][0] == {
        "file": str(bad),
        "key": "calendars",
        "given": "is missing",
        "expected": "at least one section [calendars.<name>]",
    }


def test_diff_tells_what_a_service_would_do_differently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = written(tmp_path, GOOD)
    remarked = written(tmp_path, GOOD + "# only a remark\n", name="remarked.toml")
    stricter = written(tmp_path, GOOD.replace('allowed = "6h"', 'allowed = "5h"'), name="stricter.toml")
    assert (
        policy_command(["diff", str(before), str(remarked)], Example, in_force=before, named_by="SHOP_POLICY_FILE") == 0
    )
    assert capsys.readouterr().out == ""
    assert (
        policy_command(["diff", str(before), str(stricter)], Example, in_force=before, named_by="SHOP_POLICY_FILE") == 1
    )
    assert capsys.readouterr().out == '~ clocks.arrival.allowed: "6h" -> "5h"\n'
    assert (
        policy_command(
            ["diff", "--json", str(before), str(stricter)], Example, in_force=before, named_by="SHOP_POLICY_FILE"
        )
        == 1
    )
    assert json.loads(capsys.readouterr().out)["changes"] == [
        {"key": "clocks.arrival.allowed", "before": "6h", "after": "5h"}
    ]
    assert (
        policy_command(
            ["diff", str(before), str(tmp_path / "nowhere.toml")], Example, in_force=before, named_by="SHOP_POLICY_FILE"
        )
        == 78
    )


def test_a_policy_cannot_be_changed_while_it_is_in_force() -> None:
    clock = ClockPolicy.model_validate({"allowed": "1h", "calendar": "office"})
    with pytest.raises(ValueError, match="frozen"):
        clock.calendar = "always"  # type: ignore[misc]


def test_check_without_a_file_says_where_it_looked_and_which_variable_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "shop.toml"
    assert policy_command(["check"], Example, in_force=nowhere, named_by="SHOP_POLICY_FILE") == 78
    said = capsys.readouterr().err
    assert f"{nowhere}: there is no such file" in said
    assert "SHOP_POLICY_FILE" in said
