"""A crew that carries every work order on to the customer's signature, while servers come and go under it.

Its requests have keys that follow from what they are about: whoever is not answered, or begins anew, sends the same
request under the same key. What others have not done yet is tried again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID, uuid5

import httpx

from support.insisting import Form, Insisting, NotPromised
from support.load import CALLED_OFF, MORNING
from testkit.checker.history import History
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite

LOOK_SECONDS = 0.5
EVERYBODY_AWAY_SECONDS = PATIENCE_SECONDS * len(SERVICES)
"""What an order waits for may wait for each of the others in turn."""
AT_ONCE = 6
KEYS = UUID("01990000-0000-7000-8000-00000000c4e3")
OPEN = ("waiting", "offered", "assigned", "scheduled", "arrived", "completed")
IN_HAND = OPEN[2:]
"""Somebody has accepted the order, and it has not been signed for."""
EXPECTED = MORNING + timedelta(hours=20)
"""When the supplier delivers whatever is ordered."""
FIRST_WINDOW = MORNING + timedelta(days=1)
WINDOW = timedelta(minutes=30)
PAGE = "100"


class Crew:
    """A dispatcher who also says what technicians do, a storekeeper, and the manager who signs claim orders."""

    def __init__(self, suite: Suite) -> None:
        address, store = suite.services["dispatch"].url, suite.services["parts"].url
        self._history = History(suite.home / "crew.jsonl")

        def employ(role: str, *, at: str) -> Insisting:
            token, not_yet = suite.token(role), {httpx.codes.CONFLICT}
            return Insisting(
                at,
                token=token,
                not_yet=not_yet,
                patience_seconds=EVERYBODY_AWAY_SECONDS,
                history=self._history,
            )

        self._dispatcher, self._storekeeper = employ("dispatcher", at=address), employ("storekeeper", at=store)
        self._manager = employ("workshop_manager", at=store)
        self._refused: set[UUID] = set()
        self._windows: dict[UUID, datetime] = {}
        self._carried: set[UUID] = set()
        self.signed_for = 0

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Have offers answered and orders carried on while the block lasts; what is in hand then is left as it is."""
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            is_over = working.done()  # it works for ever, unless it was answered what was not promised
            working.cancel()
            [ended] = await asyncio.gather(working, return_exceptions=True)
            if is_over and isinstance(ended, BaseException):
                raise ended

    async def finish(self) -> None:
        """Wait until every order has been signed for. Raises `NotPromised` where none is for too long."""
        before, since = self.signed_for, monotonic()
        while left := await self._left():
            if self.signed_for > before:
                before, since = self.signed_for, monotonic()
            if monotonic() > since + EVERYBODY_AWAY_SECONDS:
                stuck = [f"{order['number']} ({order['state']})" for order in left]
                raise NotPromised(f"nobody signs for {', '.join(stuck)}; answered: {dict(self._dispatcher.answers)}")
            await asyncio.sleep(LOOK_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        for one in (self._dispatcher, self._storekeeper, self._manager):
            await one.close()
        self._history.close()

    async def _left(self) -> list[Form]:
        return await self._orders(OPEN)

    async def _orders(self, states: Sequence[str]) -> list[Form]:
        page = await self._dispatcher.read("/v1/work-orders", state=states, limit=PAGE)
        return [order for order in page["items"] if order["urgency"] != CALLED_OFF]

    async def _work(self) -> None:
        self._carried.clear()
        hands = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                await self._answer_offers()
                await self._order_parts()
                for order in await self._orders(IN_HAND):
                    if (id_ := UUID(order["id"])) not in self._carried:
                        self._carried.add(id_)
                        group.create_task(self._carry(order, hands=hands))
                await asyncio.sleep(LOOK_SECONDS)

    async def _answer_offers(self) -> None:
        page = await self._dispatcher.read("/v1/offers", state="pending", limit=PAGE)
        for offer in page["items"]:
            verb, form = self._reply(UUID(offer["work_order_id"]))
            await self._dispatcher.try_once(f"/v1/offers/{offer['id']}/{verb}", form, key=_key(offer["id"], verb))

    def _reply(self, order_id: UUID) -> tuple[str, Form]:
        """Every other order is refused, once: what all technicians refused would wait for ever."""
        if order_id.int % 2 and order_id not in self._refused:
            self._refused.add(order_id)
            return "refusal", {"reason": "other"}
        return "acceptance", {}

    async def _order_parts(self) -> None:
        """R320, R199: whatever is missing is paid for, approved, ordered, and arrives."""
        deposits = await self._storekeeper.read("/v1/deposits", state="required", limit=PAGE)
        for deposit in deposits["items"]:
            form = {"amount": deposit["amount"], "method": "cash"}
            await self._step(self._storekeeper, f"/v1/deposits/{deposit['id']}", "payment", form)
        states = ["awaiting_approval", "approved", "placed"]
        claims = await self._storekeeper.read("/v1/claim-orders", state=states, limit=PAGE)
        for claim in claims["items"]:
            path = f"/v1/claim-orders/{claim['id']}"
            match claim["state"]:
                case "awaiting_approval":
                    await self._step(self._manager, path, "approval", {"decision": "approve"})
                case "approved":
                    form = {"supplier": "恒通配件", "expected_at": EXPECTED.isoformat()}
                    await self._step(self._storekeeper, path, "placement", form)
                case "placed":
                    await self._step(self._storekeeper, path, "arrival", {})

    @staticmethod
    async def _step(who: Insisting, path: str, step: str, form: Form) -> None:
        await who.try_once(f"{path}/{step}", form, key=_key(path, step))

    async def _carry(self, order: Form, *, hands: asyncio.Semaphore) -> None:
        """From the agreed window to the signature (R251, R257, R239, R222, R280, R235, R260)."""
        async with hands:
            path = f"/v1/work-orders/{order['id']}"
            visit = f"/v1/visits/{await self._agree(UUID(order['id']))}"
            lines = order["parts"]
            await self._dispatcher.change(f"{visit}/preparation", {}, key=_key(visit, "preparation"))
            if lines:
                await self._draw(order["id"], lines=lines)
            for step in ("departure", "arrival", "start"):
                await self._dispatcher.change(f"{visit}/{step}", {}, key=_key(visit, step))
            await self._dispatcher.change(f"{visit}/completion", _report(lines), key=_key(visit, "completion"))
            await self._dispatcher.change(f"{visit}/return", {}, key=_key(visit, "return"))
            await self._dispatcher.change(f"{path}/sign-off", SIGNED, key=_key(path, "sign-off"))  # the end: last
            self.signed_for += 1

    async def _agree(self, order_id: UUID) -> str:
        """A window that no other order has, so that nobody is expected in two places."""
        begin = self._windows.setdefault(order_id, FIRST_WINDOW + len(self._windows) * WINDOW)
        window = {
            "starts_at": begin.isoformat(),
            "ends_at": (begin + WINDOW).isoformat(),
            "agreed_at": MORNING.isoformat(),
        }
        visit = await self._dispatcher.change(
            f"/v1/work-orders/{order_id}/visits", window, key=_key(str(order_id), "visit")
        )
        return str(visit["id"])

    async def _draw(self, order_id: str, *, lines: Sequence[Form]) -> None:
        """R314: the pieces leave the store, once the store knows that the order was started."""
        requests = (await self._storekeeper.read("/v1/requests", work_order_id=order_id))["items"]
        form = {"lines": list(lines), "issued_to": "crew"}
        for request in requests:
            path = f"/v1/requests/{request['id']}/issues"
            await self._storekeeper.change(path, form, key=_key(request["id"], "issue"))


SIGNED: Form = {"signer": "客户本人", "signature": "客户本人", "opinion": "satisfied"}


def _report(lines: Sequence[Form]) -> Form:
    return {
        "findings": "已更换并试机正常",
        "resolution": "part_replaced" if lines else "repaired",
        "fitted": list(lines),
        "test_run": "passed",
        "work_minutes": 45,
        "travel_minutes": 30,
        "expenses": [],
    }


def _key(what: str, step: str) -> str:
    """The same for every attempt at the same step."""
    return str(uuid5(KEYS, f"{what}/{step}"))
