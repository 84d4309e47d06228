"""docs/operations/commands.md names every command with every option that it has, and none that it has not."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from intake.__main__ import COMMANDS
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file
from testkit.suite import ROOT, policy_file

PAGE = (ROOT / "docs" / "operations" / "commands.md").read_text()
RUNNING = {"serve", "api", "worker", "migrate", "openapi"}
ASKS = "asks"
COMMAND_OF: dict[str, Callable[[Sequence[str]], int]] = {
    "policy": COMMANDS.policy,
    "dead": COMMANDS.dead,
    "relay": COMMANDS.relay,
    "check": COMMANDS.check,
    "audit": COMMANDS.audit,
    "keys": COMMANDS.keys,
    "erasures": COMMANDS.erasures,
    "token": COMMANDS.token,
}


def synopses() -> list[str]:
    """The lines of the page's first block that are commands with options."""
    block = PAGE.split("```")[1].strip().splitlines()
    return [line for line in block if line.split()[0] in COMMAND_OF]


def verb_of(synopsis: str) -> list[str]:
    """`dead drop QUEUE [--yes]` is `dead drop`."""
    found = re.match(r"\w+(?: [a-z]+\b)?", synopsis)
    return found[0].split() if found else []


def options(text: str) -> set[str]:
    return set(re.findall(r"--[a-z]+", text)) - {"--help"}


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment of a service whose servers nobody asks."""
    for name, value in {
        "DATABASE_URL": "postgresql://intake@127.0.0.1:1/intake",
        "BROKER_URL": "amqp://intake@127.0.0.1:1/",
        "POLICY_FILE": str(policy_file("intake", profile="standard")),
        "ENCRYPTION_KEYS": f"k1:{new_key()}",
        "BLIND_INDEX_KEY": new_key(),
        "JWT_KEY_FILE": str(create_key_file(tmp_path / "jwt.json")),
    }.items():
        monkeypatch.setenv(f"INTAKE_{name}", value)


def help_of(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        COMMAND_OF[words[0]]([*words[1:], "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("synopsis", synopses(), ids=lambda synopsis: "-".join(verb_of(synopsis)))
def test_a_command_has_the_options_that_the_page_names(synopsis: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = help_of(verb_of(synopsis), capsys)
    assert options(synopsis) == options(told.partition("options:")[0])
    assert synopsis.endswith(ASKS) == ("--yes" in told)


@pytest.mark.usefixtures("operator")
def test_no_command_and_no_verb_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["intake", "--help"])
    with pytest.raises(SystemExit):
        COMMANDS.run()
    [modes] = re.findall(r"{([\w,]+)}", capsys.readouterr().out)[:1]
    assert set(modes.split(",")) == RUNNING | COMMAND_OF.keys()
    assert all(mode in PAGE.split("```")[1] for mode in RUNNING)
    there_are: set[tuple[str, ...]] = set()
    for name in COMMAND_OF:
        verbs = re.search(r"{([a-z,]+)}", help_of([name], capsys))
        there_are |= {(name, verb) for verb in verbs[1].split(",")} if verbs else {(name,)}
    assert {tuple(verb_of(synopsis)) for synopsis in synopses()} == there_are


def test_every_command_has_its_section_with_exit_codes() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert {section.split()[0] for section in sections} == COMMAND_OF.keys()
    assert all("| exit code | |" in section for section in sections)
