"""`python -m shared.messaging load` says in one line what is wrong, and by its exit code whether to try again."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from shared.messaging.__main__ import main


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "accounts.json"
    monkeypatch.setattr(sys, "argv", ["messaging", "load"])
    monkeypatch.setenv("TOPOLOGY_MANAGEMENT_URL", "http://operator:hush@127.0.0.1:1")
    monkeypatch.setenv("TOPOLOGY_ACCOUNTS_FILE", str(file))
    return file


@pytest.mark.parametrize("written", ["hush", "17", "null", '["hush"]', "{}", '{"users": "hush"}'])
def test_a_file_of_accounts_that_is_none_ends_the_job_for_good(
    written: str, accounts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text(written)
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


@pytest.mark.parametrize(
    "address",
    [
        "amqp://operator:hush@127.0.0.1",
        "http://operator:hush/hush@127.0.0.1:1",
        "http://operator:17/hush@127.0.0.1:1",
        "http://operator:hush@127.0.0.1:hush",
        "http://127.0.0.1:1",
    ],
)
def test_an_address_that_is_none_is_named_and_never_shown(
    address: str, accounts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text('{"users": []}')
    monkeypatch.setenv("TOPOLOGY_MANAGEMENT_URL", address)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 78
    said = capsys.readouterr().err
    assert said.startswith("TOPOLOGY_MANAGEMENT_URL: ")
    assert (said.count("\n"), "hush" in said) == (1, False)


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a server that speaks no HTTP, as that for AMQP answers: with its own protocol."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = Thread(target=answer, args=(listening,))
        answering.start()
        yield listening.getsockname()[1]
        answering.join()


def answer(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(b"AMQP\0\0\t\1")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_speaks_something_else_is_not_waited_for(
    scheme: str, stranger: int, accounts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text('{"users": []}')
    monkeypatch.setenv("TOPOLOGY_MANAGEMENT_URL", f"{scheme}://operator:hush@127.0.0.1:{stranger}")
    assert main() == 78
    said = capsys.readouterr().err
    assert said.startswith("TOPOLOGY_MANAGEMENT_URL: no management plugin answers there (")
    assert (said.count("\n"), "hush" in said) == (1, False)
