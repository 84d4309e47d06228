"""The table of what survives which fault names every test that proves a line of it, and no other."""

import re

from testkit.rules import proofs
from testkit.suite import ROOT

PAGE = ROOT / "docs" / "reliability.md"
LINE = re.compile(r"^\| (R\d\d) \| ([AB]) \|", re.MULTILINE)
LINK = re.compile(r"\[`([^`]+)`\]\(\.\./([^)]+)\)")


def lines() -> dict[str, str]:
    """The lines of the table by their ids."""
    found = [(line.split(" | ")[0].removeprefix("| "), line) for line in PAGE.read_text().splitlines()]
    return {id_: line for id_, line in found if LINE.match(line)}


def test_every_line_names_the_tests_that_carry_its_mark() -> None:
    named = {id_: sorted(f"{path}::{name}" for name, path in LINK.findall(line)) for id_, line in lines().items()}
    assert named == {id_: sorted(tests) for id_, tests in proofs(mark="promise").items()}


def test_every_line_stands_once_and_in_order() -> None:
    ids = [id_ for id_, _ in LINE.findall(PAGE.read_text())]
    assert ids == sorted(set(ids))


def test_what_takes_long_is_not_run_by_make_test_and_the_rest_is() -> None:
    for id_, line in lines().items():
        tier = "B" if all(path.startswith("tests/resilience/long/") for _, path in LINK.findall(line)) else "A"
        assert f"| {id_} | {tier} |" in line
