"""Two who buy at the same time: one of them gets it, the other is told why not, and the books stay true."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from support.at_once import Deed, at_once
from support.parts_news import BOARD, requested
from support.parts_store import PartsStore
from support.purchasing import later, ordered, supplied, wanted


def posting(store: PartsStore, path: str, body: Mapping[str, object], *, role: str = "buyer") -> Deed:
    return lambda: store.post(path, body, role=role)


async def order_of(store: PartsStore, *requests: str, quantity: int = 1) -> dict[str, object]:
    """What a buyer posts to order so many boards for these requests."""
    return {
        "supplier_number": "S-017",
        "lines": [{"part_code": BOARD, "quantity": quantity, "unit_price": "180.00"}],
        "expected_at": await later(store, days=3),
        "request_ids": [path.rpartition("/")[2] for path in requests],
    }


@pytest.mark.rule("R332")
async def test_of_two_buyers_who_order_the_same_request_one_does(store: PartsStore) -> None:
    await supplied(store)
    request = await wanted(store, quantity=1)
    ordering = posting(store, "/v1/purchase-orders", await order_of(store, request))
    assert await at_once(store, ordering, ordering, over="purchase_request") == [(201, ""), (409, "request-arranged")]
    [order] = (await store.get("/v1/purchase-orders"))["items"]
    assert (await store.get(request))["order_id"] == order["id"]


@pytest.mark.rule("R332")
@pytest.mark.parametrize("way", ["allocation", "refusal"])
async def test_what_one_orders_another_neither_takes_from_the_shelf_nor_declines(store: PartsStore, way: str) -> None:
    await supplied(store, on_hand=1)
    request = await wanted(store, quantity=1)
    ordering = posting(store, "/v1/purchase-orders", await order_of(store, request))
    otherwise = posting(store, f"{request}/{way}", {"reason": "repaired"} if way == "refusal" else {})
    [won, lost] = await at_once(store, ordering, otherwise, over="purchase_request")
    assert (won[0] in {200, 201}, lost) == (True, (409, "request-arranged"))
    orders = (await store.get("/v1/purchase-orders"))["items"]
    state = (await store.get(request))["state"]
    assert (state == "ordered", state == "allocated") == (len(orders) == 1, await store.stock(BOARD) == (0, 0, 0))


@pytest.mark.rule("R332")
async def test_the_last_piece_on_the_shelf_is_allocated_once(store: PartsStore) -> None:
    await supplied(store, on_hand=1)
    one, other = [posting(store, f"{await wanted(store, quantity=1)}/allocation", {}) for _ in range(2)]
    assert await at_once(store, one, other, over="stock") == [(200, ""), (409, "not-on-the-shelf")]
    assert await store.stock(BOARD) == (0, 0, 0)


@pytest.mark.rule("R332")
async def test_of_two_who_order_what_runs_low_one_does(store: PartsStore) -> None:
    await supplied(store, minimum=4)
    body = {"supplier_number": "S-017", "part_codes": [BOARD], "expected_at": await later(store, days=3)}
    ordering = posting(store, "/v1/replenishment/orders", body)
    assert await at_once(store, ordering, ordering, over="stock") == [(201, ""), (409, "nothing-to-order")]
    [order] = (await store.get("/v1/purchase-orders"))["items"]
    assert [line["ordered"] for line in order["lines"]] == [4]


async def test_an_order_that_comes_while_it_is_called_off_does_one_of_both(store: PartsStore) -> None:
    await supplied(store)
    request = await wanted(store, quantity=2)
    order = await ordered(store, quantity=2, request_ids=[request.rpartition("/")[2]])
    path = f"/v1/purchase-orders/{order['id']}"
    partly = {"lines": [{"part_code": BOARD, "quantity": 1}]}
    receiving = posting(store, f"{path}/receipts", partly, role="storekeeper")
    [won, lost] = await at_once(store, receiving, posting(store, f"{path}/cancellation", {}), over="purchase_order")
    came = won[0] == 201
    assert lost == (409, "goods-received" if came else "order-closed")
    assert await store.stock(BOARD) == ((1, 0, 0) if came else (0, 0, 0))
    assert (await store.get(path))["state"] == ("placed" if came else "cancelled")
    assert (await store.get(request))["state"] == ("ordered" if came else "open")


async def test_the_rest_of_an_order_is_received_once_and_its_request_opened_once(store: PartsStore) -> None:
    await supplied(store)
    request = await wanted(store, quantity=3)
    order = await ordered(store, quantity=3, request_ids=[request.rpartition("/")[2]])
    last = {"lines": [{"part_code": BOARD, "quantity": 1}], "delivery": "final"}
    receiving = posting(store, f"/v1/purchase-orders/{order['id']}/receipts", last, role="storekeeper")
    assert await at_once(store, receiving, receiving, over="purchase_order") == [(201, ""), (409, "order-closed")]
    assert await store.stock(BOARD) == (1, 0, 0)
    [line] = (await store.get(request))["lines"]
    assert (line["came"], (await store.get(request))["state"]) == (1, "open")


@pytest.mark.rule("R327")
async def test_who_becomes_short_while_the_order_is_called_off_is_promised_nothing_of_it(store: PartsStore) -> None:
    await supplied(store)
    order, asked = await ordered(store), requested()
    cancelling = posting(store, f"/v1/purchase-orders/{order['id']}/cancellation", {})

    async def asking() -> httpx.Response:
        await store.hear(asked)
        return httpx.Response(200, json={})

    assert [status for status, _ in await at_once(store, cancelling, asking, over="stock")] == [200, 200]
    await store.settle()
    assert (await store.request(asked))["ready_at"] is None


@pytest.mark.rule("R201")
async def test_a_self_purchase_that_is_sent_twice_at_once_is_one(store: PartsStore) -> None:
    await supplied(store)
    quotes = [{"supplier": name, "amount": "180.00"} for name in ("恒通", "大成", "永利")]
    lines = [{"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}]
    body = {"lines": lines, "quotes": quotes, "chosen": "恒通", "expected_at": await later(store, days=1)}
    async with store.client("buyer") as client:
        headers = {"Idempotency-Key": "the-same-key"}
        sent = [client.post("/v1/self-purchases", json=body, headers=headers) for _ in range(2)]
        first, second = await asyncio.gather(*sent)
    assert (first.status_code, first.json()) == (201, second.json())
    assert len((await store.get("/v1/purchase-orders"))["items"]) == 1
