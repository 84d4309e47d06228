"""Agents, technicians and what they do all day, while servers come and go under them.

An agent sends a request again under the same Idempotency-Key until he gets a 2xx. While something is away he may be
refused with 503 or get no answer at all; anything else is not what was promised, and ends the test.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import httpx

from testkit.clients import Person
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import Suite

MORNING = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""
AGAIN_SECONDS = 0.15
LOOK_SECONDS = 0.25
AT_ONCE = 8
UNITS = 20
DISTRICTS = ("xuhui", "pudong")
URGENCIES = ("normal", "urgent", "normal", "emergency")

type Form = Mapping[str, Any]


class NotPromised(AssertionError):
    """An answer that no outage explains."""


class Agents:
    """Agents who register cases at intake, through one of several addresses of it.

    `acknowledged` are the cases that they got a 2xx for, `answers` counts what they were answered, `written` keeps each
    request with its key and the answer that it must always get.
    """

    def __init__(self, suite: Suite) -> None:
        self.acknowledged: set[UUID] = set()
        self.answers: Counter[str] = Counter()
        self.written: list[tuple[str, Form, httpx.Response]] = []
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {suite.token('agent')}"}, timeout=PATIENCE_SECONDS
        )
        self._numbers = iter(range(1, 1_000_000))
        self._news = asyncio.Condition()
        self.work_at([suite.services["intake"].url])

    def work_at(self, addresses: Sequence[str]) -> None:
        """Use these addresses in turn from now on."""
        self._addresses: Iterator[str] = cycle(addresses)

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

    async def insist(
        self, path: str, form: Form, *, key: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send until it is answered with 2xx. Raises `NotPromised` on an answer that no outage explains."""
        while True:
            answer = await self._attempt(path, form, headers={"Idempotency-Key": key, **(headers or {})})
            if answer is not None:
                return answer
            await asyncio.sleep(AGAIN_SECONDS)

    async def _attempt(self, path: str, form: Form, *, headers: Mapping[str, str]) -> httpx.Response | None:
        try:
            answer = await self._client.post(next(self._addresses) + path, json=form, headers=headers)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE or "Retry-After" in answer.headers:
            return None
        raise NotPromised(f"POST {path}: {answer.status_code} {answer.text}")

    async def _register_all(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            case = await self._register(number)
            if number % 4 == 1:
                await self._change(case, "cancellation", reason="customer_withdrew")
            elif number % 7 == 2:
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
        answer = await self.insist(f"/v1/cases/{case}/{step}", form, key=str(uuid4()), headers={"If-Match": "*"})
        changed: Form = answer.json()
        return changed

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


@asynccontextmanager
async def technicians_answering(suite: Suite, *, at: str | None = None) -> AsyncIterator[None]:
    """Technicians take or refuse what they are offered, in turn, while the block lasts; `at` another address."""
    base = at or suite.services["dispatch"].url
    answering = asyncio.create_task(_answer_offers(base, token=suite.token("dispatcher")))
    try:
        yield
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def _answer_offers(base: str, *, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    replies = cycle([("acceptance", None), ("refusal", {"reason": "other"})])
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS) as client:
        while True:
            try:
                page = await client.get("/v1/offers", params={"state": "pending"})
                for offer in page.json()["items"] if page.is_success else []:
                    verb, body = next(replies)
                    await client.post(f"/v1/offers/{offer['id']}/{verb}", json=body)
            except httpx.TransportError:
                pass
            await asyncio.sleep(LOOK_SECONDS)


def repair(number: int) -> Form:
    """顾客报修登记表 number so-and-so: every fifth unit is out of warranty and waits for a quote."""
    unit = "OLD" if number % 5 == 0 else "NEW"
    return {
        "customer": {"name": f"顾客 {number}", "phones": [f"136{number:08d}"]},
        "site": {"district": DISTRICTS[number % 2], "address": f"漕溪北路 {number} 号"},
        "serial_number": f"{unit}-{number % UNITS}",
        "problem_code": "no_function",
        "description": "开机无反应",
        "urgency": URGENCIES[number % 4],
    }


def set_up(suite: Suite) -> None:
    """Units, technicians, and a Monday morning."""
    for service in suite.services:
        with suite.client(service, role="admin") as client:
            client.post("/v1/test-clock", json={"to": MORNING.isoformat()}).raise_for_status()
    sheet = ["serial_number,product_family,product_model,sold_on,warranty_months"]
    sheet += [f"NEW-{number},water_heater,RS-60,2039-09-01,24" for number in range(UNITS)]
    sheet += [f"OLD-{number},water_heater,RS-50,2030-09-01,24" for number in range(UNITS)]
    with suite.client("intake", role="admin") as client:
        Person(client).upload("/v1/units/import", "\n".join(sheet))
    sheet = ["staff_number,name,department,rota_position,zones,skills,active"]
    sheet += [f"T{number},技师 {number},engineering,{number},city;suburb,water_heater,true" for number in range(1, 9)]
    with suite.client("dispatch", role="admin") as client:
        Person(client).upload("/v1/technicians/import", "\n".join(sheet))


def jump(suite: Suite, *, to: datetime) -> None:
    """Move the clocks of all services at once, past whatever falls due on the way."""
    for service in suite.services:
        with suite.client(service, role="admin") as client:
            client.post("/v1/test-clock", json={"to": to.isoformat()}).raise_for_status()
