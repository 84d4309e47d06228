"""The parts store on a real database, with the storekeeper, the cashier and those who sign."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from parts.app import build, consumers_of, deadlines_of
from parts.handlers import Handlers
from parts.schemas.money import PaymentReport
from parts.settings import PartsSettings
from parts.tables import DELIVERY
from parts.use_cases.hear_payment import Report, Told, hear_payment
from shared.actor import Actor
from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import PartNeed
from shared.database import Database
from shared.messaging.unit_of_work import Cause
from shared.process import Service
from shared.time_source import MovableTime
from support import payment_gateway
from support.parts_news import BOARD, requested, started
from support.service_room import NO_BROKER, Json, ServiceRoom, migrated_template, open_room, settings_of
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file

OWNER = "parts_tests"
STANDARD = policy_file("parts", profile="standard")


class PartsStore(ServiceRoom):
    """One parts process and whoever talks to it."""

    async def part(self, part_code: str, *, on_hand: int = 0, price: str = "200.00", minimum: int = 0) -> None:
        """A part of the catalogue of which so many pieces lie on the shelf."""
        record = {"part_code": part_code, "name_zh": "主板", "name_en": "Board", "unit_price": price}
        made = await self.post("/v1/parts", {**record, "minimum": minimum})
        assert made.status_code == 201, made.text
        if on_hand:
            receipt = {"part_code": part_code, "quantity": on_hand, "reference": "opening"}
            received = await self.post("/v1/stock/receipts", receipt)
            assert received.status_code == 201, received.text

    async def stock(self, part_code: str) -> tuple[int, int, int]:
        """Pieces on hand, reserved, and issued, which the ledger adds up to."""
        [line] = (await self.get(f"/v1/stock?search={part_code}"))["items"]
        [row] = await self.rows(
            "SELECT coalesce(sum(on_hand), 0)::int, coalesce(sum(reserved), 0)::int, coalesce(sum(issued), 0)::int"
            " FROM stock_movement WHERE part_code = :code",
            code=part_code,
        )
        found = (line["on_hand"], line["reserved"], line["issued"])
        assert found == tuple(row.values())
        return found

    async def request(self, asked: PartsRequested) -> Json:
        """The request as a storekeeper sees it."""
        return await self.get(f"/v1/requests/{asked.request_id}")

    async def state(self, asked: PartsRequested) -> tuple[str, str | None, str | None]:
        """Where the request, its claim order and its deposit stand."""
        request = await self.request(asked)
        claim, deposit = request["claim_order_id"], request["deposit_id"]
        return (
            request["state"],
            (await self.get(f"/v1/claim-orders/{claim}"))["state"] if claim else None,
            (await self.get(f"/v1/deposits/{deposit}"))["state"] if deposit else None,
        )

    async def short(self, *, price: str = "200.00") -> PartsRequested:
        """A request for a part of which there is none: `PCB-77` at this price."""
        await self.part(BOARD, price=price)
        asked = requested()
        await self.hear(asked)
        return asked

    async def deposit_of(self, asked: PartsRequested) -> Json:
        return await self.get(f"/v1/deposits/{(await self.request(asked))['deposit_id']}")

    async def claim_of(self, asked: PartsRequested) -> Json:
        return await self.get(f"/v1/claim-orders/{(await self.request(asked))['claim_order_id']}")

    async def pay(self, asked: PartsRequested, *, amount: str | None = None) -> httpx.Response:
        """What is asked for, or another amount."""
        deposit = await self.deposit_of(asked)
        body = {"amount": amount or deposit["amount"], "method": "cash"}
        return await self.post(f"/v1/deposits/{deposit['id']}/payment", body, role="agent")

    async def agree(self, asked: PartsRequested) -> httpx.Response:
        """The customer will pay (R320)."""
        deposit = await self.deposit_of(asked)
        return await self.post(f"/v1/deposits/{deposit['id']}/agreement", {}, role="agent")

    async def report(
        self, body: bytes, *, secret: str = payment_gateway.SECRET, at: datetime | None = None
    ) -> httpx.Response:
        """What a payment provider reports, signed with a secret at an instant of real time."""
        transport = httpx.ASGITransport(self.service.api)
        async with httpx.AsyncClient(transport=transport, base_url="http://parts") as provider:
            headers = payment_gateway.signed(body, secret=secret, at=at)
            return await provider.post(payment_gateway.PATH, content=body, headers=headers)

    async def crash_over(self, body: bytes) -> None:
        """A report is stored, and the process dies before it is judged."""
        told = Told(**PaymentReport.model_validate_json(body).model_dump())
        provider = Cause(actor=Actor(kind="source", id="gateway", role="payment_provider"))
        async with self.works.begin(provider) as work:
            report = Report(provider="gateway", body=body, told=told)
            await hear_payment(work, report=report, desk=self.service.api.state.desk)
            await work.commit()

    async def decline(self, asked: PartsRequested) -> httpx.Response:
        deposit = await self.deposit_of(asked)
        return await self.post(f"/v1/deposits/{deposit['id']}/decline", {}, role="agent")

    async def sign(
        self, asked: PartsRequested, *, role: str = "workshop_manager", decision: str = "approve"
    ) -> httpx.Response:
        claim = await self.claim_of(asked)
        return await self.post(f"/v1/claim-orders/{claim['id']}/approval", {"decision": decision}, role=role)

    async def place(self, asked: PartsRequested, *, days: float = 2) -> httpx.Response:
        """The supplier has it and promises it for then."""
        claim, expected = await self.claim_of(asked), await self.now() + timedelta(days=days)
        body = {"supplier": "恒通配件", "expected_at": expected.isoformat()}
        return await self.post(f"/v1/claim-orders/{claim['id']}/placement", body)

    async def arrive(self, asked: PartsRequested) -> httpx.Response:
        claim = await self.claim_of(asked)
        return await self.post(f"/v1/claim-orders/{claim['id']}/arrival", {})

    async def give_up(self, asked: PartsRequested) -> httpx.Response:
        claim = await self.claim_of(asked)
        return await self.post(f"/v1/claim-orders/{claim['id']}/cancellation", {})

    async def renew(self, asked: PartsRequested) -> httpx.Response:
        return await self.post(f"/v1/requests/{asked.request_id}/renewal", {})

    async def issue(self, asked: PartsRequested, lines: Iterable[PartNeed] | None = None) -> httpx.Response:
        """All that was asked for, or these."""
        body = {"lines": _written(asked.lines if lines is None else lines), "issued_to": "T07"}
        return await self.post(f"/v1/requests/{asked.request_id}/issues", body)

    async def bring_back(
        self, asked: PartsRequested, lines: Iterable[PartNeed] | None = None, **more: object
    ) -> httpx.Response:
        """All that was asked for, or these; they lie in the store since now, unless a test says so."""
        wanted = _written(asked.lines if lines is None else lines)
        body = {"lines": wanted, "reason": "not_needed", "received_at": (await self.now()).isoformat(), **more}
        return await self.post(f"/v1/requests/{asked.request_id}/returns", body)

    async def write_off(
        self, asked: PartsRequested, lines: Iterable[PartNeed] | None = None, **more: object
    ) -> httpx.Response:
        """All that was asked for, or these, are lost by who drew them."""
        wanted = _written(asked.lines if lines is None else lines)
        body = {"lines": wanted, "reason": "lost", "issued_to": "T07", **more}
        return await self.post(f"/v1/requests/{asked.request_id}/losses", body)

    async def reach(self, asked: PartsRequested, *, state: str) -> None:
        """Take a request that is short as far as its claim order or deposit stands at `state`, or it is `issued`."""
        for reached, step in (
            ("held", self.pay),
            ("approved", self.sign),
            ("placed", self.place),
            ("arrived", self.arrive),
            ("issued", self._begin_and_issue),
        ):
            if state in await self.state(asked):
                return
            answer = await step(asked)
            assert answer.is_success, f"{reached}: {answer.text}"
        assert state in await self.state(asked)

    async def _begin_and_issue(self, asked: PartsRequested) -> httpx.Response:
        await self.hear(started(asked))
        return await self.issue(asked)


def _written(lines: Iterable[PartNeed]) -> list[Mapping[str, object]]:
    return [line.model_dump() for line in lines]


def build_parts(url: str, key_file: Path, *, broker_url: str = NO_BROKER, policy: Path = STANDARD) -> Service:
    """Parts under a policy."""
    settings = settings_of(PartsSettings, policy=policy, url=url, key_file=key_file, broker_url=broker_url)
    return build(settings.model_copy(update={"payment_secrets": payment_gateway.SECRETS}))


def store_of(service: Service, own: Database, key_file: Path) -> PartsStore:
    """The store round a service; the storekeeper acts where nobody is named."""
    assert service.erasures is not None
    handlers = Handlers(service.api.state.desk, erasures=service.erasures)
    return PartsStore(
        service=service,
        database=own,
        key_file=key_file,
        time=MovableTime(DELIVERY.test_clock),
        tables=DELIVERY,
        consumers=consumers_of(handlers),
        deadlines=deadlines_of(handlers, clocks=service.api.state.desk.clocks),
        usual=("storekeeper", "S1"),
    )


@asynccontextmanager
async def open_parts_store(
    postgres: Postgres, *, template: str, home: Path, broker_url: str = NO_BROKER, policy: Path = STANDARD
) -> AsyncIterator[PartsStore]:
    """A parts service with an empty database of its own; its worker is not started."""

    def built(url: str, key_file: Path) -> Service:
        return build_parts(url, key_file, broker_url=broker_url, policy=policy)

    async with open_room(postgres, template=template, home=home, build=built, room=store_of) as store:
        yield store


@asynccontextmanager
async def under_another_policy(store: PartsStore, *, policy: Path) -> AsyncIterator[PartsStore]:
    """The same store, with all that happened in it, once it was started again under another policy."""
    url = store.database.engine.url.render_as_string(hide_password=False)
    service = build_parts(url, store.key_file, policy=policy)
    try:
        yield store_of(service, store.database, store.key_file)
    finally:
        await service.close()


async def migrated_parts(postgres: Postgres, *, home: Path) -> str:
    """The name of an empty database with parts' schema, to be copied for each test."""
    return await migrated_template(postgres, owner=OWNER, home=home, build=build_parts)
