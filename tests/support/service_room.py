"""One service on a real database with the test clock on: it hears events, its deadlines fire, and people talk to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from prometheus_client import CollectorRegistry
from sqlalchemy import RowMapping, select, text
from uuid_utils.compat import uuid7

from shared.actor import Actor
from shared.contracts.catalogue import EVENTS
from shared.contracts.envelope import Envelope, Event
from shared.database import Database, database
from shared.messaging.consumer import Consumers, Delivery
from shared.messaging.deadlines import DeadlineLoop, Deadlines
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.tables import DeliveryTables
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works
from shared.process import Service
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file, mint_token
from shared.settings import ServiceSettings, load_settings
from shared.time_source import ClockWouldGoBack, MovableTime
from support.case_events import START
from support.emptying import empty
from testkit.servers.postgres import Postgres

NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
type Json = Any


@dataclass(kw_only=True)
class ServiceRoom:
    """One process of a service and whoever talks to it; `usual` is the role and subject of who does unless named."""

    service: Service
    database: Database
    key_file: Path
    time: MovableTime
    tables: DeliveryTables
    consumers: Consumers
    deadlines: Deadlines
    usual: tuple[str, str]

    async def begin_anew(self, postgres: Postgres) -> None:
        """As if nothing had happened, at `START`; what the process remembers besides rows stays."""
        await empty(postgres, database=self.database, works=self.works)
        await self.move_to(START)

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
        await self._handle(event, ending=lambda work: work.commit())

    async def crash_at(self, event: Event) -> None:
        """Handle one event as far as it goes, and have the process die before anything is committed."""
        await self._handle(event, ending=lambda work: work.session.flush())

    async def _handle(self, event: Event, *, ending: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        envelope = Envelope(
            id=uuid7(),
            type=event.TYPE,
            source=event.TYPE.partition(".")[0],
            subject=event.subject,
            time=START,
            sequence=1,
            correlationid=uuid4(),
            policyversion="test",
        )
        effect = self.consumers.read(envelope, body=event.model_dump_json().encode())
        cause = Cause(actor=Actor(kind="system", id=self.service.name, role="consumer"), causation_id=envelope.id)
        async with self.works.begin(cause) as work:
            await effect(Delivery(envelope=envelope), work)
            await ending(work)

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.sessions() as session:
            await self.time.catch_up(session)
        return self.time.now()

    async def settle(self) -> None:
        """Fire deadlines until none is due; one that fails fails the test."""
        loop = DeadlineLoop(
            service=self.service.name,
            database=self.database,
            tables=self.tables,
            works=self.works,
            time_source=self.time,
            deadlines=self.deadlines,
            metrics=DeliveryMetrics(CollectorRegistry(), service=self.service.name),
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
        while await self.now() < moment:
            following = await self.following_deadline()
            stop = moment if following is None else min(moment, following)
            with suppress(ClockWouldGoBack):  # it runs by itself too, and may be there already
                async with self.database.sessions() as session, session.begin():
                    await self.time.advance_to(stop, session=session)
            await self.settle()

    async def move(self, **by: float) -> None:
        """Move business time by a `timedelta`."""
        await self.move_to(await self.now() + timedelta(**by))

    async def said[E: Event](self, event: type[E]) -> list[E]:
        """What the service has said of this kind so far, in order."""
        outbox = self.tables.outbox
        async with self.database.sessions() as session:
            bodies = await session.scalars(
                select(outbox.c.body).where(outbox.c.type == event.TYPE).order_by(outbox.c.position)
            )
            return [event.model_validate_json(body) for body in bodies]

    async def story(self) -> list[str]:
        """The short names of everything that was said, in order."""
        outbox = self.tables.outbox
        async with self.database.sessions() as session:
            types = list(await session.scalars(select(outbox.c.type).order_by(outbox.c.position)))
        assert set(types) <= set(EVENTS)
        return [name.split(".")[1] for name in types]

    async def rows(self, query: str, **parameters: object) -> list[RowMapping]:
        """What a query finds."""
        async with self.database.sessions() as session:
            return list((await session.execute(text(query), parameters)).mappings().all())

    @asynccontextmanager
    async def client(self, role: str | None = None, *, subject: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody with this role."""
        usual_role, usual_subject = self.usual
        token = mint_token(
            self.key_file,
            subject=subject or usual_subject,
            role=role or usual_role,
            issuer="tests",
            audience="tests",
        )
        transport = httpx.ASGITransport(self.service.api)
        headers = {"Authorization": f"Bearer {token}"}
        base = f"http://{self.service.name}"
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
            yield client

    async def get(self, path: str, *, role: str | None = None, subject: str | None = None) -> Json:
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
        role: str | None = None,
        subject: str | None = None,
        version: object = "*",
    ) -> httpx.Response:
        """POST with a fresh key, on the version that is named, by default on any; `None` names none."""
        tag = {} if version is None else {"If-Match": "*" if version == "*" else f'"{version}"'}
        headers = {"Idempotency-Key": uuid4().hex} | tag
        async with self.client(role, subject=subject) as client:
            return await client.post(path, json=body, headers=headers)


type Opened[Room] = Callable[[Service, Database, Path], Room]


@asynccontextmanager
async def open_room[Room: ServiceRoom](
    postgres: Postgres, *, template: str, home: Path, build: Callable[[str, Path], Service], room: Opened[Room]
) -> AsyncIterator[Room]:
    """A service with an empty copy of a migrated database at `START`; its worker is not started."""
    owner = template.rpartition("_")[0]
    url = await postgres.copy_database(template, name := f"{owner}_{uuid4().hex}", owner=owner, password=owner)
    key_file = create_key_file(home / "jwt.json")
    service, own = build(url, key_file), database(url, service="tests")
    opened = room(service, own, key_file)
    await opened.move_to(START)
    try:
        yield opened
    finally:
        await service.close()
        await own.close()
        await postgres.drop_database(name)


async def migrated_template(
    postgres: Postgres, *, owner: str, home: Path, build: Callable[[str, Path], Service]
) -> str:
    """The name of an empty database with the service's schema, to be copied for each test."""
    url = await postgres.create_database(name := f"{owner}_{uuid4().hex}", owner=owner, password=owner)
    service = build(url, create_key_file(home / f"{owner}.json"))
    await service.migrate()
    await service.close()
    return name


def settings_of[Settings: ServiceSettings](
    model: type[Settings], *, policy: Path, url: str, key_file: Path, broker_url: str = NO_BROKER
) -> Settings:
    """What every service is told, with the test clock."""
    given = {
        "database_url": url,
        "broker_url": broker_url,
        "policy_file": str(policy),
        "jwt_key_file": str(key_file),
        "jwt_issuer": "tests",
        "jwt_audience": "tests",
        "encryption_keys": f"k1:{new_key()}",
        "blind_index_key": new_key(),
        "test_clock": "on",
    }
    return load_settings(model, given=given)
