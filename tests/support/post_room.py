"""Notifier on a real database with the test clock on: it hears events, sends to a real mail server, asks an intake."""

import asyncio
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

from notifier.app import build, consumers_of, deadlines_of
from notifier.courier import Courier
from notifier.settings import NotifierSettings
from notifier.tables import DELIVERY
from shared.actor import Actor
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
from support.intake_stand_in import TOKEN, IntakeStandIn
from testkit.servers.postgres import Postgres
from testkit.smtp_sink import SmtpSink

POLICY = Path(__file__).parents[2] / "deploy" / "policies" / "standard" / "notifier.toml"
OWNER = "notifier_tests"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
SUPERVISOR = "cs_supervisor"
type Json = Any


@dataclass(kw_only=True)
class PostRoom:
    """One notifier process, the mail server it hands mails to, and the intake that it asks."""

    service: Service
    settings: NotifierSettings
    database: Database
    key_file: Path
    time: MovableTime
    sink: SmtpSink
    intake: IntakeStandIn

    @property
    def works(self) -> Works:
        """Transactions, as the service opens them."""
        works: Works = self.service.api.state.edge.works
        return works

    @property
    def courier(self) -> Courier:
        """Whoever carries messages to the mail server; its own loop runs only where the worker does."""
        courier: Courier = self.service.api.state.courier
        return courier

    async def hear(self, *events: Event, at: datetime | None = None) -> None:
        """Handle events one after the other, as a consumer does; they happened now, or `at` that time."""
        for event in events:
            happened_at = at or await self.now()
            envelope = envelope_of(event, at=happened_at)
            effect = consumers_of(self.service.api.state.handlers).read(envelope, body=event.model_dump_json().encode())
            cause = Cause(actor=Actor(kind="system", id="notifier", role="consumer"), causation_id=envelope.id)
            async with self.works.begin(cause) as work:
                await effect(Delivery(envelope=envelope), work)
                await work.commit()

    async def post(self) -> None:
        """Send until nothing is due any more."""
        while errands := await self.courier.take():
            await asyncio.gather(*(self.courier.carry(errand) for errand in errands))

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.sessions() as session:
            await self.time.catch_up(session)
        return self.time.now()

    async def settle(self) -> None:
        """Fire deadlines and send until nothing is due; a deadline that fails fails the test."""
        loop = DeadlineLoop(
            service="notifier",
            database=self.database,
            tables=DELIVERY,
            works=self.works,
            time_source=self.time,
            deadlines=deadlines_of(self.service.api.state.handlers),
            metrics=DeliveryMetrics(CollectorRegistry(), service="notifier"),
        )
        await self.post()
        while (following := await self.following_deadline()) is not None and following <= await self.now():
            await loop.fire_due()
            await self.post()

    async def following_deadline(self) -> datetime | None:
        """When a deadline is fired next."""
        for failed in await self.rows("SELECT last_error FROM deadline WHERE last_error IS NOT NULL"):
            raise AssertionError(failed["last_error"])
        [row] = await self.rows("SELECT min(next_try) AS following FROM deadline")
        following: datetime | None = row["following"]
        return following

    async def move_to(self, moment: datetime) -> None:
        """Move business time; everything that becomes due on the way happens at its own instant."""
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
        """What notifier has said of this kind so far, in order."""
        outbox = DELIVERY.outbox
        async with self.database.sessions() as session:
            bodies = await session.scalars(
                select(outbox.c.body).where(outbox.c.type == event.TYPE).order_by(outbox.c.position)
            )
            return [event.model_validate_json(body) for body in bodies]

    async def rows(self, query: str, **parameters: object) -> list[RowMapping]:
        """What a query finds."""
        async with self.database.sessions() as session:
            return list((await session.execute(text(query), parameters)).mappings().all())

    @asynccontextmanager
    async def client(self, role: str = "admin", *, subject: str = "A1") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody with this role."""
        token = mint_token(self.key_file, subject=subject, role=role, issuer="tests", audience="tests")
        async with self.stranger() as client:
            client.headers["Authorization"] = f"Bearer {token}"
            yield client

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who shows no token, as whoever opens a link does."""
        transport = httpx.ASGITransport(self.service.api)
        async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
            yield client

    async def get(self, path: str, *, role: str = "auditor", subject: str = "A2") -> Json:
        """GET what has to be there."""
        async with self.client(role, subject=subject) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post_to(
        self, path: str, body: Mapping[str, object] | None = None, *, role: str = "admin", subject: str = "A1"
    ) -> httpx.Response:
        """POST with a fresh key."""
        async with self.client(role, subject=subject) as client:
            return await client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})

    async def employ(self, staff_number: str, *, role: str, **differently: object) -> UUID:
        """Somebody who works here, at `<number>@staff.example`, and reads Chinese."""
        record = {
            "staff_number": staff_number,
            "name": f"员工{staff_number}",
            "role": role,
            "email": address(staff_number),
            "language": "zh-CN",
        }
        answer = await self.post_to("/v1/staff", record | differently)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def employ_everybody(self) -> None:
        """One member on each level of the ladder."""
        await self.employ("S1", role=SUPERVISOR)
        await self.employ("S2", role="aftersales_director", language="en", name="Ms Li")
        await self.employ("S3", role="general_manager")

    async def escalation(self) -> Json:
        """The one escalation."""
        [escalation] = (await self.get("/v1/escalations"))["items"]
        return escalation

    async def messages(self) -> list[Json]:
        """Every message, the first one first."""
        found: list[Json] = (await self.get("/v1/messages"))["items"]
        return found[::-1]

    async def link_of(self, staff_number: str) -> str:
        """The path of the link in his last mail."""
        mail = self.sink.to(address(staff_number))[-1]
        return mail.links[0].removeprefix(self.settings.public_url)


