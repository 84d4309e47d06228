"""An order is called off, comes short or is put off: who waits for it hears so, and what is missing is ordered anew."""

from datetime import datetime, timedelta

import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.parts import PartArrived, PartsShort
from support.parts_news import BOARD, needs, requested
from support.parts_store import PartsStore
from support.purchasing import later, ordered, supplied, wanted
from support.service_room import Json


@pytest.mark.rule("R327")
async def test_what_comes_of_a_claim_order_in_part_is_kept_for_who_waits_for_it_until_the_rest_is_there(
    store: PartsStore,
) -> None:
    await store.part(BOARD)
    asked, other = requested(lines=needs(PCB_77=5)), requested()
    await store.hear(asked)
    await store.reach(asked, state="placed")
    path = f"/v1/claim-orders/{(await store.claim_of(asked))['id']}/arrival"
    line = {"part_code": BOARD, "quantity": 3, "unit_cost": "150.00"}
    for wrong in ([{**line, "quantity": 6}], [line, line], [{**line, "part_code": "FAN-3"}]):
        assert (await store.post(path, {"lines": wrong})).status_code == 422
    came = await store.post(path, {"lines": [line]})
    assert (came.status_code, came.json()["state"], came.json()["arrived_at"]) == (200, "placed", None)
    assert [(one["quantity"], one["arrived"]) for one in came.json()["lines"]] == [(5, 3)]
    await store.hear(other)
    await store.settle()
    assert ((await store.state(asked))[0], (await store.state(other))[0]) == ("short", "short")
    assert await store.stock(BOARD) == (3, 3, 0), "nobody else gets them"
    assert (await store.request(asked))["expires_at"] is not None
    assert await store.said(PartArrived) == []
    assert (await store.post(path, {"lines": [line]})).status_code == 422, "two are to come"
    rest = await store.post(path, {})
    assert (rest.status_code, rest.json()["state"]) == (200, "arrived")
    assert ((await store.state(asked))[0], await store.stock(BOARD)) == ("reserved", (5, 5, 0))
    [told] = await store.said(PartArrived)
    assert told.request_id == asked.request_id
    lines = (await store.get("/v1/stock/movements?kind=receipt"))["items"]
    assert [(one["on_hand"], one["value"]) for one in reversed(lines)] == [(3, "450.00"), (2, "400.00")]
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R327")
async def test_what_came_in_part_is_free_again_where_the_rest_does_not_come(store: PartsStore) -> None:
    await store.part(BOARD)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    await store.reach(asked, state="placed")
    path = f"/v1/claim-orders/{(await store.claim_of(asked))['id']}/arrival"
    assert (await store.post(path, {"lines": [{"part_code": BOARD, "quantity": 1}]})).status_code == 200
    await store.move(days=100)
    assert (await store.state(asked))[0] == "expired"
    assert await store.stock(BOARD) == (1, 0, 0)
    assert (await store.post(path, {})).status_code == 200
    assert await store.stock(BOARD) == (2, 0, 0)
    assert (await store.claim_of(asked))["state"] == "arrived"


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


async def came(store: PartsStore, order: Json, quantity: int, *, delivery: str = "partial") -> None:
    lines = [{"part_code": BOARD, "quantity": quantity}] if quantity else []
    answer = await store.post(f"/v1/purchase-orders/{order['id']}/receipts", {"lines": lines, "delivery": delivery})
    assert answer.status_code == 201, answer.text


@pytest.mark.rule("R007", "R332")
async def test_what_was_asked_for_is_open_again_once_its_order_is_called_off_and_may_be_ordered_anew(
    store: PartsStore,
) -> None:
    await supplied(store)
    path = await wanted(store, quantity=3)
    order = await ordered(store, quantity=3, request_ids=[id_of(path)])
    called_off = f"/v1/purchase-orders/{order['id']}/cancellation"
    assert (await store.post(called_off, {}, role="buyer")).status_code == 200
    request = await store.get(path)
    assert (request["state"], request["order_id"], request["arranged_at"]) == ("open", None, None)
    assert [one["id"] for one in (await store.get("/v1/purchase-requests?state=open"))["items"]] == [id_of(path)]
    anew = await ordered(store, quantity=3, request_ids=[id_of(path)])
    assert (await store.post(called_off, {}, role="buyer")).status_code == 409
    assert ((await store.get(path))["state"], (await store.get(path))["order_id"]) == ("ordered", anew["id"])


