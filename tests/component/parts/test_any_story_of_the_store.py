"""Whatever happens to requests that want the same parts: no piece and no yuan is lost, and all of it ends."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.contracts.dispatch import PartsRequested
from shared.contracts.envelope import Event
from shared.contracts.facts import Urgency
from shared.contracts.parts import PartArrived
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore, open_parts_store
from support.service_room import Json
from testkit.servers.postgres import Postgres

WANTED = (needs(PCB_77=2), needs(PCB_77=1), needs(FAN_3=1), needs(PCB_77=1, FAN_3=1))
OF_ORDERS = ("sign", "sign", "place", "place", "arrive", "give up")
OF_DEPOSITS = ("pay", "pay", "agree", "decline", "report", "report", "garbled report")
OF_ALL = ("start", "issue", "bring back", "lose", "renew", "complete", "cancel")
OF_NOBODY = ("buy", "receive", "receive", "give back", "give back money", "wait a day", "wait days", "wait long")
DEEDS = (*OF_DEPOSITS, *OF_ORDERS, *OF_NOBODY, *OF_ALL)
NEEDED = {**dict.fromkeys(OF_ORDERS, "claim_order_id"), **dict.fromkeys(OF_DEPOSITS, "deposit_id")}
WAITS = {"wait a day": 1, "wait days": 4, "wait long": 70}
TAKEN = {"held", "refunded", "forfeited"}
type Try = Callable[[PartsRequested], Awaitable[httpx.Response]]


class Story:
    """Four requests, people who do everything there is to do in any order, each with one of them by chance."""

    def __init__(self, store: PartsStore, *, data: st.DataObject) -> None:
        self._store = store
        self._data = data
        self._deliveries = 0
        self.reported = 0
        self.asked = [requested(lines=lines, urgency=self._one_of(list(Urgency))) for lines in WANTED]

    def _one_of[Choice](self, choices: Sequence[Choice]) -> Choice:
        return self._data.draw(st.sampled_from(choices))

    async def begin(self) -> None:
        for code in (BOARD, FAN):
            await self._store.part(code, on_hand=1)
        await self._hear(*self._data.draw(st.permutations(self.asked)))

    async def _hear(self, *events: Event) -> None:
        """Perhaps the process dies over it first, and perhaps it is delivered again."""
        for event in events:
            how = self._one_of(["once", "after a crash", "twice"])
            if how == "after a crash":
                await self._store.crash_at(event)
                await check_books(self._store)
            await self._store.hear(*([event, event] if how == "twice" else [event]))

    async def _report(self, asked: PartsRequested) -> httpx.Response:
        """A payment provider tells of a payment, and tells it again; perhaps it is not what was asked for.

        Perhaps the process dies between storing and judging it.
        """
        deposit = await self._store.deposit_of(asked)
        amount = self._one_of([deposit["amount"], deposit["amount"], "1.00"])
        told = {"deposit_id": deposit["id"], "amount": amount, "currency": self._one_of(["CNY", "CNY", "USD"])}
        body = self._said({**told, "status": "succeeded"})
        if self._one_of(["whole", "after a crash"]) == "after a crash":
            await self._store.crash_over(body)
            await check_money(self._store)
        return await self._twice(body)

    async def _report_garbled(self, asked: PartsRequested) -> httpx.Response:
        """He signs something that nobody can read."""
        return await self._twice(self._said({"deposit": (await self._store.deposit_of(asked))["id"]}))

    def _said(self, told: Json) -> bytes:
        self.reported += 1
        return json.dumps({**told, "payment_id": f"P-{self.reported}"}).encode()

    async def _twice(self, body: bytes) -> httpx.Response:
        first, again = await self._store.report(body), await self._store.report(body)
        assert first.status_code == again.status_code
        return first

    async def _give_back(self) -> None:
        """Finance gives back what came and was not taken; what could not be read, once it knows how much it was."""
        for payment in (await self._store.get("/v1/payments?state=refused&state=heard"))["items"]:
            stated = {} if payment["amount"] else {"amount": "2.00", "currency": "CNY"}
            body = {"ending": "returned", "reference": f"TR-{payment['id']}", **stated}
            settled = await self._store.post(f"/v1/payments/{payment['id']}/settlement", body)
            assert settled.status_code == 200, settled.text

    async def _buy(self) -> None:
        """A piece is on order for nobody, and comes on a day that others may be promised."""
        name, expected = self._one_of([BOARD, FAN]), await self._store.now() + timedelta(days=self._one_of([1, 5]))
        body = {
            "lines": [{"part_code": name, "quantity": 1, "unit_price": "180.00"}],
            "quotes": [{"supplier": supplier, "amount": "180.00"} for supplier in ("恒通", "华强", "永盛")],
            "chosen": "恒通",
            "expected_at": expected.isoformat(),
        }
        assert (await self._store.post("/v1/self-purchases", body, role="buyer")).status_code == 201

    async def go_on(self, deed: str) -> None:
        """One deed of somebody, and what follows from it; what cannot be done now is refused and changes nothing."""
        store = self._store
        whom = [one for one in self.asked if (await store.request(one))[NEEDED.get(deed, "id")]]
        asked = self._one_of(whom)
        papers: Mapping[str, Try] = {
            "issue": store.issue,
            "bring back": store.bring_back,
            "lose": store.write_off,
            "renew": store.renew,
            "sign": store.sign,
            "place": store.place,
            "arrive": store.arrive,
            "give up": store.give_up,
            "pay": store.pay,
            "decline": store.decline,
            "agree": store.agree,
            "report": self._report,
            "garbled report": self._report_garbled,
        }
        news = {"start": started(asked), "complete": completed(asked, fitted=asked.lines), "cancel": cancelled(asked)}
        if deed in papers:
            assert (await papers[deed](asked)).status_code in {200, 201, 409, 422}, deed
        elif deed in news:
            await self._hear(news[deed])
        elif deed in WAITS:
            await store.move(days=WAITS[deed])
        else:
            others = {
                "buy": self._buy,
                "receive": self._receive,
                "give back": self._send_back,
                "give back money": self._give_back,
            }
            await others[deed]()
        await store.settle()

    async def _send_back(self) -> None:
        """A free piece goes back to its vendor, if there is one."""
        body = {"part_code": self._one_of([BOARD, FAN]), "quantity": 1, "supplier": "恒通", "reason": "faulty"}
        assert (await self._store.post("/v1/vendor-returns", body)).status_code in {201, 409}

    async def _receive(self) -> None:
        self._deliveries += 1
        body = {"part_code": self._one_of([BOARD, FAN]), "quantity": 1, "reference": f"DN-{self._deliveries}"}
        assert (await self._store.post("/v1/stock/receipts", body)).status_code == 201

    async def end(self) -> None:
        """Every order is called off, what is with suppliers arrives, and what is owed is brought back."""
        for asked in self.asked:
            await self._store.hear(cancelled(asked))
            request = await self._store.request(asked)
            if request["claim_order_id"] and (await self._store.claim_of(asked))["state"] == "placed":
                assert (await self._store.arrive(asked)).status_code == 200
            owed = _owed(request)
            if request["state"] == "owed":
                body = {"lines": owed, "reason": "called_off", "received_at": (await self._store.now()).isoformat()}
                back = await self._store.post(f"/v1/requests/{request['id']}/returns", body)
                assert back.status_code == 201, back.text
        await self._give_back()
        await self._store.settle()


def _owed(request: Json) -> list[Json]:
    lines = (
        (line["part_code"], line["issued"] - line["returned"] - line["fitted"] - line["lost"])
        for line in request["lines"]
    )
    return [{"part_code": code, "quantity": pieces} for code, pieces in lines if pieces]


async def check_books(store: PartsStore) -> None:
    """Stock is the sum of its movements and what requests hold of it; nobody waits whose kit lies free."""
    assert await store.rows("SELECT * FROM invariant_i10") == []
    rows = await store.rows(
        "SELECT s.*, s.on_hand - s.reserved AS free,"
        " (SELECT sum(m.on_hand) FROM stock_movement m WHERE m.part_code = s.part_code) AS moved,"
        " (SELECT coalesce(sum(l.reserved), 0) FROM request_line l WHERE l.part_code = s.part_code) AS kept,"
        " (SELECT coalesce(sum(issued - returned - fitted - lost), 0)"
        " FROM request_line l WHERE l.part_code = s.part_code) AS out FROM stock s"
    )
    assert [(row["on_hand"], row["reserved"], row["issued"]) for row in rows] == [
        (row["moved"], row["kept"], row["out"]) for row in rows
    ]
    free = {row["part_code"]: row["free"] for row in rows}
    missing: dict[UUID, dict[str, int]] = {}
    for line in await store.rows(
        "SELECT r.id, r.state, l.part_code, l.asked - l.reserved - l.issued AS missing"
        " FROM parts_request r JOIN request_line l ON l.request_id = r.id WHERE r.state IN ('short', 'reserved')"
    ):
        assert line["state"] == "short" or line["missing"] == 0, f"{line} is not complete"
        if line["state"] == "short":
            missing.setdefault(line["id"], {})[line["part_code"]] = line["missing"]
    timeless = (
        "SELECT r.id FROM parts_request r JOIN request_line l ON l.request_id = r.id"
        " WHERE l.reserved > 0 AND r.expires_at IS NULL AND r.state IN ('short', 'reserved')"
    )
    assert await store.rows(timeless) == [], "nothing is kept for ever"
    now = await store.now()
    days = await store.rows("SELECT ready_at FROM parts_request WHERE state = 'short'")
    assert all(row["ready_at"] is None or row["ready_at"] > now for row in days), "a day that has passed is no promise"
    for lacking in missing.values():
        assert any(free[code] < pieces for code, pieces in lacking.items()), f"{lacking} lies free in {free}"


async def check_money(store: PartsStore) -> None:
    """Who has paid is held, refunded or forfeited, and that was said once; who lost it had heard that his part came.

    What providers reported and nobody took is accounted for beside.
    """
    for one in (await store.get("/v1/payment-sums"))["sums"]:
        ended = ("taken", "unmatched", "returned", "nothing_due")
        assert Decimal(one["reported"]) == sum(Decimal(one[name]) for name in ended)
    assert await store.rows("SELECT * FROM invariant_i10") == []
    sums = {name: Decimal(amount) for name, amount in (await store.get("/v1/deposit-sums")).items()}
    assert sums["paid"] == sums["held"] + sums["refunded"] + sums["forfeited"]
    for state in ("held", "refunded", "forfeited"):
        [row] = await store.rows(
            "SELECT coalesce(sum(amount), 0) AS yuan FROM deposit WHERE state = :state", state=state
        )
        assert sums[state] == row["yuan"]
    told = await store.story()
    states = [str(row["state"]) for row in await store.rows("SELECT state FROM deposit")]
    assert told.count("deposit_required") == len(states)
    assert told.count("deposit_paid") == sum(state in TAKEN for state in states)
    for state in ("refunded", "forfeited", "waived"):
        assert told.count(f"deposit_{state}") == states.count(state)
    heard = {event.request_id for event in await store.said(PartArrived)}
    for row in await store.rows(
        "SELECT c.request_id, c.state FROM deposit d JOIN claim_order c ON c.id = d.claim_order_id"
        " WHERE d.state = 'forfeited'"
    ):
        assert (row["state"], row["request_id"] in heard) == ("arrived", True)


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_stock_reservations_and_deposits_are_conserved_and_everything_ends(
    postgres: Postgres, parts_template: str, tmp_path: Path, data: st.DataObject
) -> None:
    async with open_parts_store(postgres, template=parts_template, home=tmp_path) as store:
        story = Story(store, data=data)
        await story.begin()
        for deed in data.draw(st.permutations(DEEDS)):
            await story.go_on(deed)
            await check_books(store)
            await check_money(store)
            assert len(await store.rows("SELECT 1 FROM payment")) == story.reported, "no report is lost"
        await story.end()
        await check_books(store)
        ended = {row["state"] for row in await store.rows("SELECT state FROM parts_request")}
        assert ended <= {"settled", "released", "expired", "unavailable"}
        await check_money(store)
        for query in (
            "SELECT 1 FROM deposit WHERE state IN ('required', 'agreed', 'held')",
            "SELECT 1 FROM payment WHERE state IN ('heard', 'refused')",
            "SELECT 1 FROM claim_order WHERE state IN ('awaiting_approval', 'approved', 'placed')",
            "SELECT 1 FROM stock WHERE reserved > 0 OR issued > 0",
            "SELECT 1 FROM deadline WHERE kind <> 'cost_table'",
            "SELECT * FROM invariant_i10",
        ):
            assert await store.rows(query) == [], query