def address(staff_number: str) -> str:
    """Where a member of the staff is written to."""
    return f"{staff_number.lower()}@staff.example"


def envelope_of(event: Event, *, at: datetime) -> Envelope:
    """The event as it is sent."""
    return Envelope(
        id=uuid7(),
        type=event.TYPE,
        source=event.TYPE.partition(".")[0],
        subject=event.subject,
        time=at,
        sequence=1,
        correlationid=uuid4(),
        policyversion="test",
    )


@asynccontextmanager
async def open_post_room(
    postgres: Postgres, *, template: str, home: Path, broker_url: str = NO_BROKER
) -> AsyncIterator[PostRoom]:
    """A notifier with an empty copy of a migrated database at `START`; its worker is not started."""
    url = await postgres.copy_database(template, name := f"notifier_{uuid4().hex}", owner=OWNER, password=OWNER)
    key_file = create_key_file(home / "jwt.json")
    own = database(url, service="tests")
    with SmtpSink.running() as sink:
        async with IntakeStandIn.running() as intake:
            settings = settings_for(url, key_file=key_file, broker_url=broker_url, sink=sink, intake_url=intake.url)
            service = build(settings)
            room = PostRoom(
                service=service,
                settings=settings,
                database=own,
                key_file=key_file,
                time=MovableTime(DELIVERY.test_clock),
                sink=sink,
                intake=intake,
            )
            await room.move_to(START)
            try:
                yield room
            finally:
                await room.courier.stop()
                await service.close()
                await own.close()
                await postgres.drop_database(name)


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with notifier's schema, to be copied for each test."""
    name = f"notifier_{uuid4().hex}"
    url = await postgres.create_database(name, owner=OWNER, password=OWNER)
    key_file = create_key_file(home / "jwt.json")
    service = build(settings_for(url, key_file=key_file, broker_url=NO_BROKER, sink=None, intake_url="http://nobody"))
    await service.migrate()
    await service.close()
    return name


def settings_for(
    url: str, *, key_file: Path, broker_url: str, sink: SmtpSink | None, intake_url: str
) -> NotifierSettings:
    """The profile `standard`, with the test clock; an attempt may take two seconds."""
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
        "smtp_host": "127.0.0.1",
        "smtp_port": str(sink.port if sink else 1),
        "smtp_sender": "service@aftersales.example",
        "intake_url": intake_url,
        "intake_token": TOKEN,
        "attempt_seconds": "2",
    }
    return load_settings(NotifierSettings, given=given)
