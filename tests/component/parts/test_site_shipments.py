"""What goes to the site directly (直发现场) has a clock of its own under the policy of a regulation that wants one."""

from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from shared.contracts.parts import ClockBreached
from support.one_of_everything import SUPPLIER
from support.parts_lived import under
from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.service_room import Json

BOARDS = {**SUPPLIER, "number": "S-017", "part_codes": [BOARD]}


async def wanted(store: PartsStore, *, destination: str = "site", quantity: int = 1) -> Json:
    """A request for so many boards."""
    line = {"part_code": BOARD, "quantity": quantity, "model": "LN-24"}
    when = (await store.now() + timedelta(days=9)).isoformat()
    form = {"lines": [line], "wanted_at": when, "destination": destination, "case_id": str(uuid4())}
    asked = await store.post("/v1/purchase-requests", form, role="workshop_manager")
    assert asked.status_code == 201, asked.text
    return asked.json()


async def ordered(store: PartsStore, *requests: Json, quantity: int = 1) -> str:
    """The path of the order of so many boards that was placed for them."""
    lines = [{"part_code": BOARD, "quantity": quantity, "unit_price": "180.00"}]
    ids = [request["id"] for request in requests]
    form = {"supplier_number": "S-017", "lines": lines, "request_ids": ids, "destination": "site"}
    expected = (await store.now() + timedelta(days=3)).isoformat()
    placed = await store.post("/v1/purchase-orders", {**form, "expected_at": expected}, role="buyer")
    assert placed.status_code == 201, placed.text
    return f"/v1/purchase-orders/{placed.json()['id']}"


async def clock_of(store: PartsStore, request: Json) -> Json:
    """All that is known of the clock of a request."""
    [clock] = (await store.get(f"/v1/clocks?subject_id={request['id']}"))["items"]
    return await store.get(f"/v1/clocks/{clock['id']}")


async def tracked(store: PartsStore, path: str, *, shipped_at: datetime | None) -> httpx.Response:
    """What the supplier says of an order."""
    body: dict[str, object] = {"expected_at": (await store.now() + timedelta(days=3)).isoformat()}
    if shipped_at is not None:
        body["shipped_at"] = shipped_at.isoformat()
    return await store.post(f"{path}/tracking", body, role="buyer")


async def came(store: PartsStore, path: str, pieces: int, *, delivery: str = "partial") -> None:
    lines = [{"part_code": BOARD, "quantity": pieces}] if pieces else []
    answer = await store.post(f"{path}/receipts", {"lines": lines, "delivery": delivery})
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def site(lived: PartsStore) -> PartsStore:
    """A store that buys boards of S-017."""
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", BOARDS, role="buyer")).status_code == 201
    return lived


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_the_site_waits_from_the_asking_until_it_is_shipped_or_not_bought_at_all(lived: PartsStore) -> None:
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", BOARDS, role="buyer")).status_code == 201
    stored = await wanted(lived, destination="store")
    assert (await lived.get(f"/v1/clocks?subject_id={stored['id']}"))["items"] == [], "nobody waits on site"
    shipped, received, given_up, declined = [await wanted(lived) for _ in range(4)]
    orders = [await ordered(lived, one) for one in (shipped, received, given_up)]
    await lived.move(days=2)
    late = {str(one.purchase_request_id): one for one in await lived.said(ClockBreached)}
    assert late.keys() == {one["id"] for one in (shipped, received, given_up, declined)}
    assert {(one.clock.clock, one.request_id) for one in late.values()} == {("site_shipment", None)}
    assert str(late[shipped["id"]].case_id) == shipped["case_id"]

    left = await lived.now() - timedelta(hours=1)
    assert (await tracked(lived, orders[0], shipped_at=None)).is_success
    assert (await clock_of(lived, shipped))["due_at"] is not None, "nobody said that it left"
    assert (await tracked(lived, orders[0], shipped_at=left)).is_success
    for order in orders[:2]:
        await came(lived, order, 1)
    await lived.post(f"{orders[2]}/cancellation", {})
    await lived.post(f"/v1/purchase-requests/{declined['id']}/refusal", {"reason": "repaired"})
    assert datetime.fromisoformat((await clock_of(lived, shipped))["stopped_at"]) == left
    assert (await clock_of(lived, given_up))["stopped_at"] is None, "it is to be bought elsewhere"
    await lived.post(f"/v1/purchase-requests/{given_up['id']}/refusal", {"reason": "repaired"})
    for one in (received, given_up, declined):
        assert (await clock_of(lived, one))["stopped_at"] is not None


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_whoever_lacks_a_piece_waits_on_site_until_the_last_one_is_shipped(site: PartsStore) -> None:
    whole, rest = await wanted(site), await wanted(site, quantity=4)
    order = await ordered(site, whole, rest, quantity=5)
    await came(site, order, 2)
    assert [(await clock_of(site, one))["state"] for one in (whole, rest)] == ["stopped", "running"]
    await came(site, order, 1, delivery="final")
    assert ((await site.get(f"/v1/purchase-requests/{rest['id']}"))["state"]) == "open"
    assert (await clock_of(site, rest))["state"] == "running", "two are to be ordered anew"
    await came(site, await ordered(site, rest, quantity=2), 2)
    assert (await clock_of(site, rest))["state"] == "stopped"


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_what_is_on_its_way_is_not_waited_for_and_what_does_not_come_of_it_is(site: PartsStore) -> None:
    lost, late = await wanted(site), await wanted(site)
    await site.move(hours=1)
    orders = [await ordered(site, one) for one in (lost, late)]
    for order in orders:
        assert (await tracked(site, order, shipped_at=await site.now())).is_success
    await site.move(days=3)
    assert [(await clock_of(site, one))["state"] for one in (lost, late)] == ["paused", "paused"]
    assert await site.said(ClockBreached) == []
    assert (await site.post(f"{orders[0]}/cancellation", {}, role="buyer")).is_success
    await came(site, orders[1], 0, delivery="final")
    assert [(await clock_of(site, one))["state"] for one in (lost, late)] == ["running", "running"]
    again = await ordered(site, lost)
    assert (await tracked(site, again, shipped_at=await site.now())).is_success
    await site.move(days=3)
    await came(site, again, 1)
    assert {str(one.purchase_request_id) for one in await site.said(ClockBreached)} == {late["id"]}
    assert (await clock_of(site, lost))["state"] == "stopped"


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_when_it_was_shipped_lies_between_its_order_and_now_and_may_be_corrected(site: PartsStore) -> None:
    before = await site.now()
    request = await wanted(site)
    await site.move(minutes=10)
    order = await ordered(site, request)
    first = await site.now()
    await site.move(hours=1)
    second = await site.now()
    for wrong in (before, second + timedelta(minutes=1)):
        refused = await tracked(site, order, shipped_at=wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-shipped-then")
        assert "an instant from" in refused.json()["expected"]
    await site.move(hours=1)
    for shipped_at, waited in ((first, 10), (second, 70), (None, 130), (first, 10), (second, 70)):
        assert (await tracked(site, order, shipped_at=shipped_at)).is_success
        assert round((await clock_of(site, request))["elapsed_seconds"] / 60) == waited
    await came(site, order, 1)
    assert datetime.fromisoformat((await clock_of(site, request))["stopped_at"]) == second
