"""A customer everything of whom can be recognised wherever it turns up, and a search for it with all keys in hand."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from uuid import uuid4

import asyncpg
from sqlalchemy import Column

from shared.command_line import CommandLine
from shared.security.encryption import FORMAT, KeyRing
from shared.security.rotation import place_of
from testkit.clients import Json
from testkit.suite import Suite

CONTACT = ("name", "address", "email", "number")
WORDS = (
    "description",
    "solution",
    "explanation",
    "findings",
    "signer",
    "signature",
    "opinion",
    "answer",
    "notes",
    "item",
    "repair-card",
    "problem",
    "course",
)
TEXT_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
)


@dataclass(frozen=True, kw_only=True)
class Canary:
    """Every text of his bears the token and says which one it is, so that one search finds them all."""

    number: str
    token: str = field(default_factory=lambda: f"kanarie{uuid4().hex[:10]}")

    def text(self, what: str) -> str:
        """His name, his address, a sentence of his …"""
        return f"金丝雀 {self._mark(what)}"

    @property
    def email(self) -> str:
        """Where mail reaches him."""
        return f"{self._mark('email')}@example.com"

    @property
    def customer(self) -> Mapping[str, Json]:
        """As he is registered."""
        return {"name": self.text("name"), "phones": [self.number], "email": self.email}

    @property
    def site(self) -> Mapping[str, Json]:
        """Where he lives."""
        return {"district": "xuhui", "address": self.text("address")}

    @property
    def signed(self) -> Mapping[str, Json]:
        """His name and what he draws."""
        return {"signer": self.text("signer"), "signature": self._signature}

    @property
    def opinion(self) -> Mapping[str, Json]:
        """What he signs and says once it is repaired."""
        return {**self.signed, "opinion": "satisfied", "comment": self.text("opinion")}

    @property
    def marks(self) -> Mapping[str, str]:
        """By what each thing of his is recognised."""
        own = {"number": self.number, "signature": self._signature}
        return {what: self._mark(what) for what in (*CONTACT, *WORDS)} | own

    @property
    def traces(self) -> tuple[str, ...]:
        """What is nowhere in plain text."""
        return (self.token, self.number, self._signature)

    def _mark(self, what: str) -> str:
        return f"{self.token}-{what}"

    @property
    def _signature(self) -> str:
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><!--{self._mark("drawing")}--></svg>'
        return base64.b64encode(drawing.encode()).decode()


def readable(
    suite: Suite, *, marks: Mapping[str, str], copies: Mapping[str, str] = MappingProxyType({})
) -> set[tuple[str, str]]:
    """What is shown to whoever has the keys, and in which `service.table.column`; by service a copy to look into.

    Everything that is sealed is opened; AssertionError where a column holds it that the key rotation does not know.
    """
    own = {name: suite.database_url(name) for name in suite.services}
    return asyncio.run(_readable(suite, marks=marks, urls={**own, **copies}))


async def _readable(suite: Suite, *, marks: Mapping[str, str], urls: Mapping[str, str]) -> set[tuple[str, str]]:
    found = set()
    for name, service in suite.services.items():
        keys = KeyRing.parse(service.environment[f"{name.upper()}_ENCRYPTION_KEYS"])
        connection = await asyncpg.connect(urls[name])
        known = _sealed(name)
        assert await _sealed_columns(connection) <= {(column.table.name, column.name) for column in known}, name
        for column in known:
            texts = await _opened(connection, column=column, keys=keys)
            place = f"{name}.{column.table.name}.{column.name}"
            found |= {(what, place) for what, mark in marks.items() if any(mark in text for text in texts)}
        await connection.close()
    return found


def _sealed(name: str) -> list[Column[str]]:
    """Everything that the service encrypts, as its key rotation knows it."""
    commands = import_module(f"{name}.__main__").COMMANDS
    assert isinstance(commands, CommandLine)
    return list(commands.sealed)


async def _sealed_columns(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    """The columns in which something lies that looks sealed."""
    columns = [(row["table_name"], row["column_name"]) for row in await connection.fetch(TEXT_COLUMNS)]
    looks = " UNION ALL ".join(
        f"SELECT '{table}', '{column}' WHERE EXISTS (SELECT FROM \"{table}\" WHERE \"{column}\" LIKE '{FORMAT}.%')"  # noqa: S608  # names from the catalogue
        for table, column in columns
    )
    return {(table, column) for table, column in await connection.fetch(looks)}


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
