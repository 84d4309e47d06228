"""Passwords and keys of an installation: made by chance, once, for its owner only."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from shared.env_file import values_of
from shared.installation import install
from shared.messaging.accounts import rights_of
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from testkit.suite import SERVICES


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "installation"


def test_every_service_gets_passwords_and_keys_of_its_own(env_file: Path, folder: Path) -> None:
    install(env_file, folder=folder)
    made = values_of(env_file)
    for service in SERVICES:
        for what in ("DATABASE_PASSWORD", "BROKER_PASSWORD", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY"):
            assert len(made[f"{service.upper()}_{what}"]) > 40
    assert len(set(made.values())) == len(made)


def test_only_the_owner_reads_them(env_file: Path, folder: Path) -> None:
    install(env_file, folder=folder)
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_services_get_the_public_half_of_the_key_that_signs_tokens(env_file: Path, folder: Path) -> None:
    install(env_file, folder=folder)
    private = json.loads((folder / "jwt-key.json").read_text())
    (public,) = json.loads((folder / "jwt-public.json").read_text())["keys"]
    assert public == {name: value for name, value in private.items() if name != "d"}


def test_what_is_there_stays_and_what_is_missing_comes_to_it(env_file: Path, folder: Path) -> None:
    env_file.write_text("# ours\nPOSTGRES_PASSWORD=chosen by us\nINTAKE_PORT=9001\n")
    install(env_file, folder=folder)
    before = env_file.read_text()
    key = (folder / "jwt-key.json").read_text()
    install(env_file, folder=folder)
    assert env_file.read_text() == before
    assert (folder / "jwt-key.json").read_text() == key
    assert before.startswith("# ours\nPOSTGRES_PASSWORD=chosen by us\nINTAKE_PORT=9001\n")
    assert "OPERATOR_BROKER_PASSWORD=" in before


def test_the_broker_gets_hashes_of_the_passwords_and_an_account_for_every_right(env_file: Path, folder: Path) -> None:
    install(env_file, folder=folder)
    made = values_of(env_file)
    users = json.loads((folder / "accounts.json").read_text())["users"]
    assert {user["name"] for user in users} == set(rights_of(CATALOGUE_TOPOLOGY))
    for user in users:
        hashed = base64.b64decode(user["password_hash"])
        password = made[f"{user['name'].upper()}_BROKER_PASSWORD"]
        assert hashlib.sha256(hashed[:4] + password.encode()).digest() == hashed[4:]
        assert password not in (folder / "accounts.json").read_text()


def test_a_last_line_without_an_end_is_not_run_into(env_file: Path, folder: Path) -> None:
    env_file.write_text("POSTGRES_PASSWORD=chosen")
    install(env_file, folder=folder)
    assert values_of(env_file)["POSTGRES_PASSWORD"] == "chosen"
