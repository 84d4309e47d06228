"""`python -m shared.installation ENV_FILE FOLDER`: passwords and keys of one installation in containers.

`ENV_FILE` gets a random value for every variable that is not in it yet; what is there stays as it is, for ever. A value
that could not arrive as it was meant is refused, with exit code 78. From it come the files below `FOLDER`, which
containers mount: `accounts.json` for the broker (hashes of the passwords), `jwt-key.json` with the private key of
tokens (made once; only what signs tokens mounts it), `jwt-public.json` with the public half for all services, as a JWK
set, `notifier.token` for notifier to ask intake with (made anew each time, good for a year). Only the owner may enter
the folder, and only he may read `ENV_FILE`.
"""

import argparse
import base64
import json
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.env_file import IN_URL, KEYS, PLAIN, Kind, WrongValue, require, values_of
from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.accounts import OPERATOR_ACCOUNT, TOPOLOGY_ACCOUNT
from shared.messaging.definitions import accounts
from shared.security.key_file import public_set
from shared.security.tokens import create_key_file, mint_token

SERVICES = tuple(SUBSCRIPTIONS)
ISSUER = AUDIENCE = "aftersales"
YEAR = 365 * 24 * 3600
BY_ALL_IN_THE_FOLDER = 0o444
"""Containers run under other ids; nobody else passes the folder."""
BY_OTHERS = 0o077
HEAD = "# Passwords and keys of this installation, made by chance. Keep them: the data cannot be read without them.\n"


class StrangersRead(RuntimeError):
    """Others than its owner may read the file of passwords, and it cannot be changed from here."""


def main() -> int:
    """Make what is missing; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.installation")
    parser.add_argument("env_file", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    try:
        install(given.env_file, folder=given.folder)
    except (WrongValue, StrangersRead) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return CONFIGURATION_FAULT
    return 0


def install(env_file: Path, *, folder: Path) -> None:
    """Add to `env_file` what it lacks, and write the files that follow from it.

    Raises `WrongValue` and `StrangersRead`.
    """
    values = _complete(env_file)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    passwords = {name: values[_broker_password(name)] for name in (*SERVICES, TOPOLOGY_ACCOUNT, OPERATOR_ACCOUNT)}
    _write(folder / "accounts.json", json.dumps(accounts(passwords), indent=2))
    key_file = create_key_file(folder / "jwt-key.json")
    key_file.chmod(BY_ALL_IN_THE_FOLDER)
    _write(folder / "jwt-public.json", public_set(key_file))
    token = mint_token(
        key_file,
        subject="notifier",
        role="machine",
        issuer=ISSUER,
        audience=AUDIENCE,
        scope="contacts:read",
        lifetime_seconds=YEAR,
    )
    _write(folder / "notifier.token", token)


def _complete(env_file: Path) -> Mapping[str, str]:
    """The variables of the file, after those that it lacked were added."""
    if not env_file.exists():
        env_file.touch(mode=0o600)
        env_file.write_text(HEAD)
    _keep_from_strangers(env_file)
    text = env_file.read_text()
    known, variables = values_of(env_file), _variables()
    require(known, {name: kind for name, (kind, _) in variables.items()}, file=env_file)
    made = {name: make() for name, (_, make) in variables.items() if name not in known}
    with env_file.open("a") as file:
        file.write("" if text.endswith("\n") else "\n")
        file.writelines(f"{name}={value}\n" for name, value in made.items())
    return {**known, **made}


def _keep_from_strangers(env_file: Path) -> None:
    if not env_file.stat().st_mode & BY_OTHERS:
        return
    try:
        env_file.chmod(0o600)
    except PermissionError:
        raise StrangersRead(f"{env_file}: others may read it; its owner has to: chmod 600 {env_file.name}") from None
    sys.stderr.write(f"{env_file}: others could read it; now only its owner may. Change what they may have seen\n")


def _variables() -> dict[str, tuple[Kind, Callable[[], str]]]:
    """What an installation needs, what each may be, and how it is made."""
    return {
        "POSTGRES_PASSWORD": (PLAIN, _password),
        "GRAFANA_PASSWORD": (PLAIN, _password),
        **{_broker_password(account): (IN_URL, _password) for account in (TOPOLOGY_ACCOUNT, OPERATOR_ACCOUNT)},
        **{
            f"{service.upper()}_{what}": how
            for service in SERVICES
            for what, how in (
                ("DATABASE_PASSWORD", (IN_URL, _password)),
                ("BROKER_PASSWORD", (IN_URL, _password)),
                ("ENCRYPTION_KEYS", (KEYS, lambda: f"k1:{_key()}")),
                ("BLIND_INDEX_KEY", (KEYS, _key)),
            )
        },
    }


def _broker_password(account: str) -> str:
    return f"{account.upper()}_BROKER_PASSWORD"


def _password() -> str:
    return secrets.token_hex(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(file: Path, text: str) -> None:
    """In place: a container that mounts the file goes on seeing it."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text)
    file.chmod(BY_ALL_IN_THE_FOLDER)


if __name__ == "__main__":
    sys.exit(main())
