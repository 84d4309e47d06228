"""The operators' commands, as every one of the services answers them on an empty database of its own."""

import asyncio
import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest

from shared.command_line import CommandLine
from shared.messaging.topology import UNROUTED
from shared.security.encryption import decoded_key, new_key
from shared.security.roles import ROLES
from shared.security.tokens import LocalKey, Tokens, create_key_file
from shared.settings import ServiceSettings
from testkit.servers.postgres import Postgres
from testkit.suite import SERVICES, policy_file

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES)
OF_ITS_OWN = {
    "notifier": {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SENDER": "service@example.com",
        "INTAKE_URL": "http://127.0.0.1:1",
        "INTAKE_TOKEN": "none",
    }
}
"""Settings that only this service needs."""
type Run = Callable[[Sequence[str]], int]


def commands_of(service: str) -> CommandLine[ServiceSettings]:
    commands = import_module(f"{service}.__main__").COMMANDS
    assert isinstance(commands, CommandLine)
    return commands


async def run(command: Run, *arguments: str) -> int:
    """A command has an event loop of its own, as its process has."""
    return await asyncio.to_thread(command, arguments)


@EVERY_SERVICE
async def test_audits_keys_erasures_and_tokens_are_worked_on_the_service_s_own_database_and_key(
    service: str,
    postgres: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = f"{service}_operator"
    url = await postgres.create_database(f"{owner}_{uuid4().hex}", owner=owner, password=owner)
    given = {
        "DATABASE_URL": url,
        "BROKER_URL": "amqp://guest:guest@127.0.0.1:1/",
        "POLICY_FILE": str(policy_file(service, profile="standard")),
        "ENCRYPTION_KEYS": f"k1:{new_key()}",
        "BLIND_INDEX_KEY": new_key(),
        "JWT_KEY_FILE": str(create_key_file(tmp_path / "jwt.json")),
        "JWT_ISSUER": "tests",
        "JWT_AUDIENCE": "tests",
    } | OF_ITS_OWN.get(service, {})
    for name, value in given.items():
        monkeypatch.setenv(f"{service.upper()}_{name}", value)
    tokens = Tokens(LocalKey(tmp_path / "jwt.json"), issuer="tests", audience="tests")
    commands = commands_of(service)
    migrated = commands.build(commands.settings())
    await migrated.migrate()
    await migrated.close()

    assert await run(commands.audit, "verify") == 0
    assert json.loads(capsys.readouterr().out)["broken"] == []
    assert await run(commands.keys, "rotate") == 0
    rotated = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert rotated == [f"{column.table.name}.{column.name}" for column in commands.sealed]
    assert await run(commands.keys, "rotate", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"key": "k1", "sealed": dict.fromkeys(rotated, 0)}
    assert await run(commands.keys, "new") == 0
    assert decoded_key(capsys.readouterr().out.strip())
    assert await run(commands.erasures, "list") == 0
    assert capsys.readouterr().out == ""
    assert await run(commands.token, "--role", "agent") == 0
    assert (await tokens.read(capsys.readouterr().out.strip())).scopes == ROLES["agent"]
    assert await run(commands.dead, "list") != 0, "its broker is away"
    assert UNROUTED not in capsys.readouterr().out


@EVERY_SERVICE
def test_a_policy_is_checked_and_compared_with_itself(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, standard = commands_of(service).policy, policy_file(service, profile="standard")
    assert policy(["check", str(standard), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert policy(["diff", str(standard), str(standard)]) == 0
    wrong = tmp_path / f"{service}.toml"
    wrong.write_text(f"{standard.read_text()}\n[of_another_service]\nx = 1\n")
    assert policy(["check", str(wrong)]) != 0
    assert "of_another_service" in "".join(capsys.readouterr())
