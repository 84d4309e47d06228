"""A customer everything of whom can be recognised wherever it turns up, and a search for it with all keys in hand."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from uuid import uuid4

import asyncpg
from sqlalchemy import Column

from shared.command_line import CommandLine
from shared.security.encryption import KeyRing
from shared.security.rotation import place_of
from testkit.clients import Json
from testkit.suite import Suite


@dataclass(frozen=True, kw_only=True)
class Canary:
    """Every text of his bears the token, so that one search finds them all."""

    number: str
    token: str = field(default_factory=lambda: f"kanarie{uuid4().hex[:10]}")

    def text(self, what: str) -> str:
        """His name, his address, a sentence of his …"""
        return f"金丝雀{self.token} {what}"

    @property
    def email(self) -> str:
        """Where mail reaches him."""
        return f"{self.token}@example.com"

    @property
    def customer(self) -> Mapping[str, Json]:
        """As he is registered."""
        return {"name": self.text("name"), "phones": [self.number], "email": self.email}

    @property
    def site(self) -> Mapping[str, Json]:
        """Where he lives."""
        return {"district": "xuhui", "address": self.text("address")}

    @property
    def signature(self) -> str:
        """What he draws."""
        return base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg"><!--{self.token}--></svg>'.encode()).decode()

    @property
    def words(self) -> Mapping[str, Json]:
        """What he signs and says at the end of the visit."""
        return {
            "signer": self.text("signer"),
            "signature": self.signature,
            "opinion": "satisfied",
            "comment": self.text("opinion"),
        }

    @property
    def marks(self) -> tuple[str, ...]:
        """What is searched for."""
        return (self.token, self.number, self.signature)


def decryptable(suite: Suite, *, marks: tuple[str, ...]) -> set[str]:
    """The columns, as `service.table.column`, that show one of the marks to whoever has the keys."""
    return asyncio.run(_decryptable(suite, marks=marks))


async def _decryptable(suite: Suite, *, marks: tuple[str, ...]) -> set[str]:
    found = set()
    for name, service in suite.services.items():
        keys = KeyRing.parse(service.environment[f"{name.upper()}_ENCRYPTION_KEYS"])
        connection = await asyncpg.connect(service.environment[f"{name.upper()}_DATABASE_URL"])
        for column in _sealed(name):
            texts = await _opened(connection, column=column, keys=keys)
            if any(mark in text for text in texts for mark in marks):
                found.add(f"{name}.{column.table.name}.{column.name}")
        await connection.close()
    return found


def _sealed(name: str) -> list[Column[str]]:
    """Everything that the service encrypts, as its key rotation knows it."""
    commands = import_module(f"{name}.__main__").COMMANDS
    assert isinstance(commands, CommandLine)
    return list(commands.sealed)


async def _opened(connection: asyncpg.Connection, *, column: Column[str], keys: KeyRing) -> list[str]:
    identity = [f'"{part.name}"' for part in column.table.primary_key.columns]
    wanted = ", ".join([f'"{column.name}"', *identity])
    rows = await connection.fetch(f'SELECT {wanted} FROM "{column.table.name}" WHERE "{column.name}" <> $1', "")  # noqa: S608  # names of our own tables
    return [_plain(keys.open(sealed, context=place_of(column, key=key))) for sealed, *key in rows]


def _plain(text: str) -> str:
    """Of a stored answer also its body."""
    if not text.startswith('{"status"'):
        return text
    return base64.b64decode(json.loads(text)["body"]).decode()
