"""Intake on a real database, with the test clock on, and clients of every role."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import Table, func, select

from intake.app import build
from intake.office import Office
from intake.settings import IntakeSettings
from intake.tables import DELIVERY, METADATA
from shared.contracts.catalogue import EVENTS
from shared.contracts.envelope import Event
from shared.database import Database, database
from shared.process import Service
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file, mint_token
from shared.settings import load_settings
from support.emptying import empty
from testkit.servers.postgres import Postgres

POLICY = Path(__file__).parents[2] / "deploy" / "policies" / "standard" / "intake.toml"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
ZAMMAD_SECRET = "zammad-secret-1"
TWILIO_SECRET = "twilio-secret-1"
PUBLIC_BASE = "https://push.example"


@dataclass(kw_only=True)
class FrontDesk:
    """One intake process and whoever talks to it."""

    service: Service
    settings: IntakeSettings
    database: Database
    database_url: str
    key_file: Path
    encryption_keys: str
    clients: dict[tuple[str, str], httpx.AsyncClient] = field(default_factory=dict)

    async def begin_anew(self, postgres: Postgres) -> None:
        """As if nothing had happened; what the process remembers besides rows stays."""
        await empty(postgres, database=self.database, works=self.service.api.state.edge.works)

    @property
    def office(self) -> Office:
        """What its use cases work with."""
        office = self.service.api.state.office
        assert isinstance(office, Office)
        return office

    def client(self, role: str = "agent", *, subject: str = "li") -> httpx.AsyncClient:
        """Somebody with this role."""
        if (role, subject) not in self.clients:
            token = mint_token(self.key_file, subject=subject, role=role, issuer="tests", audience="tests")
            self.clients[role, subject] = self.stranger({"Authorization": f"Bearer {token}"})
        return self.clients[role, subject]

    def machine(self, *, scope: str) -> httpx.AsyncClient:
        """Another program, which may do what its token says and nothing else."""
        if ("machine", scope) not in self.clients:
            token = mint_token(
                self.key_file, subject="robot", role="machine", issuer="tests", audience="tests", scope=scope
            )
            self.clients["machine", scope] = self.stranger({"Authorization": f"Bearer {token}"})
        return self.clients["machine", scope]

    def stranger(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """Somebody without a token."""
        transport = httpx.ASGITransport(self.service.api, client=("203.0.113.7", 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers)

    async def create(self, path: str, body: Mapping[str, object], *, role: str = "admin") -> dict[str, object]:
        """POST something new and get what it became."""
        answer = await self.try_to_create(path, body, role=role)
        assert answer.status_code == 201, answer.text
        found: dict[str, object] = answer.json()
        return found

    async def try_to_create(self, path: str, body: Mapping[str, object], *, role: str = "admin") -> httpx.Response:
        """POST something new that may be refused."""
        return await self.client(role).post(path, json=body, headers={"Idempotency-Key": uuid4().hex})

    async def load(self, path: str, rows: str, *, mode: str = "apply") -> httpx.Response:
        """Import a spreadsheet."""
        headers = {"Content-Type": "text/csv"}
        return await self.client("admin").post(path, params={"mode": mode}, content=rows.encode(), headers=headers)

    async def change(
        self, path: str, body: Mapping[str, object] | None = None, *, version: object, role: str = "agent"
    ) -> httpx.Response:
        """POST a change of the version that was seen, under a new key."""
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": uuid4().hex}
        return await self.client(role).post(path, json=body, headers=headers)

    async def said(self, *events: type[Event]) -> list[Event]:
        """What intake has said so far, in order; all of it, or these kinds."""
        outbox = DELIVERY.outbox
        async with self.database.sessions() as session:
            rows = await session.execute(select(outbox.c.type, outbox.c.body).order_by(outbox.c.position))
            told = [EVENTS[row.type].model_validate_json(row.body) for row in rows]
        return [event for event in told if not events or isinstance(event, events)]

    async def count(self, table: str) -> int:
        """Rows in a table."""
        found: Table = METADATA.tables[table]
        async with self.database.sessions() as session:
            return await session.scalar(select(func.count()).select_from(found)) or 0

    async def audited(self) -> list[str]:
        """The actions in the audit log, in order."""
        entry = METADATA.tables["audit_entry"]
        async with self.database.sessions() as session:
            return list(await session.scalars(select(entry.c.action).order_by(entry.c.id)))

    async def now(self) -> datetime:
        """Business time."""
        answer = await self.client("admin").get("/v1/test-clock")
        return datetime.fromisoformat(answer.json()["now"])

    async def advance(self, by: timedelta) -> None:
        """Move business time."""
        await self.advance_to(await self.now() + by)

    async def advance_to(self, moment: datetime) -> None:
        """Move business time to a moment."""
        answer = await self.client("admin").post("/v1/test-clock", json={"to": moment.isoformat()})
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def open_front_desk(postgres: Postgres, *, home: Path, broker_url: str = NO_BROKER) -> AsyncIterator[FrontDesk]:
    """An intake with an empty, migrated database; its worker is not started."""
    name = f"intake_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password="intake")
    key_file = create_key_file(home / "jwt.json")
    encryption_keys = f"k1:{new_key()}"
    settings = load_settings(
        IntakeSettings,
        given={
            "database_url": url,
            "broker_url": broker_url,
            "policy_file": str(POLICY),
            "jwt_key_file": str(key_file),
            "jwt_issuer": "tests",
            "jwt_audience": "tests",
            "encryption_keys": encryption_keys,
            "blind_index_key": new_key(),
            "test_clock": "on",
        },
    )
    service = build(settings)
    await service.migrate()
    own = database(url, service="tests")
    desk = FrontDesk(
        service=service,
        settings=settings,
        database=own,
        database_url=url,
        key_file=key_file,
        encryption_keys=encryption_keys,
    )
    try:
        yield desk
    finally:
        for client in desk.clients.values():
            await client.aclose()
        await service.close()
        await own.close()
        await postgres.drop_database(name)


def zammad_source(name: str = "pbx") -> dict[str, object]:
    """A telephone system that speaks Zammad CTI."""
    return {
        "name": name,
        "adapter": "zammad",
        "secret": ZAMMAD_SECRET,
        "public_base": PUBLIC_BASE,
        "country": "CN",
    }


def twilio_source() -> dict[str, object]:
    """An account of Twilio."""
    return {
        "name": "twilio",
        "adapter": "twilio",
        "secret": TWILIO_SECRET,
        "public_base": PUBLIC_BASE,
        "country": "CN",
    }


def unit(serial_number: str = "B24-0001", *, sold_on: str = "2020-01-15", months: int = 24) -> dict[str, object]:
    """An installed unit; out of warranty unless told otherwise."""
    return {
        "serial_number": serial_number,
        "product_family": "boiler",
        "product_model": "B-24",
        "sold_on": sold_on,
        "warranty_months": months,
    }


IN_WARRANTY = 600
"""Months that are not over in any test."""


def repair(serial_number: str = "B24-0001") -> dict[str, object]:
    """顾客报修登记表 for somebody new."""
    return {
        "customer": {"name": "王小明", "phones": ["13800138000"], "email": "wang@example.com"},
        "site": {"district": "haidian", "address": "中关村大街1号"},
        "serial_number": serial_number,
        "problem_code": "no_heat",
        "description": "早上开始不热",
    }


def quote(price: str = "800.00") -> dict[str, object]:
    """报价单 with one line."""
    return {"solution": "更换点火器", "lines": [{"kind": "part", "text": "点火器", "price": price}]}
