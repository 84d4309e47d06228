"""From what is missing to what lies on the shelf: suppliers, requests, orders, deliveries, and who is urged."""

from uuid import uuid4

import pytest

from parts.queries import purchasing
from shared.contracts.parts import ActionItemUrged
from support.parts_news import BOARD, FAN, needs, requested
from support.parts_store import PartsStore
from support.purchasing import HENGTONG, later, ordered, supplied

SHEET = (
    "number,name,supplies,contact_name,phone,email,part_codes\n"
    f"S-017,恒通配件,主板,周工,010-5550117,,{BOARD} {FAN}\n"
    "S-018,大成电机,风机,吴工,010-5550118,wu@dacheng.example,\n"
)
QUOTES = [
    {"supplier": "恒通", "amount": "300.00"},
    {"supplier": "大成", "amount": "320.00"},
    {"supplier": "永利", "amount": "290.00"},
]


async def test_suppliers_come_from_a_spreadsheet_with_what_is_bought_from_them(store: PartsStore) -> None:
    await store.part(BOARD)
    async with store.client("buyer") as client:
        for mode, sheet in (("apply", SHEET), ("dry_run", SHEET)):
            unknown = await client.post(
                f"/v1/suppliers/import?mode={mode}", content=sheet.encode(), headers={"Content-Type": "text/csv"}
            )
            assert FAN in unknown.text, "the catalogue has no such part"
    await store.part(FAN)
    for counted in ("created", "unchanged"):
        async with store.client("buyer") as client:
            report = await client.post(
                "/v1/suppliers/import?mode=apply", content=SHEET.encode(), headers={"Content-Type": "text/csv"}
            )
        assert report.json()[counted] == 2, report.text
    assert [one["number"] for one in (await store.get(f"/v1/suppliers?part_code={FAN}"))["items"]] == ["S-017"]
    assert [one["number"] for one in (await store.get("/v1/suppliers?search=大成"))["items"]] == ["S-018"]
    async with store.client("buyer") as client:
        changed = await client.put("/v1/suppliers/S-017", json=HENGTONG, headers={"If-Match": '"1"'})
        taken = await client.put("/v1/suppliers/S-018", json=HENGTONG, headers={"If-Match": '"1"'})
    assert (changed.json()["part_codes"], taken.status_code) == ([BOARD], 409)
    assert (await store.post("/v1/suppliers", HENGTONG, role="dispatcher")).status_code == 403


@pytest.mark.rule("R007")
async def test_whoever_buys_reads_that_purchasing_answers_for_supply(store: PartsStore) -> None:
    await supplied(store)
    order = await ordered(store)
    [told] = order["guidance"]
    assert (told["rule"], "answers for their supply" in told["text"]["en"]) == ("R007", True)
    assert (await store.get(f"/v1/purchase-orders/{order['id']}"))["guidance"] == [told]


@pytest.mark.rule("R327")
async def test_what_is_bought_for_the_store_promises_when_a_kit_is_complete(store: PartsStore) -> None:
    await supplied(store)
    order = await ordered(store)
    asked = requested()
    await store.hear(asked)
    await store.settle()
    assert (await store.request(asked))["ready_at"] == order["expected_at"]


async def test_pieces_that_are_known_by_number_come_with_it_and_cost_what_was_ordered(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "is_serial": True}
    assert (await store.post("/v1/parts", record)).status_code == 201
    assert (await store.post("/v1/suppliers", HENGTONG, role="buyer")).status_code == 201
    order = await ordered(store, quantity=2)
    path, line = f"/v1/purchase-orders/{order['id']}/receipts", {"part_code": BOARD, "quantity": 2}
    unnamed = await store.post(path, {"lines": [line]})
    assert (unnamed.json()["type"], unnamed.json()["expected"]) == (
        "/problems/serials-needed",
        "exactly 2 serial numbers",
    )
    came = await store.post(path, {"lines": [{**line, "serials": ["SN-1", "SN-2"]}]})
    assert came.status_code == 201, came.text
    known = (await store.get(f"/v1/parts/{BOARD}/serials"))["items"]
    assert {one["serial"] for one in known} == {"SN-1", "SN-2"}
    [account] = await store.rows("SELECT pieces, value FROM stock_account")
    assert (account["pieces"], str(account["value"])) == (2, "360.00")


