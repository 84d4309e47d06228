"""Notifier on a real database with the test clock on: it hears events, sends to a real mail server, asks an intake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import override
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from uuid_utils.compat import uuid7

from notifier.app import build, consumers_of, deadlines_of
from notifier.courier import Courier
from notifier.settings import NotifierSettings
from notifier.tables import DELIVERY
from shared.actor import Actor
from shared.contracts.envelope import Envelope, Event
from shared.database import Database
from shared.messaging.consumer import Delivery
from shared.messaging.unit_of_work import Cause
from shared.process import Service
from shared.settings import ServiceSettings
from shared.time_source import MovableTime
from support.intake_stand_in import TOKEN, IntakeStandIn
from support.service_room import NO_BROKER, Json, ServiceRoom, migrated_template, open_room, settings_of
from testkit.servers.postgres import Postgres
from testkit.smtp_sink import SmtpSink

POLICY = Path(__file__).parents[2] / "deploy" / "policies" / "standard" / "notifier.toml"
OWNER = "notifier"
SUPERVISOR = "cs_supervisor"


@dataclass(kw_only=True)
class PostRoom(ServiceRoom):
    """One notifier process, the mail server it hands mails to, and the intake that it asks."""

    settings: NotifierSettings
    sink: SmtpSink
    intake: IntakeStandIn

    @override
    async def begin_anew(self, postgres: Postgres) -> None:
        self.sink.forget()
        self.intake.forget()
        await super().begin_anew(postgres)

    @property
    def courier(self) -> Courier:
        """Whoever carries messages to the mail server; its own loop runs only where the worker does."""
        courier: Courier = self.service.api.state.courier
        return courier

    @override
    async def hear(self, *events: Event, at: datetime | None = None) -> None:
        """Handle events one after the other, as a consumer does; they happened now, or `at` that time."""
        for event in events:
            envelope = envelope_of(event, at=at or await self.now())
            effect = self.consumers.read(envelope, body=event.model_dump_json().encode())
            cause = Cause(actor=Actor(kind="system", id="notifier", role="consumer"), causation_id=envelope.id)
            async with self.works.begin(cause) as work:
                await effect(Delivery(envelope=envelope), work)
                await work.commit()

    async def deliver(self) -> None:
        """Send until nothing is due any more."""
        while errands := await self.courier.take():
            await asyncio.gather(*(self.courier.carry(errand) for errand in errands))

    async def lose_leases(self) -> None:
        """As if time went by since whoever had messages in hand died."""
        async with self.database.sessions() as session, session.begin():
            await session.execute(text("UPDATE message SET leased_until = clock_timestamp()"))

    @override
    async def settle(self) -> None:
        """Fire deadlines and send until nothing is due; a deadline that fails fails the test."""
        await self.deliver()
        while (following := await self.following_deadline()) is not None and following <= await self.now():
            await self.fire()
            await self.deliver()

    async def fire(self) -> None:
        """Fire the deadlines that are due, and send nothing."""
        await super().settle()

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who shows no token, as whoever opens a link does."""
        transport = httpx.ASGITransport(self.service.api)
        async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
            yield client

    async def employ(self, staff_number: str, *, role: str, **differently: object) -> UUID:
        """Somebody who works here, at `<number>@staff.example`, and reads Chinese."""
        record = {
            "staff_number": staff_number,
            "name": f"员工{staff_number}",
            "role": role,
            "email": address(staff_number),
            "language": "zh-CN",
        }
        answer = await self.post("/v1/staff", record | differently)
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
    with SmtpSink.running() as sink:
        async with IntakeStandIn.running() as intake:
            told: list[NotifierSettings] = []

            def build_here(url: str, key_file: Path) -> Service:
                told.append(
                    settings_for(url, key_file, broker_url=broker_url, smtp_port=sink.port, intake_url=intake.url)
                )
                return build(told[0])

            def room(service: Service, own: Database, key_file: Path) -> PostRoom:
                return PostRoom(
                    service=service,
                    database=own,
                    key_file=key_file,
                    time=MovableTime(DELIVERY.test_clock),
                    tables=DELIVERY,
                    consumers=consumers_of(service.api.state.handlers),
                    deadlines=deadlines_of(service.api.state.handlers),
                    usual=("admin", "A1"),
                    settings=told[0],
                    sink=sink,
                    intake=intake,
                )

            async with open_room(postgres, template=template, home=home, build=build_here, room=room) as opened:
                try:
                    yield opened
                finally:
                    await opened.courier.stop()


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with notifier's schema, to be copied for each test."""

    def build_here(url: str, key_file: Path) -> Service:
        return build(settings_for(url, key_file, broker_url=NO_BROKER, smtp_port=1, intake_url="http://nobody"))

    return await migrated_template(postgres, owner=OWNER, home=home, build=build_here)


def settings_for(url: str, key_file: Path, *, broker_url: str, smtp_port: int, intake_url: str) -> NotifierSettings:
    """The profile `standard`, with the test clock; an attempt may take two seconds."""
    usual = settings_of(ServiceSettings, policy=POLICY, url=url, key_file=key_file, broker_url=broker_url)
    return NotifierSettings(
        **usual.model_dump(),
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        smtp_sender="service@aftersales.example",
        intake_url=intake_url,
        intake_token=TOKEN,
        attempt_seconds=2,
    )
