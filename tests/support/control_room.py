"""Dispatch on a real database with the test clock on: it hears events, its deadlines fire, and people talk to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from prometheus_client import CollectorRegistry
from sqlalchemy import RowMapping, select, text
from uuid_utils.compat import uuid7

from dispatch.app import build, consumers_of, deadlines_of
from dispatch.settings import DispatchSettings
from dispatch.tables import DELIVERY
from shared.actor import Actor
from shared.contracts.catalogue import EVENTS
from shared.contracts.envelope import Envelope, Event
from shared.database import Database, database
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import DeadlineLoop
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.unit_of_work import Cause, Works
from shared.process import Service
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file, mint_token
from shared.settings import load_settings
from shared.time_source import MovableTime
from support.case_events import START
from testkit.servers.postgres import Postgres

POLICY = Path(__file__).parents[2] / "deploy" / "policies" / "standard" / "dispatch.toml"
OWNER = "dispatch_tests"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
type Json = Any


@dataclass(kw_only=True)
class ControlRoom:
    """One dispatch process and whoever talks to it."""

    service: Service
    database: Database
    key_file: Path
    time: MovableTime

    @property
    def works(self) -> Works:
        """Transactions, as the service opens them."""
        works: Works = self.service.api.state.edge.works
        return works

    async def hear(self, *events: Event) -> None:
        """Handle events one after the other, as a consumer does, but without an inbox that knows duplicates."""
        for event in events:
            await self.hear_one(event)

    async def hear_one(self, event: Event) -> None:
        """Handle one event in its own transaction."""
        envelope = Envelope(
            id=uuid7(),
            type=event.TYPE,
            source="intake",
            subject=event.subject,
            time=START,
            sequence=1,
            correlationid=uuid4(),
            policyversion="test",
        )
        effect = consumers_of(self.service.api.state.desk).read(envelope, body=event.model_dump_json().encode())
        cause = Cause(actor=Actor(kind="system", id="dispatch", role="consumer"), causation_id=envelope.id)
        async with self.works.begin(cause) as work:
            await effect(Delivery(envelope=envelope), work)
            await work.commit()

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.sessions() as session:
            await self.time.catch_up(session)
        return self.time.now()

    async def settle(self) -> None:
        """Fire deadlines until none is due; one that fails fails the test."""
        loop = DeadlineLoop(
            service="dispatch",
            database=self.database,
            tables=DELIVERY,
            works=self.works,
            time_source=self.time,
            deadlines=deadlines_of(self.service.api.state.desk),
            metrics=DeliveryMetrics(CollectorRegistry(), service="dispatch"),
        )
        while (following := await self.following_deadline()) is not None and following <= await self.now():
            await loop.fire_due()

    async def following_deadline(self) -> datetime | None:
        """When a deadline is fired next."""
        for failed in await self.rows("SELECT last_error FROM deadline WHERE last_error IS NOT NULL"):
            raise AssertionError(failed["last_error"])
        [row] = await self.rows("SELECT min(next_try) AS following FROM deadline")
        following: datetime | None = row["following"]
        return following

    async def move_to(self, moment: datetime) -> None:
        """Move business time and fire what becomes due on the way, everything at its own instant."""
        await self.settle()
        while (now := await self.now()) < moment:
            following = await self.following_deadline()
            stop = moment if following is None else min(moment, following)
            if stop > now:
                async with self.database.sessions() as session, session.begin():
                    await self.time.advance_to(stop, session=session)
            await self.settle()

    async def move(self, **by: float) -> None:
        """Move business time by a `timedelta`."""
        await self.move_to(await self.now() + timedelta(**by))

    async def said[E: Event](self, event: type[E]) -> list[E]:
        """What dispatch has said of this kind so far, in order."""
        outbox = DELIVERY.outbox
        async with self.database.sessions() as session:
            bodies = await session.scalars(
                select(outbox.c.body).where(outbox.c.type == event.TYPE).order_by(outbox.c.position)
            )
            return [event.model_validate_json(body) for body in bodies]

    async def story(self) -> list[str]:
        """The short names of everything that was said, in order."""
        outbox = DELIVERY.outbox
        async with self.database.sessions() as session:
            types = list(await session.scalars(select(outbox.c.type).order_by(outbox.c.position)))
        assert set(types) <= set(EVENTS)
        return [name.split(".")[1] for name in types]

    async def rows(self, query: str, **parameters: object) -> list[RowMapping]:
        """What a query finds."""
        async with self.database.sessions() as session:
            return list((await session.execute(text(query), parameters)).mappings().all())

    @asynccontextmanager
    async def client(self, role: str = "dispatcher", *, subject: str = "D1") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody with this role."""
        token = mint_token(self.key_file, subject=subject, role=role, issuer="tests", audience="tests")
        transport = httpx.ASGITransport(self.service.api)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://dispatch", headers=headers) as client:
            yield client

    async def get(self, path: str, *, role: str = "dispatcher", subject: str = "D1") -> Json:
        """GET what has to be there."""
        async with self.client(role, subject=subject) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        role: str = "dispatcher",
        subject: str = "D1",
        version: object = None,
    ) -> httpx.Response:
        """POST with a fresh key, on a version where one is named."""
        headers = {"Idempotency-Key": uuid4().hex} | ({} if version is None else {"If-Match": f'"{version}"'})
        async with self.client(role, subject=subject) as client:
            return await client.post(path, json=body, headers=headers)

    async def add_technician(self, staff_number: str, **differently: object) -> UUID:
        """A technician of the engineering section who can repair boilers anywhere, certified for years."""
        record = {
            "staff_number": staff_number,
            "name": f"Technician {staff_number}",
            "department": "engineering",
            "zones": ["city", "suburb"],
            "skills": ["boiler", "general"],
        }
        answer = await self.post("/v1/technicians", record | differently)
        assert answer.status_code == 201, answer.text
        technician_id = UUID(answer.json()["id"])
        certificate = {"code": "gas_fitter", "valid_from": "2039-01-01", "valid_until": "2049-12-31"}
        certified = await self.post(f"/v1/technicians/{technician_id}/certificates", certificate)
        assert certified.status_code == 201, certified.text
        return technician_id

    async def order(self, case_id: UUID) -> Json:
        """The one work order of a case."""
        found = await self.get(f"/v1/work-orders?case_id={case_id}")
        [order] = found["items"]
        return order

    async def pending_offer(self, staff_number: str) -> Json:
        """The one offer that waits for the technician's answer."""
        found = await self.get(f"/v1/offers?state=pending&technician={staff_number}")
        [offer] = found["items"]
        return offer

    async def accept(self, staff_number: str) -> None:
        """The technician accepts what he is offered."""
        offer = await self.pending_offer(staff_number)
        answer = await self.post(f"/v1/offers/{offer['id']}/acceptance", role="technician", subject=staff_number)
        assert answer.status_code == 200, answer.text

    async def agree(self, case_id: UUID, *, starts_at: datetime, hours: float = 2) -> httpx.Response:
        """A visit window is agreed now."""
        order = await self.order(case_id)
        return await self.post(f"/v1/work-orders/{order['id']}/visits", window(starts_at, hours, await self.now()))


