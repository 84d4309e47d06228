"""Goods that are given back or exchanged, with and without the general manager's consent, and back to the vendor."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.goods_returns import Bearer, Decision, ReturnKind, ReturnState, bearer_of, decide
from shared.refusals import IllegalTransition, NotAllowed
from support.parts_lived import bought, given_out, kind_of, under
from support.parts_news import BOARD, completed, needs, requested, started
from support.parts_store import PartsStore
from support.service_room import Json

DECISIONS: tuple[Decision, ...] = ("approve", "reject")
GOODS = {"kind": "return", "origin": "direct_shop", "part_code": BOARD, "quantity": 2, "reason": "unwanted"}
CUSTOMERS = {**GOODS, "origin": "customer"}


@pytest.mark.rule("R083")
async def test_after_sales_accepts_returns_and_exchanges_of_direct_shops(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=0)
    for kind in ("return", "exchange"):
        asked = await store.post("/v1/goods-returns", {**GOODS, "kind": kind}, role="agent")
        assert asked.status_code == 201, "a product that was sold, and never drawn as a spare part"
    refused = await store.post("/v1/goods-returns", {**GOODS, "origin": "somebody"})
    assert refused.status_code == 422
    assert "direct_shop" in refused.json()["expected"]
    assert (await store.post("/v1/goods-returns", {**GOODS, "part_code": "NO-1"})).status_code == 404
    waiting = (await store.get("/v1/goods-returns?origin=direct_shop&state=asked"))["items"]
    assert [one["kind"] for one in waiting] == ["exchange", "return"]
    paths = [f"/v1/goods-returns/{one['id']}/receipt" for one in waiting]
    assert kind_of(await store.post(paths[0], {"destination": "stock"})) == "paper-not-named"
    numbered = await store.post(paths[0], {"destination": "scrap", "serials": ["SN-1"]})
    assert (numbered.status_code, kind_of(numbered)) == (422, "serials-unused")
    for path, destination in zip(paths, ("scrap", "vendor"), strict=True):
        answer = await store.post(path, {"destination": destination})
        assert (answer.status_code, answer.json()["destination"]) == (200, destination)
    assert (await store.get(f"/v1/stock/movements?part_code={BOARD}"))["items"] == []


async def test_where_nobody_has_to_consent_what_comes_back_is_the_companys_cost(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    goods = {**GOODS, "left_with": await given_out(store, BOARD, pieces=2)}
    asked = (await store.post("/v1/goods-returns", goods)).json()
    assert asked["borne_by"] == "company"
    path = f"/v1/goods-returns/{asked['id']}"
    needless = await store.post(f"{path}/consent", {"decision": "reject"}, role="general_manager")
    assert (needless.status_code, needless.json()["type"]) == (409, "/problems/no-consent-needed")
    assert (await store.post(f"{path}/receipt", {"destination": "stock"})).json()["borne_by"] == "company"


@under("generic-flow")
@pytest.mark.rule("R143")
async def test_what_came_back_for_its_quality_is_never_fitted_again(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await lived.hear(asked, started(asked))
    [note] = (await lived.issue(asked)).json()["notes"]
    await lived.hear(completed(asked, fitted=needs(PCB_77=2)))
    goods = {**CUSTOMERS, "left_with": f"store_note/{note['id']}"}
    faulty = (await lived.post("/v1/goods-returns", {**goods, "reason": "quality"})).json()
    path = f"/v1/goods-returns/{faulty['id']}/receipt"
    assert kind_of(await lived.post(path, {"destination": "stock"})) == "unfit-for-stock"
    assert (await lived.post(path, {"destination": "scrap"})).json()["state"] == "received"
    assert await lived.stock(BOARD) == (0, 0, 0)


@under("factory-rules")
@pytest.mark.rule("R179")
async def test_a_return_is_the_customers_cost_until_the_general_manager_consents(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=4)
    goods = {**CUSTOMERS, "left_with": await given_out(lived, BOARD, pieces=4)}
    asked = (await lived.post("/v1/goods-returns", goods)).json()
    assert asked["borne_by"] == "customer"
    path = f"/v1/goods-returns/{asked['id']}"
    assert (await lived.post(f"{path}/consent", {"decision": "approve"}, role="marketing_vp")).status_code == 403
    consented = await lived.post(f"{path}/consent", {"decision": "approve"}, role="general_manager")
    assert (consented.status_code, consented.json()["borne_by"]) == (200, "company")
    again = await lived.post(f"{path}/consent", {"decision": "reject"}, role="general_manager")
    assert again.status_code == 409
    received = await lived.post(f"{path}/receipt", {"destination": "stock"})
    assert (received.json()["state"], received.json()["borne_by"]) == ("received", "company")
    assert await lived.stock(BOARD) == (2, 0, 0)
    assert (await lived.post(f"{path}/receipt", {"destination": "stock"})).status_code == 409
    assert await lived.stock(BOARD) == (2, 0, 0)

    unwanted = (await lived.post("/v1/goods-returns", goods)).json()
    path = f"/v1/goods-returns/{unwanted['id']}"
    refused = await lived.post(f"{path}/consent", {"decision": "reject"}, role="general_manager")
    assert refused.json()["borne_by"] == "customer"
    assert (await lived.post(f"{path}/receipt", {"destination": "scrap"})).json()["borne_by"] == "customer"
    assert await lived.stock(BOARD) == (2, 0, 0)


@pytest.mark.rule("R179")
@given(st.sampled_from(ReturnKind), st.sampled_from(ReturnState), st.sampled_from(DECISIONS))
def test_only_consent_takes_the_cost_of_a_return_off_the_customer(
    kind: ReturnKind, state: ReturnState, decision: Decision
) -> None:
    assert bearer_of(kind, state=state, consents=None) is Bearer.COMPANY
    borne = bearer_of(kind, state=state, consents="general_manager")
    assert (borne is Bearer.COMPANY) == (kind is ReturnKind.EXCHANGE or state is ReturnState.CONSENTED)
    with pytest.raises(NotAllowed):
        decide(state, role="storekeeper", consents="general_manager", approved=decision)
    if state is not ReturnState.ASKED:
        with pytest.raises(IllegalTransition):
            decide(state, role="general_manager", consents="general_manager", approved=decision)


async def test_only_free_pieces_go_back_to_their_vendor(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=3)
    await store.hear(requested())
    body = {"part_code": BOARD, "quantity": 3, "supplier": "恒通配件", "reason": "faulty"}
    refused = await store.post("/v1/vendor-returns", body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stock-too-small")
    assert (await store.get("/v1/vendor-returns"))["items"] == []
    assert (await store.post("/v1/vendor-returns", {**body, "quantity": 2})).status_code == 201
    assert await store.stock(BOARD) == (1, 1, 0)
    [back] = (await store.get("/v1/vendor-returns?supplier=恒通配件"))["items"]
    assert back["quantity"] == 2
    [moved] = (await store.get("/v1/stock/movements?kind=vendor_return"))["items"]
    assert moved["on_hand"] == -2


async def back(
    store: PartsStore, goods: Json, *, to: str = "stock", serials: Sequence[str] = (), **more: object
) -> str:
    """Goods are asked for and received; what kind of a problem it was, where it was one."""
    asked = await store.post("/v1/goods-returns", {**goods, **more})
    if not asked.is_success:
        return kind_of(asked)
    received = {"destination": to, "serials": list(serials)}
    answer = await store.post(f"/v1/goods-returns/{asked.json()['id']}/receipt", received)
    return "received" if answer.is_success else kind_of(answer)


async def test_no_more_comes_back_than_left_with_the_paper_that_is_named(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=5)
    left_with = await given_out(store, BOARD, pieces=3)
    goods = {**GOODS, "left_with": left_with}
    assert await back(store, goods, left_with="purchase_request/none") == "not-given-out"
    early = (await store.post("/v1/goods-returns", goods)).json()
    assert await back(store, goods, quantity=4) == "more-than-left"
    assert await back(store, goods) == "received"
    late = await store.post(f"/v1/goods-returns/{early['id']}/receipt", {"destination": "stock"})
    assert kind_of(late) == "more-than-left"
    assert await back(store, goods, to="scrap", quantity=1) == "received"
    assert await back(store, goods, quantity=1) == "more-than-left"
    assert await store.stock(BOARD) == (4, 0, 0)
    assert (await store.get("/v1/stock/accounts"))["accounts"][0]["value"] == "800.00", "at what it cost when it left"
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R323", "R325")
async def test_what_the_house_gives_back_was_not_used_up_to_the_cent_and_may_be_drawn_again(store: PartsStore) -> None:
    begin = await store.now()
    await bought(store, BOARD, pieces=2, cost="3.33", is_consumable=True)
    dearer = {"part_code": BOARD, "quantity": 1, "reference": "DN-2", "unit_cost": "3.34"}
    assert (await store.post("/v1/stock/receipts", dearer)).status_code == 201
    sales = {"department": "sales", "part_code": BOARD, "quantity": 3}
    left_with = f"internal_requisition/{(await store.post('/v1/internal-requisitions', sales)).json()['id']}"
    for _ in range(3):
        assert await back(store, {**GOODS, "left_with": left_with}, quantity=1) == "received"
    assert (await store.get("/v1/stock/accounts"))["value"] == "10.00"
    [line] = (await store.get("/v1/cost-tables?month=2040-03"))["lines"]
    assert (line["quantity"], line["cost"]) == (0, "0.00")
    span = f"since={begin:%Y-%m-%dT%H:%M:%SZ}&until={begin + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    [used] = (await store.get(f"/v1/consumption?{span}"))["lines"]
    assert (used["kind"], used["quantity"], used["cost"]) == ("internal", 0, "0.00")
    assert (await store.get(f"/v1/turnover?{span}"))["lines"][0]["cost"] == "0.00"
    expenses = (await store.get("/v1/expenses"))["items"]
    assert sorted(one["cost"] for one in expenses) == ["-3.33", "-3.33", "-3.34", "10.00"]
    receipt = {"part_code": BOARD, "quantity": 30, "reference": "DN-3"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    assert (await store.post("/v1/internal-requisitions", {**sales, "quantity": 21})).status_code == 409
    assert (await store.post("/v1/internal-requisitions", {**sales, "quantity": 20})).status_code == 201


@pytest.mark.rule("R315")
async def test_of_what_was_issued_on_a_work_order_the_customer_gives_back_what_was_not_fitted(
    store: PartsStore,
) -> None:
    await store.part(BOARD, on_hand=4)
    asked = requested(lines=needs(PCB_77=4))
    await store.hear(asked, started(asked))
    [note] = (await store.issue(asked)).json()["notes"]
    goods = {**GOODS, "origin": "customer", "left_with": f"store_note/{note['id']}", "quantity": 1}
    assert await back(store, goods) == "received"
    await store.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert await back(store, goods, quantity=3) == "part-used"
    assert await store.stock(BOARD) == (1, 0, 2)
    assert await back(store, goods, to="scrap", quantity=2, reason="quality") == "more-than-fitted"
    assert await back(store, goods, quantity=2) == "received"
    assert await store.stock(BOARD) == (3, 0, 0)
    assert (await store.request(asked))["state"] == "settled", "nothing is owed any more"
    assert await back(store, goods) == "part-used"
    assert await back(store, goods, to="vendor", reason="quality") == "received", "the fitted one, as no stock"
    assert await store.stock(BOARD) == (3, 0, 0)
    assert await back(store, goods, to="scrap", reason="quality") == "more-than-left"
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_the_fitted_piece_comes_back_by_its_number_and_is_written_off(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "is_serial": True}
    assert (await store.post("/v1/parts", record)).status_code == 201
    numbers = ["SN-1", "SN-2"]
    receipt = {"part_code": BOARD, "quantity": 2, "reference": "DN-1", "serials": numbers}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    body = {"lines": [{"part_code": BOARD, "quantity": 2, "serials": numbers}], "issued_to": "T07"}
    [note] = (await store.post(f"/v1/requests/{asked.request_id}/issues", body)).json()["notes"]
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    goods = {**CUSTOMERS, "left_with": f"store_note/{note['id']}", "quantity": 1, "reason": "quality"}
    first, second = [(await store.post("/v1/goods-returns", goods)).json()["id"] for _ in range(2)]

    async def come(one: str, *serials: str, to: str = "scrap") -> httpx.Response:
        told = {"destination": to, "serials": list(serials)}
        return await store.post(f"/v1/goods-returns/{one}/receipt", told)

    assert kind_of(await come(first)) == "serials-needed"
    assert kind_of(await come(first, "SN-9")) == "serial-not-drawn"
    assert (await come(first, "SN-1")).status_code == 200
    assert kind_of(await come(second, "SN-1")) == "serial-not-drawn", "it came back already"
    assert (await come(second, "SN-2", to="vendor")).status_code == 200
    known = {one["serial"]: one["away"] for one in (await store.get(f"/v1/parts/{BOARD}/serials"))["items"]}
    assert known == {"SN-1": "written_off", "SN-2": "at_vendor"}
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_a_scrapped_piece_of_the_house_is_named_and_does_not_stand_for_another(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "滤芯", "name_en": "Filter", "unit_price": "9", "is_serial": True}
    assert (await store.post("/v1/parts", {**record, "is_consumable": True})).status_code == 201
    receipt = {"part_code": BOARD, "quantity": 2, "reference": "DN-1", "serials": ["SN-1", "SN-2"]}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    drawn = {"department": "sales", "part_code": BOARD, "quantity": 2, "serials": ["SN-1", "SN-2"]}
    assert (await store.post("/v1/internal-requisitions", drawn)).status_code == 201
    left_with = (await store.get("/v1/stock/movements?kind=internal"))["items"][0]["reference"]
    goods = {**GOODS, "left_with": left_with, "quantity": 1}
    assert await back(store, goods, to="scrap") == "serials-needed"
    assert await back(store, goods, to="scrap", serials=["SN-1"]) == "received"
    assert await back(store, goods, serials=["SN-1"]) == "serial-not-drawn"
    assert await back(store, goods, serials=["SN-2"]) == "received"
    known = {one["serial"]: one["away"] for one in (await store.get(f"/v1/parts/{BOARD}/serials"))["items"]}
    assert known == {"SN-1": "written_off", "SN-2": None}
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_the_same_goods_do_not_come_back_twice_at_once(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    goods = {**GOODS, "left_with": await given_out(store, BOARD, pieces=2)}
    asked = [(await store.post("/v1/goods-returns", goods)).json()["id"] for _ in range(4)]
    receipts = (store.post(f"/v1/goods-returns/{one}/receipt", {"destination": "stock"}) for one in asked)
    answers = sorted((await asyncio.gather(*receipts)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409, 409, 409]
    assert await store.stock(BOARD) == (2, 0, 0)
