"""Dispatch on a real database with the test clock on, and whoever talks to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx

from dispatch.app import build, consumers_of, deadlines_of
from dispatch.settings import DispatchSettings
from dispatch.tables import DELIVERY
from shared.database import Database
from shared.process import Service
from shared.time_source import MovableTime
from support.service_room import NO_BROKER, Json, ServiceRoom, migrated_template, open_room, settings_of
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file

POLICY = policy_file("dispatch", profile="standard")
OWNER = "dispatch_tests"


class ControlRoom(ServiceRoom):
    """One dispatch process and whoever talks to it."""

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

    def build_here(url: str, key_file: Path) -> Service:
        return build(settings_for(url, key_file=key_file, broker_url=broker_url))

    async with open_room(postgres, template=template, home=home, build=build_here, room=_room) as opened:
        yield opened


def _room(service: Service, own: Database, key_file: Path) -> ControlRoom:
    desk = service.api.state.desk
    return ControlRoom(
        service=service,
        database=own,
        key_file=key_file,
        time=MovableTime(DELIVERY.test_clock),
        tables=DELIVERY,
        consumers=consumers_of(desk),
        deadlines=deadlines_of(desk),
        usual=("dispatcher", "D1"),
    )


async def migrated_database(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with dispatch's schema, to be copied for each test."""

    def build_here(url: str, key_file: Path) -> Service:
        return build(settings_for(url, key_file=key_file, broker_url=NO_BROKER))

    return await migrated_template(postgres, owner=OWNER, home=home, build=build_here)


def settings_for(url: str, *, key_file: Path, broker_url: str) -> DispatchSettings:
    """The profile `standard`, with the test clock."""
    return settings_of(DispatchSettings, policy=POLICY, url=url, key_file=key_file, broker_url=broker_url)


def window(starts_at: datetime, hours: float, agreed_at: datetime) -> dict[str, object]:
    """The body of a visit."""
    return {
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=hours)).isoformat(),
        "agreed_at": agreed_at.isoformat(),
    }