@pytest.mark.rule("R331")
async def test_a_request_says_what_goes_where_by_when_and_is_arranged_by_an_order_for_all_of_it(
    store: PartsStore,
) -> None:
    await supplied(store)
    path, line = "/v1/purchase-requests", {"part_code": BOARD, "quantity": 2, "model": "LN-24"}
    wanted = {"lines": [line], "wanted_at": await later(store, days=5), "destination": "site"}
    assert (await store.post(path, wanted | {"case_id": None})).json()["type"] == "/problems/site-without-case"
    for missing in ("quantity", "model"):
        rest = [{name: value for name, value in line.items() if name != missing}]
        assert (await store.post(path, wanted | {"lines": rest})).status_code == 422, missing
    for missing in ("wanted_at", "destination"):
        said = {name: value for name, value in wanted.items() if name != missing}
        assert (await store.post(path, {**said, "case_id": str(uuid4())})).status_code == 422, missing
    asked = await store.post(path, wanted | {"case_id": str(uuid4())}, role="workshop_manager")
    request = asked.json()
    assert (asked.status_code, request["state"]) == (201, "open")
    assert (request["destination"], request["lines"]) == ("site", [line | {"came": 0}])

    lines = [{"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}]
    order = {"supplier_number": "S-017", "expected_at": await later(store, days=3), "request_ids": [request["id"]]}
    for quantity, destination in ((1, "site"), (2, "store")):
        wrong = {**order, "lines": [lines[0] | {"quantity": quantity}], "destination": destination}
        assert (await store.post("/v1/purchase-orders", wrong, role="buyer")).status_code == 422
    placed = await ordered(store, quantity=2, request_ids=[request["id"]], destination="site")
    arranged = await store.get(f"{path}/{request['id']}")
    assert (arranged["state"], arranged["order_id"]) == ("ordered", placed["id"])
    receipt = {"lines": [{"part_code": BOARD, "quantity": 2}]}
    assert (await store.post(f"/v1/purchase-orders/{placed['id']}/receipts", receipt)).status_code == 201
    assert await store.stock(BOARD) == (0, 0, 0), "what went to the site never lay in the store"


@pytest.mark.rule("R332")
async def test_material_that_lies_on_the_shelf_is_allocated_and_the_rest_is_bought_or_declined(
    store: PartsStore,
) -> None:
    await supplied(store, on_hand=2)
    path, wanted = "/v1/purchase-requests", {"wanted_at": await later(store, days=5), "destination": "store"}
    made = []
    for quantity in (2, 1, 3):
        line = {"part_code": BOARD, "quantity": quantity, "model": "LN-24"}
        made.append((await store.post(path, {**wanted, "lines": [line]})).json()["id"])
    enough, short, unwanted = made
    assert (await store.post(f"{path}/{enough}/allocation", {})).json()["state"] == "allocated"
    assert await store.stock(BOARD) == (0, 0, 0)
    refused = await store.post(f"{path}/{short}/allocation", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-on-the-shelf")
    assert (await store.post(f"{path}/{unwanted}/refusal", {"reason": "whim"})).status_code == 422
    assert (await store.post(f"{path}/{unwanted}/refusal", {"reason": "repaired"})).json()["state"] == "declined"
    assert (await store.post(f"{path}/{enough}/refusal", {"reason": "repaired"})).status_code == 409
    await store.move(days=6)
    [moved] = (await store.get("/v1/stock/movements?kind=internal"))["items"]
    assert (moved["on_hand"], moved["reference"]) == (-2, f"purchase_request/{enough}")
    late = await store.get(f"{path}?wanted_before={(await later(store)).replace('+00:00', 'Z')}")
    assert [one["id"] for one in late["items"]] == [short]
    wanted |= {"wanted_at": await later(store, days=5), "work_order_id": str(uuid4())}
    own = (await store.post(path, {**wanted, "lines": [{"part_code": BOARD, "quantity": 1, "model": "LN-24"}]})).json()
    refused = await store.post(f"{path}/{own['id']}/allocation", {})
    assert refused.json()["type"] == "/problems/asked-for-a-work-order", "it draws its parts itself"


async def test_an_order_comes_in_part_then_in_whole_and_the_ledger_says_so(store: PartsStore) -> None:
    await supplied(store)
    order = await ordered(store)
    path = f"/v1/purchase-orders/{order['id']}"
    assert order["amount"] == "900.00"
    promised = await later(store, days=4)
    tracked = await store.post(
        f"{path}/tracking", {"expected_at": promised, "carrier": "顺丰", "tracking_number": "SF1"}
    )
    assert (tracked.status_code, tracked.json()["tracking_number"]) == (200, "SF1")
    async with store.database.sessions() as session:
        [arrival] = await purchasing.expected(session, codes={BOARD, FAN})
    assert (arrival.part_code, arrival.pieces, arrival.expected_at.isoformat()) == (BOARD, 5, promised)

    two, three = ({"lines": [{"part_code": BOARD, "quantity": number}]} for number in (2, 3))
    partly = await store.post(f"{path}/receipts", two)
    assert (partly.status_code, partly.json()["state"]) == (201, "placed")
    assert await store.stock(BOARD) == (2, 0, 0)
    assert (await store.post(f"{path}/cancellation", {})).json()["type"] == "/problems/goods-received"
    await store.move(days=5)
    assert [one["id"] for one in (await store.get("/v1/purchase-orders?overdue=true"))["items"]] == [order["id"]]
    more = await store.post(f"{path}/receipts", {"lines": [{"part_code": BOARD, "quantity": 4}]})
    assert (more.status_code, more.json()["type"]) == (422, "/problems/more-than-ordered")
    whole = await store.post(f"{path}/receipts", three)
    assert (whole.json()["state"], await store.stock(BOARD)) == ("received", (5, 0, 0))
    assert (await store.post(f"{path}/receipts", two)).status_code == 409
    assert (await store.get("/v1/purchase-orders?overdue=true"))["items"] == []
    foreign = {"part_code": BOARD, "quantity": 1, "reference": f"purchase_order/{order['id']}/3"}
    assert (await store.post("/v1/stock/receipts", foreign)).status_code == 422


@pytest.mark.rule("R332", "R333")
async def test_one_post_orders_what_the_list_says_is_missing_at_what_it_costs_and_never_twice(
    store: PartsStore,
) -> None:
    await supplied(store, minimum=4, on_hand=1)
    await store.part(FAN)
    board = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "200.00", "minimum": 4}
    async with store.client() as client:
        priced = await client.put(
            f"/v1/parts/{BOARD}", json={**board, "purchase_price": "145.00"}, headers={"If-Match": "*"}
        )
    assert priced.status_code == 200, priced.text
    await store.hear(requested(lines=needs(PCB_77=2)))
    [board] = (await store.get("/v1/replenishment"))["items"]
    assert (board["available"], board["shortfall"], board["on_order"]) == (0, 1, 1), "a claim order is opened for it"
    assert (board["to_order"], board["suppliers"]) == (4, ["S-017"])
    body = {"supplier_number": "S-017", "part_codes": [BOARD], "expected_at": await later(store, days=3)}
    placed = await store.post("/v1/replenishment/orders", body, role="buyer")
    assert placed.status_code == 201, placed.text
    lines = [(line["part_code"], line["ordered"], line["unit_price"]) for line in placed.json()["lines"]]
    assert (lines, placed.json()["amount"]) == ([(BOARD, 4, "145.00")], "580.00")
    again = await store.post("/v1/replenishment/orders", body, role="buyer")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing-to-order")
    assert [one["to_order"] for one in (await store.get("/v1/replenishment"))["items"]] == [0]


@pytest.mark.rule("R201")
async def test_what_is_bought_without_an_application_keeps_the_prices_that_were_compared(store: PartsStore) -> None:
    await store.part(BOARD)
    lines = [{"part_code": BOARD, "quantity": 2, "unit_price": "160.00"}]
    body = {"lines": lines, "quotes": QUOTES, "chosen": "大成", "expected_at": await later(store, days=1)}
    few = await store.post("/v1/self-purchases", body | {"quotes": QUOTES[:2], "reason": "quality"}, role="buyer")
    assert (few.status_code, few.json()["type"]) == (403, "/problems/quotes-missing")
    assert "3 different suppliers" in few.json()["expected"]
    for twice in (QUOTES[0], {"supplier": "DACHENG", "amount": "170.00"}):
        same = {"quotes": [{"supplier": "Dacheng", "amount": "160.00"}, QUOTES[0], twice], "chosen": "Dacheng"}
        assert (await store.post("/v1/self-purchases", body | same, role="buyer")).status_code == 403
    dearer = await store.post("/v1/self-purchases", body, role="buyer")
    assert (dearer.status_code, dearer.json()["type"]) == (422, "/problems/dearer-without-reason")
    bought = (await store.post("/v1/self-purchases", body | {"reason": "quality"}, role="buyer")).json()
    assert (bought["kind"], bought["amount"], bought["reason"]) == ("self_purchase", "320.00", "quality")
    assert bought["quotes"] == QUOTES
    receipt = {"lines": [{"part_code": BOARD, "quantity": 2}]}
    assert (await store.post(f"/v1/purchase-orders/{bought['id']}/receipts", receipt)).status_code == 201
    assert await store.stock(BOARD) == (2, 0, 0)


@pytest.mark.rule("R029")
async def test_a_department_is_urged_now_and_again_until_it_has_shipped_what_the_site_needs(store: PartsStore) -> None:
    await supplied(store)
    order = await ordered(store)
    wanted = {"department": "warehouse", "task": "ship", "due_at": await later(store, days=1)}
    assert (await store.post("/v1/action-items", wanted)).status_code == 422, "about nothing"
    wrong = wanted | {"order_id": order["id"], "department": "kitchen"}
    assert (await store.post("/v1/action-items", wrong)).json()["type"] == "/problems/unknown-code"
    item = (await store.post("/v1/action-items", wanted | {"order_id": order["id"]})).json()
    await store.move(days=2, hours=12)
    said = await store.said(ActionItemUrged)
    assert [(one.role, one.task, one.reminder) for one in said] == [("storekeeper", "ship", n) for n in (0, 1, 2)]
    assert {str(one.order_id) for one in said} == {order["id"]}
    assert [one["id"] for one in (await store.get("/v1/action-items?overdue=true"))["items"]] == [item["id"]]
    done = await store.post(f"/v1/action-items/{item['id']}/done", {})
    assert (done.status_code, done.json()["done_by"]) == (200, "S1")
    assert (await store.post(f"/v1/action-items/{item['id']}/done", {})).status_code == 409
    await store.move(days=3)
    assert len(await store.said(ActionItemUrged)) == 3
    assert (await store.get("/v1/action-items?done=false"))["items"] == []
