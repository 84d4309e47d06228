"""A company at work on all five services: agents register, technicians accept, and repairs are carried on to the end.

Nobody polls: the driver hears what dispatch says on a queue of its own, as another service would.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import UUID, uuid4

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

from benchmarks.accepting import UNITS, set_up
from shared.contracts.dispatch import TechnicianAssigned, TechnicianOffered
from shared.contracts.envelope import Event
from shared.messaging.topology import EVENTS_EXCHANGE
from testkit.clients import Document, Person, text
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import Suite

WINDOW = timedelta(minutes=30)
BUSY = httpx.codes.SERVICE_UNAVAILABLE
MEASURED_QUEUE = "bench"


@dataclass(slots=True, kw_only=True)
class Heard:
    """When the suite said so, by `perf_counter`, and of which work order."""

    at: float
    order_id: UUID


@dataclass(slots=True)
class Company:
    """Clients of every service, and what was heard. `assigned` is by case."""

    suite: Suite
    clients: dict[str, httpx.AsyncClient]
    assigned: dict[UUID, asyncio.Future[Heard]] = field(default_factory=dict)
    requests: int = 0
    _windows: int = 0

    async def post(self, service: str, path: str, form: Mapping[str, object]) -> Document:
        """A request that must be answered with 2xx; whoever is told to come again comes again, and the time counts."""
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
        client = self.clients[service]
        while (answer := await client.post(path, json=form, headers=headers)).status_code == BUSY:  # noqa: ASYNC110
            await asyncio.sleep(float(answer.headers["Retry-After"]))  # as the answer asks
        answer.raise_for_status()
        self.requests += 1
        document: Document = answer.json() if answer.content else {}
        return document

    async def register(self, number: int) -> UUID:
        """A repair in warranty, of a new customer; its case."""
        form = {
            "customer": {"name": f"顾客 {number}", "phones": [f"136{number:08d}"]},
            "site": {"district": "xuhui", "address": f"漕溪北路 {number} 号"},
            "serial_number": f"BENCH-{number % UNITS}",
            "problem_code": "no_function",
            "description": "开机无反应",
        }
        case = UUID(text(await self.post("intake", "/v1/cases", form), "id"))
        self.heard_of(case)
        return case

    def heard_of(self, case: UUID) -> asyncio.Future[Heard]:
        """Done once a technician is assigned to the case."""
        return self.assigned.setdefault(case, asyncio.get_running_loop().create_future())

    async def carry_out(self, number: int) -> None:
        """One story, from the registration to the customer's signature."""
        case = await self.register(number)
        await self.post("intake", f"/v1/cases/{case}/contact", {})
        async with asyncio.timeout(PATIENCE_SECONDS):
            order = f"/v1/work-orders/{(await self.heard_of(case)).order_id}"
        begin = datetime.now(UTC) + timedelta(days=1) + self._windows * WINDOW
        self._windows += 1
        window = {"starts_at": begin.isoformat(), "ends_at": (begin + WINDOW).isoformat()}
        agreed = {"agreed_at": datetime.now(UTC).isoformat()}
        visit = f"/v1/visits/{text(await self.post('dispatch', f'{order}/visits', window | agreed), 'id')}"
        for step in ("preparation", "departure", "arrival", "start"):
            await self.post("dispatch", f"{visit}/{step}", {})
        await self.post("dispatch", f"{visit}/completion", REPORT)
        await self.post("dispatch", f"{visit}/return", {})
        await self.post("dispatch", f"{order}/sign-off", SIGNED)

    async def hear(self, message: AbstractIncomingMessage) -> None:
        """What dispatch said: an offer is accepted at once, an assignment noted."""
        now = perf_counter()
        match message.type:
            case TechnicianOffered.TYPE:
                offer = TechnicianOffered.model_validate_json(message.body)
                await self.post("dispatch", f"/v1/offers/{offer.offer_id}/acceptance", {})
            case TechnicianAssigned.TYPE:
                assigned = TechnicianAssigned.model_validate_json(message.body)
                told = self.heard_of(assigned.case_id)
                if not told.done():
                    told.set_result(Heard(at=now, order_id=assigned.work_order_id))
        await message.ack()


REPORT: Mapping[str, object] = {
    "findings": "已更换并试机正常",
    "resolution": "repaired",
    "fitted": [],
    "test_run": "passed",
    "work_minutes": 45,
    "travel_minutes": 30,
    "expenses": [],
}
SIGNED: Mapping[str, object] = {"signer": "客户本人", "signature": "客户本人", "opinion": "satisfied"}
HEARD: tuple[type[Event], ...] = (TechnicianOffered, TechnicianAssigned)


def hire(suite: Suite, *, technicians: int) -> None:
    """So many technicians who can repair everything, everywhere; and units."""
    set_up(suite)
    sheet = ["staff_number,name,department,rota_position,zones,skills,active"]
    sheet += [f"T{n},技师 {n},engineering,{n},city;suburb,water_heater,true" for n in range(1, technicians + 1)]
    with suite.client("dispatch", role="admin") as client:
        Person(client).upload("/v1/technicians/import", "\n".join(sheet))


@asynccontextmanager
async def at_work(suite: Suite) -> AsyncIterator[Company]:
    """The company, with somebody who accepts offers, for as long as the block lasts."""
    roles = {"intake": "agent", "dispatch": "dispatcher"}
    clients = {
        name: httpx.AsyncClient(
            base_url=suite.services[name].url,
            headers={"Authorization": f"Bearer {suite.token(role)}"},
            timeout=PATIENCE_SECONDS,
        )
        for name, role in roles.items()
    }
    company = Company(suite, clients)
    connection = await aio_pika.connect(suite.broker_url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=64)
        queue = await channel.declare_queue(MEASURED_QUEUE, exclusive=True)
        for event in HEARD:
            await queue.bind(EVENTS_EXCHANGE, event.TYPE)
        await queue.consume(company.hear)
        yield company
    for client in clients.values():
        await client.aclose()
