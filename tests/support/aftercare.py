"""Feedback on a real database with the test clock on: it hears events, its deadlines fire, and people talk to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from prometheus_client import CollectorRegistry
from sqlalchemy import RowMapping, select, text
from uuid_utils.compat import uuid7

from feedback.app import build, consumers_of, deadlines_of
from feedback.settings import FeedbackSettings
from feedback.tables import DELIVERY
from shared.actor import Actor
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff
from shared.contracts.envelope import Envelope, Event
from shared.contracts.facts import Degree
from shared.contracts.feedback import SurveyRequested
from shared.contracts.intake import CaseClosed, CustomerErased
from shared.database import Database, database
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import DeadlineLoop
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.unit_of_work import Cause, Works
from shared.process import Service
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file, mint_token
from shared.settings import load_settings
from shared.time_source import ClockWouldGoBack, MovableTime
from support.case_events import START
from testkit.servers.postgres import Postgres

POLICY = Path(__file__).parents[2] / "deploy" / "policies" / "standard" / "feedback.toml"
OWNER = "feedback_tests"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
PUBLIC_URL = "https://service.example"
QUESTIONS = ("attitude", "technique", "arrival_time", "promises")
type Json = Any


@dataclass(kw_only=True)
class AftercareDesk:
    """One feedback process and whoever talks to it."""

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
            source="dispatch",
            subject=event.subject,
            time=START,
            sequence=1,
            correlationid=uuid4(),
            policyversion="test",
        )
        effect = consumers_of(self.service.api.state.desk).read(envelope, body=event.model_dump_json().encode())
        cause = Cause(actor=Actor(kind="system", id="feedback", role="consumer"), causation_id=envelope.id)
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
            service="feedback",
            database=self.database,
            tables=DELIVERY,
            works=self.works,
            time_source=self.time,
            deadlines=deadlines_of(self.service.api.state.desk),
            metrics=DeliveryMetrics(CollectorRegistry(), service="feedback"),
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
        """What feedback has said of this kind so far, in order."""
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
    async def client(self, role: str = "agent", *, subject: str = "A1") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody with this role."""
        token = mint_token(self.key_file, subject=subject, role=role, issuer="tests", audience="tests")
        transport = httpx.ASGITransport(self.service.api)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback", headers=headers) as client:
            yield client

    async def get(self, path: str, *, role: str = "agent") -> Json:
        """GET what has to be there."""
        async with self.client(role) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self, path: str, body: Mapping[str, object], *, role: str = "agent", version: object = None
    ) -> httpx.Response:
        """POST with a fresh key, on a version where one is named."""
        headers = {"Idempotency-Key": uuid4().hex} | ({} if version is None else {"If-Match": f'"{version}"'})
        async with self.client(role) as client:
            return await client.post(path, json=body, headers=headers)

    async def revisit(self, event: WorkOrderSignedOff | ItemReturned) -> Json:
        """The one revisit of an order."""
        found = await self.get(f"/v1/revisits?work_order_id={event.work_order_id}")
        [revisit] = found["items"]
        return revisit

    async def survey(self, event: WorkOrderSignedOff) -> Json:
        """The one survey of an order."""
        found = await self.get(f"/v1/surveys?work_order_id={event.work_order_id}")
        [survey] = found["items"]
        return survey

    async def path_of_link(self, event: WorkOrderSignedOff) -> str:
        """The path of the link that was sent about an order; time moves until it was."""
        while not (
            asked := [one for one in await self.said(SurveyRequested) if one.work_order_id == event.work_order_id]
        ):
            await self.move(hours=1)
        [requested] = asked
        return requested.link.removeprefix(PUBLIC_URL)

    async def browse(self, path: str, *, accept_language: str = "en") -> httpx.Response:
        """Open a page as a browser does: without a token."""
        transport = httpx.ASGITransport(self.service.api)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            return await client.get(path, headers={"Accept-Language": accept_language})

    async def submit(self, path: str, form: Mapping[str, str], *, accept_language: str = "en") -> httpx.Response:
        """Send a form as a browser does."""
        transport = httpx.ASGITransport(self.service.api)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            return await client.post(path, data=dict(form), headers={"Accept-Language": accept_language})


