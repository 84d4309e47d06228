"""`python -m shared.messaging load` says in one line what is wrong, and by its exit code whether to try again."""

import sys
from pathlib import Path

import pytest

from shared.messaging.__main__ import main


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "accounts.json"
    monkeypatch.setattr(sys, "argv", ["messaging", "load"])
    monkeypatch.setenv("TOPOLOGY_MANAGEMENT_URL", "http://operator:hush@127.0.0.1:1")
    monkeypatch.setenv("TOPOLOGY_ACCOUNTS_FILE", str(file))
    return file


def test_a_file_of_accounts_that_is_none_ends_the_job_for_good(
    accounts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text("hush")
    assert main() == 78
    said = capsys.readouterr().err
    assert said.startswith("TOPOLOGY_ACCOUNTS_FILE: it holds no definitions")
    assert (said.count("\n"), "hush" in said) == (1, False)


@pytest.mark.usefixtures("accounts")
def test_a_file_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 78
    assert capsys.readouterr().err.startswith("TOPOLOGY_ACCOUNTS_FILE: ")


def test_an_address_that_is_none_is_named_and_never_shown(
    accounts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text("{}")
    monkeypatch.setenv("TOPOLOGY_MANAGEMENT_URL", "amqp://operator:hush@127.0.0.1")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 78
    said = capsys.readouterr().err
    assert said.startswith("TOPOLOGY_MANAGEMENT_URL: ")
    assert "hush" not in said
