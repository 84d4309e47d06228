"""`python -m <service> token`: tokens that the service itself believes, and none that say more than the role may do."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.exit_codes import CONFIGURATION_FAULT
from shared.http.problems import NotAuthenticated
from shared.security.roles import ROLES
from shared.security.token_command import EXIT_OK, EXIT_REFUSED, token_command
from shared.security.tokens import LocalKey, Tokens, create_key_file

VARIABLE = "SHOP_JWT_KEY_FILE"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return create_key_file(tmp_path / "jwt.json")


def command(key_file: Path | None, *arguments: str) -> int:
    return token_command(arguments, key_file=key_file, issuer="tests", audience="shop", named_by=VARIABLE)


async def test_the_service_believes_what_it_printed(key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = Tokens(LocalKey(key_file), issuer="tests", audience="shop")
    assert command(key_file, "--role", "dispatcher", "--subject", "li") == EXIT_OK
    person = await tokens.read(capsys.readouterr().out.strip())
    assert (person.actor.kind, person.actor.id, person.actor.role) == ("person", "li", "dispatcher")
    assert person.scopes == ROLES["dispatcher"]
    assert command(key_file, "--role", "machine", "--subject", "notifier", "--scope", "contacts:read") == EXIT_OK
    machine = await tokens.read(capsys.readouterr().out.strip())
    assert machine.actor.kind == "machine"
    assert machine.scopes == {"contacts:read"}


async def test_json_says_what_the_token_is_good_for(key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert command(key_file, "--role", "agent", "--scope", "cases:read calls:read", "--valid", "30d", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["subject"], told["role"], told["scopes"]) == ("agent-1", "agent", ["calls:read", "cases:read"])
    assert datetime.fromisoformat(told["expires_at"]) - before >= timedelta(days=30)
    assert (await Tokens(LocalKey(key_file), issuer="tests", audience="shop").read(told["token"])).scopes == set(
        told["scopes"]
    )
    with pytest.raises(NotAuthenticated):
        await Tokens(LocalKey(key_file), issuer="tests", audience="other").read(told["token"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--role", "machine"), "--scope"),
        (("--role", "agent", "--scope", "cases:red"), "no scope cases:red"),
        (("--role", "agent", "--scope", "customers:erase"), "the role agent does not have customers:erase"),
    ],
)
def test_a_token_says_nothing_that_its_role_may_not_do(
    key_file: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert command(key_file, *arguments) == EXIT_REFUSED
    out, err = capsys.readouterr()
    assert (out, told in err) == ("", True)


@pytest.mark.parametrize("arguments", [(), ("--role", "king"), ("--role", "agent", "--valid", "0s")])
def test_what_cannot_be_understood_ends_with_2(key_file: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(key_file, *arguments)
    assert ended.value.code == EXIT_REFUSED


def test_without_a_private_key_one_line_names_the_setting(
    key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = json.loads(key_file.read_text())
    public = tmp_path / "public.json"
    public.write_text(json.dumps({name: value for name, value in private.items() if name != "d"}))
    for file in (None, public):
        assert command(file, "--role", "agent") == CONFIGURATION_FAULT
        out, err = capsys.readouterr()
        assert (out, err.count("\n"), err.startswith(f"{VARIABLE}: ")) == ("", 1, True)
