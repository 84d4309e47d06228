"""What goes to the site directly (直发现场) has a clock of its own under the policy of a regulation that wants one."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.contracts.parts import ClockBreached
from support.one_of_everything import SUPPLIER
from support.parts_lived import under
from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.service_room import Json

BOARDS = {**SUPPLIER, "number": "S-017", "part_codes": [BOARD]}


async def wanted(store: PartsStore, *, destination: str = "site") -> Json:
    """A request for one board."""
    line = {"part_code": BOARD, "quantity": 1, "model": "LN-24"}
    when = (await store.now() + timedelta(days=9)).isoformat()
    form = {"lines": [line], "wanted_at": when, "destination": destination, "case_id": str(uuid4())}
    asked = await store.post("/v1/purchase-requests", form, role="workshop_manager")
    assert asked.status_code == 201, asked.text
    return asked.json()


async def ordered(store: PartsStore, request: Json) -> str:
    """The path of the order that was placed for it."""
    lines = [{"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}]
    form = {"supplier_number": "S-017", "lines": lines, "request_ids": [request["id"]], "destination": "site"}
    expected = (await store.now() + timedelta(days=3)).isoformat()
    placed = await store.post("/v1/purchase-orders", {**form, "expected_at": expected}, role="buyer")
    assert placed.status_code == 201, placed.text
    return f"/v1/purchase-orders/{placed.json()['id']}"


async def clock_of(store: PartsStore, request: Json) -> Json:
    [clock] = (await store.get(f"/v1/clocks?subject_id={request['id']}"))["items"]
    return clock


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
    expected = (await lived.now() + timedelta(days=3)).isoformat()
    await lived.post(f"{orders[0]}/tracking", {"expected_at": expected})
    assert (await clock_of(lived, shipped))["stopped_at"] is None, "nobody said that it left"
    await lived.post(f"{orders[0]}/tracking", {"expected_at": expected, "shipped_at": left.isoformat()})
    await lived.post(f"{orders[1]}/receipts", {"lines": [{"part_code": BOARD, "quantity": 1}]})
    await lived.post(f"{orders[2]}/cancellation", {})
    await lived.post(f"/v1/purchase-requests/{declined['id']}/refusal", {"reason": "repaired"})
    assert datetime.fromisoformat((await clock_of(lived, shipped))["stopped_at"]) == left
    assert (await clock_of(lived, given_up))["stopped_at"] is None, "it is to be bought elsewhere"
    await lived.post(f"/v1/purchase-requests/{given_up['id']}/refusal", {"reason": "repaired"})
    for one in (received, given_up, declined):
        assert (await clock_of(lived, one))["stopped_at"] is not None