@asynccontextmanager
async def open_control_room(
    postgres: Postgres, *, template: str, home: Path, broker_url: str = NO_BROKER
) -> AsyncIterator[ControlRoom]:
    """A dispatch with an empty copy of a migrated database at `START`; its worker is not started."""
    url = await postgres.copy_database(template, name := f"dispatch_{uuid4().hex}", owner=OWNER, password=OWNER)
    key_file = create_key_file(home / "jwt.json")
    service = build(settings_for(url, key_file=key_file, broker_url=broker_url))
    own = database(url, service="tests")
    room = ControlRoom(service=service, database=own, key_file=key_file, time=MovableTime(DELIVERY.test_clock))
    await room.move_to(START)
    try:
        yield room
    finally:
        await service.close()
        await own.close()
        await postgres.drop_database(name)


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with dispatch's schema, to be copied for each test."""
    name = f"dispatch_{uuid4().hex}"
    url = await postgres.create_database(name, owner=OWNER, password=OWNER)
    service = build(settings_for(url, key_file=create_key_file(home / "jwt.json"), broker_url=NO_BROKER))
    await service.migrate()
    await service.close()
    return name


def settings_for(url: str, *, key_file: Path, broker_url: str) -> DispatchSettings:
    """The profile `standard`, with the test clock."""
    given = {
        "database_url": url,
        "broker_url": broker_url,
        "policy_file": str(POLICY),
        "jwt_key_file": str(key_file),
        "jwt_issuer": "tests",
        "jwt_audience": "tests",
        "encryption_keys": f"k1:{new_key()}",
        "blind_index_key": new_key(),
        "test_clock": "on",
    }
    return load_settings(DispatchSettings, given=given)


def window(starts_at: datetime, hours: float, agreed_at: datetime) -> dict[str, object]:
    """The body of a visit."""
    return {
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=hours)).isoformat(),
        "agreed_at": agreed_at.isoformat(),
    }
