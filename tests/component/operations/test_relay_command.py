"""`python -m intake relay …`, as an operator runs it in the environment of the service."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from intake.__main__ import COMMANDS
from intake.tables import DELIVERY
from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.relay_command import EXIT_OK
from shared.security.encryption import new_key
from support.front_desk import POLICY, FrontDesk, open_front_desk, repair, unit
from testkit.servers.postgres import Postgres


@pytest.fixture
async def desk(
    postgres: Postgres, broker_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FrontDesk]:
    """An intake without a worker that has something to say, in whose environment the test is."""
    async with open_front_desk(postgres, home=tmp_path, broker_url=broker_url) as opened:
        for variable, value in {
            "DATABASE_URL": opened.database_url,
            "BROKER_URL": broker_url,
            "POLICY_FILE": str(POLICY),
            "JWT_KEY_FILE": str(opened.key_file),
            "ENCRYPTION_KEYS": opened.encryption_keys,
            "BLIND_INDEX_KEY": new_key(),
        }.items():
            monkeypatch.setenv(f"INTAKE_{variable}", value)
        await opened.create("/v1/units", unit())
        await opened.create("/v1/cases", repair(), role="agent")
        yield opened


async def relay(*arguments: str) -> int:
    """A command has an event loop of its own, as its process has."""
    return await asyncio.to_thread(COMMANDS.relay, arguments)


async def test_what_was_sent_is_said_again_without_a_worker(
    desk: FrontDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert await relay("status", "--json") == EXIT_OK
    waiting = json.loads(capsys.readouterr().out)["pending"]
    assert waiting == len(await desk.said()) > 0
    async with desk.database.engine.begin() as connection:  # the broker confirmed it, and lost it since
        await connection.execute(update(DELIVERY.outbox).values(sent_at=await desk.now()))
    assert await relay("republish", "--since", "1h", "--yes", "--json") == EXIT_OK
    assert json.loads(capsys.readouterr().out)["said_again"] == waiting
    assert await relay("status", "--json") == EXIT_OK
    assert json.loads(capsys.readouterr().out)["pending"] == 0


@pytest.mark.parametrize(
    ("variable", "value"), [("POLICY_FILE", "/nowhere.toml"), ("BROKER_URL", "http://"), ("OUTBOX_KEPT_DAYS", "61")]
)
async def test_a_wrong_configuration_is_told_as_one(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"INTAKE_{variable}", value)
    with pytest.raises(SystemExit) as ended:
        await relay("status")
    assert ended.value.code == CONFIGURATION_FAULT
