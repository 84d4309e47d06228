"""Feedback on a real database with the test clock on, whoever talks to it, and the customers who open links."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from feedback.app import build, consumers_of, deadlines_of
from feedback.settings import FeedbackSettings
from feedback.tables import DELIVERY
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff
from shared.contracts.facts import Degree
from shared.contracts.feedback import SurveyRequested
from shared.contracts.intake import CaseClosed, CustomerErased
from shared.database import Database
from shared.process import Service
from shared.time_source import MovableTime
from support.case_events import START
from support.service_room import NO_BROKER, Json, ServiceRoom, migrated_template, open_room, settings_of
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file

POLICY = policy_file("feedback", profile="standard")
OWNER = "feedback_tests"
PUBLIC_URL = "https://service.example"
QUESTIONS = ("attitude", "technique", "arrival_time", "promises")


class AftercareDesk(ServiceRoom):
    """One feedback process and whoever talks to it."""

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

    def build_here(url: str, key_file: Path) -> Service:
        return build(settings_for(url, key_file=key_file, broker_url=broker_url, public_url=public_url))

    async with open_room(postgres, template=template, home=home, build=build_here, room=_desk) as opened:
        yield opened


def _desk(service: Service, own: Database, key_file: Path) -> AftercareDesk:
    desk = service.api.state.desk
    return AftercareDesk(
        service=service,
        database=own,
        key_file=key_file,
        time=MovableTime(DELIVERY.test_clock),
        tables=DELIVERY,
        consumers=consumers_of(desk),
        deadlines=deadlines_of(desk),
        usual=("agent", "A1"),
    )


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with feedback's schema, to be copied for each test."""

    def build_here(url: str, key_file: Path) -> Service:
        return build(settings_for(url, key_file=key_file, broker_url=NO_BROKER, public_url=PUBLIC_URL))

    return await migrated_template(postgres, owner=OWNER, home=home, build=build_here)


def settings_for(url: str, *, key_file: Path, broker_url: str, public_url: str) -> FeedbackSettings:
    """The profile `standard`, with the test clock."""
    usual = settings_of(FeedbackSettings, policy=POLICY, url=url, key_file=key_file, broker_url=broker_url)
    return usual.model_copy(update={"public_url": public_url})


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