@asynccontextmanager
async def open_aftercare(
    postgres: Postgres, *, template: str, home: Path, broker_url: str = NO_BROKER, public_url: str = PUBLIC_URL
) -> AsyncIterator[AftercareDesk]:
    """A feedback with an empty copy of a migrated database at `START`; its worker is not started."""
    url = await postgres.copy_database(template, name := f"feedback_{uuid4().hex}", owner=OWNER, password=OWNER)
    key_file = create_key_file(home / "jwt.json")
    service = build(settings_for(url, key_file=key_file, broker_url=broker_url, public_url=public_url))
    own = database(url, service="tests")
    desk = AftercareDesk(service=service, database=own, key_file=key_file, time=MovableTime(DELIVERY.test_clock))
    await desk.move_to(START)
    try:
        yield desk
    finally:
        await service.close()
        await own.close()
        await postgres.drop_database(name)


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with feedback's schema, to be copied for each test."""
    name = f"feedback_{uuid4().hex}"
    url = await postgres.create_database(name, owner=OWNER, password=OWNER)
    key_file = create_key_file(home / "jwt.json")
    service = build(settings_for(url, key_file=key_file, broker_url=NO_BROKER, public_url=PUBLIC_URL))
    await service.migrate()
    await service.close()
    return name


def settings_for(url: str, *, key_file: Path, broker_url: str, public_url: str) -> FeedbackSettings:
    """The profile `standard`, with the test clock."""
    given = {
        "database_url": url,
        "broker_url": broker_url,
        "policy_file": str(POLICY),
        "public_url": public_url,
        "jwt_key_file": str(key_file),
        "jwt_issuer": "tests",
        "jwt_audience": "tests",
        "encryption_keys": f"k1:{new_key()}",
        "blind_index_key": new_key(),
        "test_clock": "on",
    }
    return load_settings(FeedbackSettings, given=given)


def signed_off(
    *,
    order_id: UUID | None = None,
    case_id: UUID | None = None,
    customer_id: UUID | None = None,
    technician_id: UUID | None = None,
    at: datetime = START,
) -> WorkOrderSignedOff:
    """A repair that its customer signed for."""
    return WorkOrderSignedOff(
        work_order_id=order_id or uuid4(),
        work_order_number="W1000017",
        case_id=case_id or uuid4(),
        customer_id=customer_id or uuid4(),
        customer_label="138****8000",
        unit_id=uuid4(),
        technician_id=technician_id or uuid4(),
        opinion=Degree.SATISFIED,
        signed_off_at=at,
    )


def item_returned(order: WorkOrderSignedOff, *, at: datetime = START) -> ItemReturned:
    """The customer of this order has his machine again."""
    return ItemReturned(
        work_order_id=order.work_order_id,
        work_order_number=order.work_order_number,
        case_id=order.case_id,
        customer_id=order.customer_id,
        item_id=uuid4(),
        returned_at=at,
    )


def erased(order: WorkOrderSignedOff, *, at: datetime = START) -> CustomerErased:
    """The customer of this order wants to be forgotten."""
    return CustomerErased(customer_id=order.customer_id, erased_at=at)


def closed(order: WorkOrderSignedOff, *, at: datetime = START) -> CaseClosed:
    """The case of this order is closed."""
    return CaseClosed(
        case_id=order.case_id, case_number="R1000017", resolution="repaired", closed_by="A1", closed_at=at
    )


def all_with(degree: Degree, **differently: str) -> dict[str, str]:
    """A card on which every question is answered alike."""
    return dict.fromkeys(QUESTIONS, str(degree)) | differently