@pytest.mark.rule("R007", "R332")
async def test_what_came_short_is_open_again_for_what_is_missing_to_who_wants_it_last(store: PartsStore) -> None:
    await supplied(store)
    late, soon = await wanted(store, quantity=3, days=9), await wanted(store, quantity=2, days=5)
    order = await ordered(store, quantity=5, request_ids=[id_of(late), id_of(soon)])
    await came(store, order, 3)
    assert (await store.get(late))["state"] == "ordered", "the rest may come"
    await came(store, order, 0, delivery="final")
    assert [(await store.get(path))["state"] for path in (soon, late)] == ["ordered", "open"]
    assert [(await store.get(path))["lines"][0]["came"] for path in (soon, late)] == [2, 1]
    lines = [{"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}]
    body = {"supplier_number": "S-017", "lines": lines, "expected_at": await later(store, days=3)}
    less = await store.post("/v1/purchase-orders", body | {"request_ids": [id_of(late)]}, role="buyer")
    assert less.json()["detail"] == f"2 of {BOARD} asked for, 1 ordered"
    rest = await ordered(store, quantity=2, request_ids=[id_of(late)])
    await came(store, rest, 2)
    whole = await store.get(late)
    assert (whole["state"], whole["lines"][0]["came"]) == ("ordered", 3)
    assert await store.stock(BOARD) == (5, 0, 0)


async def test_nothing_comes_of_an_order_only_where_it_is_said_to_be_the_last_delivery(store: PartsStore) -> None:
    await supplied(store)
    order = await ordered(store)
    nothing = await store.post(f"/v1/purchase-orders/{order['id']}/receipts", {"lines": []})
    assert nothing.status_code == 422
    assert (await store.get(f"/v1/purchase-orders/{order['id']}"))["state"] == "placed"


async def promised(store: PartsStore, asked: PartsRequested) -> list[datetime | None]:
    """Each day that dispatch was told, the last of them being what the store says."""
    await store.settle()
    told = [one.ready_at for one in await store.said(PartsShort) if one.request_id == asked.request_id]
    shown = (await store.request(asked))["ready_at"]
    assert told[-1] == (None if shown is None else datetime.fromisoformat(shown))
    return told


@pytest.mark.rule("R327", "R332")
async def test_who_waits_for_an_order_that_is_called_off_is_promised_nothing_and_it_is_ordered_anew(
    store: PartsStore,
) -> None:
    await supplied(store, minimum=2)
    order, asked = await ordered(store), requested()
    await store.hear(asked)
    expected = datetime.fromisoformat(order["expected_at"])
    assert await promised(store, asked) == [None, expected]
    assert [one["to_order"] for one in (await store.get("/v1/replenishment"))["items"]] == [0]
    assert (await store.post(f"/v1/purchase-orders/{order['id']}/cancellation", {}, role="buyer")).is_success
    assert await promised(store, asked) == [None, expected, None]
    assert [one["to_order"] for one in (await store.get("/v1/replenishment"))["items"]] == [2]
    again = await ordered(store)
    assert await promised(store, asked) == [None, expected, None, datetime.fromisoformat(again["expected_at"])]


@pytest.mark.rule("R327")
async def test_who_waits_for_an_order_hears_of_its_new_day_and_of_what_does_not_come_the_last_one_first(
    store: PartsStore,
) -> None:
    await supplied(store)
    order = await ordered(store, quantity=2)
    first = requested()
    second = requested(at=first.requested_at + timedelta(hours=1))
    await store.hear(first, second)
    expected, put_off = datetime.fromisoformat(order["expected_at"]), await later(store, days=6)
    path = f"/v1/purchase-orders/{order['id']}"
    assert [await promised(store, one) for one in (first, second)] == [[None, expected]] * 2
    for _ in range(2):
        assert (await store.post(f"{path}/tracking", {"expected_at": put_off}, role="buyer")).is_success
    moved = datetime.fromisoformat(put_off)
    assert [await promised(store, one) for one in (first, second)] == [[None, expected, moved]] * 2, "said once"
    await came(store, order, 1, delivery="final")
    assert await promised(store, second) == [None, expected, moved, None]
    assert [(await store.state(one))[0] for one in (first, second)] == ["reserved", "short"]
