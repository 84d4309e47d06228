"""The issuer's keys: fetched when needed, kept when it is away."""

import time
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from shared.http.problems import NotAuthenticated, Unavailable
from shared.security import jwks
from shared.security.jwks import PublishedKeys
from shared.security.tokens import Tokens, create_key_file, mint_token


class Issuer:
    """An issuer that can be away and can change its keys."""

    def __init__(self) -> None:
        self.keys: list[ECKey] = []
        self.is_away = False
        self.asked = 0

    def answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.is_away:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})

    def add(self, path: Path) -> Path:
        file = create_key_file(path)
        self.keys.append(ECKey.import_key(__import__("json").loads(file.read_text())))
        return file

    def tokens(self) -> Tokens:
        keys = PublishedKeys("https://issuer.example/keys", transport=httpx.MockTransport(self.answer))
        return Tokens(keys, issuer="i", audience="a")


def token(file: Path) -> str:
    return mint_token(file, subject="li", role="agent", issuer="i", audience="a")


async def test_keys_are_fetched_once_for_many_tokens(tmp_path: Path) -> None:
    issuer = Issuer()
    file = issuer.add(tmp_path / "one")
    tokens = issuer.tokens()
    for _ in range(3):
        assert (await tokens.read(token(file))).actor.id == "li"
    assert issuer.asked == 1


async def test_a_new_key_is_found_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "LEAST_SECONDS_BETWEEN_FETCHES", 0)
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens.read(token(issuer.add(tmp_path / "one")))
    await tokens.read(token(issuer.add(tmp_path / "two")))
    assert issuer.asked == 2


async def test_unknown_key_ids_do_not_make_us_a_burden_to_the_issuer(tmp_path: Path) -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens.read(token(issuer.add(tmp_path / "one")))
    issuer.add(tmp_path / "three")
    foreign = token(create_key_file(tmp_path / "foreign"))
    for _ in range(20):
        with pytest.raises(NotAuthenticated):
            await tokens.read(foreign)
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_stops_nobody_whom_it_signed_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    file = issuer.add(tmp_path / "one")
    await tokens.read(token(file))
    issuer.is_away = True
    later = time.monotonic() + jwks.FRESH_SECONDS + 1
    monkeypatch.setattr("shared.security.jwks.time.monotonic", lambda: later)
    assert (await tokens.read(token(file))).actor.id == "li"
    assert issuer.asked == 2


async def test_without_any_key_the_answer_is_to_come_back(tmp_path: Path) -> None:
    issuer = Issuer()
    issuer.is_away = True
    with pytest.raises(Unavailable):
        await issuer.tokens().read(token(create_key_file(tmp_path / "one")))


def test_a_key_file_is_for_its_owner_only_and_is_made_once(tmp_path: Path) -> None:
    file = create_key_file(tmp_path / "deep" / "key.json")
    content = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert create_key_file(file).read_text() == content
    assert [path.name for path in file.parent.iterdir()] == ["key.json"]
