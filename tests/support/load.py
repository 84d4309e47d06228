"""Agents who register repairs all day, while servers come and go under them; and what they need to begin."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx

from support.insisting import Form, Insisting
from testkit.checker.history import History
from testkit.clients import Person
from testkit.suite import Suite

MORNING = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""
AT_ONCE = 8
UNITS = 20
TECHNICIANS = 8
DISTRICTS = ("xuhui", "pudong")
URGENCIES = ("normal", "urgent", "normal", "emergency")
CALLED_OFF = "urgent"
"""Every repair of this urgency is called off as soon as it is registered: nobody else touches it."""
STOCKED, MISSING = "PCB-77", "HX-9"
"""A part of which there is plenty in the store, and one that has to be ordered every time."""
PLENTY = 10_000


class Agents:
    """Agents who register cases at intake, through one of several addresses of it.

    `acknowledged` are the cases that they got a 2xx for, `written` keeps each request with its key and the answer that
    it must always get.
    """

    def __init__(self, suite: Suite) -> None:
        self.acknowledged: set[UUID] = set()
        self.written: list[tuple[str, Form, httpx.Response]] = []
        self._history = History(suite.home / "agents.jsonl")
        self._intake = Insisting(suite.services["intake"].url, token=suite.token("agent"), history=self._history)
        self.answers, self.unavailable = self._intake.answers, self._intake.unavailable
        self._numbers = iter(range(1, 1_000_000))
        self._news = asyncio.Condition()

    def work_at(self, addresses: Sequence[str]) -> None:
        """Use these addresses in turn from now on."""
        self._intake.work_at(addresses)

    @asynccontextmanager
    async def registering(self, count: int) -> AsyncIterator[None]:
        """Have `count` more cases registered while the block lasts; it ends when all of them are."""
        numbers = iter([next(self._numbers) for _ in range(count)])
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._register_all(numbers))
            yield

    async def have_registered(self, count: int) -> None:
        """Wait until `count` cases were acknowledged in all."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.acknowledged) >= count)

    async def insist(self, path: str, form: Form, *, key: str) -> httpx.Response:
        """Send until it is answered with 2xx. Raises `NotPromised` on an answer that no outage explains."""
        return await self._intake.send(path, form, key=key)

    async def _register_all(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            case = await self._register(number)
            if number % 4 == 1:
                await self._change(case, "cancellation", reason="customer_withdrew")
                continue
            if number % 9:  # the others are forgotten: that is what escalations are for
                await self._change(case, "contact")
            if number % 7 == 2:
                hold = await self._change(case, "holds", reason="customer")
                await self._change(case, f"holds/{hold['holds'][0]['id']}/release")

    async def _register(self, number: int) -> UUID:
        form, key = repair(number), str(uuid4())
        answer = await self.insist("/v1/cases", form, key=key)
        case = UUID(answer.json()["id"])
        self.written.append((key, form, answer))
        async with self._news:
            self.remember(answer)
            self._news.notify_all()
        return case

    def remember(self, answer: httpx.Response) -> None:
        """The case of this answer was acknowledged."""
        self.acknowledged.add(UUID(answer.json()["id"]))

    async def _change(self, case: UUID, step: str, **form: str) -> Form:
        return await self._intake.change(f"/v1/cases/{case}/{step}", form, key=str(uuid4()))

    async def close(self) -> None:
        """Close the connections."""
        await self._intake.close()
        self._history.close()


def repair(number: int) -> Form:
    """顾客报修登记表 number so-and-so: every fifth unit is out of warranty and waits for a quote; some need parts."""
    unit = "OLD" if number % 5 == 0 else "NEW"
    return {
        "customer": {
            "name": f"顾客 {number}",
            "phones": [f"136{number:08d}"],
            "email": f"customer-{number}@example.com",
        },
        "site": {"district": DISTRICTS[number % 2], "address": f"漕溪北路 {number} 号"},
        "serial_number": f"{unit}-{number % UNITS}",
        "problem_code": "no_function",
        "description": "开机无反应",
        "urgency": URGENCIES[number % 4],
        "parts": [{"part_code": part, "quantity": 1} for part in _parts(number)],
    }


def _parts(number: int) -> list[str]:
    """Every third repair needs a part that there is, every eleventh one that there is not."""
    return [part for part, every in ((STOCKED, 3), (MISSING, 11)) if number % every == 1]


def set_up(suite: Suite) -> None:
    """Staff, units, technicians, a store, and a Monday morning."""
    jump(suite, to=MORNING)
    sheets = (
        ("notifier", "/v1/staff/import", _staff()),
        ("parts", "/v1/parts/import", _catalogue()),
        ("parts", "/v1/stock/import", f"part_code,quantity,reference\n{STOCKED},{PLENTY},opening stock\n"),
        ("intake", "/v1/units/import", _units()),
        ("dispatch", "/v1/technicians/import", _technicians()),
    )
    for service, path, sheet in sheets:
        with suite.client(service, role="admin") as client:
            Person(client).upload(path, sheet)


def jump(suite: Suite, *, to: datetime) -> None:
    """Move the clocks of all services at once, past whatever falls due on the way."""
    for service in suite.services:
        with suite.client(service, role="admin") as client:
            client.post("/v1/test-clock", json={"to": to.isoformat()}).raise_for_status()


def _units() -> str:
    sheet = ["serial_number,product_family,product_model,sold_on,warranty_months"]
    sheet += [f"NEW-{number},water_heater,RS-60,2039-09-01,24" for number in range(UNITS)]
    sheet += [f"OLD-{number},water_heater,RS-50,2030-09-01,24" for number in range(UNITS)]
    return "\n".join(sheet)


def _technicians() -> str:
    sheet = ["staff_number,name,department,rota_position,zones,skills,active"]
    sheet += [f"{one},技师 {one},engineering,{one[1:]},city;suburb,water_heater,true" for one in _staff_numbers()]
    return "\n".join(sheet)


def _staff() -> str:
    """One in each role that is told something, and every technician."""
    members = dict.fromkeys(_staff_numbers(), "technician")
    members |= {"D1": "dispatcher", "S1": "cs_supervisor", "A1": "aftersales_director", "G1": "general_manager"}
    sheet = ["staff_number,name,role,email,language,status"]
    sheet += [f"{one},员工 {one},{role},{one.lower()}@example.com,zh-CN,active" for one, role in members.items()]
    return "\n".join(sheet)


def _staff_numbers() -> list[str]:
    return [f"T{number}" for number in range(1, TECHNICIANS + 1)]


def _catalogue() -> str:
    return (
        "part_code,name_zh,name_en,unit_price\n"
        f"{STOCKED},主板,Main board,260.00\n"
        f"{MISSING},换热器,Heat exchanger,480.00\n"
    )
