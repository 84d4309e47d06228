"""The catalogue and the stock one by one and from a spreadsheet, the lists of the morning, and bad input."""

from datetime import timedelta
from uuid import UUID

import httpx

from support.parts_news import BOARD, FAN, cancelled, needs, requested, started
from support.parts_store import PartsStore

UNKNOWN = UUID(int=7)
BACK: dict[str, object] = {
    "lines": [{"part_code": "A", "quantity": 1}],
    "reason": "not_needed",
    "received_at": "2040-01-01T00:00:00Z",
}
CATALOGUE = "part_code,name_zh,name_en,unit_price,minimum\nPCB-77,主板,Main board,260.00,2\nFAN-3,风扇,Fan,35.5,\n"
STOCK = "part_code,quantity,reference\nPCB-77,5,opening stock\nFAN-3,2,opening stock\n"

WRONG: tuple[tuple[str, dict[str, object], int], ...] = (
    ("/v1/parts", {"part_code": "A"}, 422),
    ("/v1/parts", {"part_code": "A/B", "name_zh": "x", "name_en": "x", "unit_price": "1"}, 422),
    ("/v1/parts", {"part_code": "A", "name_zh": "x", "name_en": "x", "unit_price": "1.001"}, 422),
    ("/v1/parts", {"part_code": "A", "name_zh": "x", "name_en": "x", "unit_price": "NaN"}, 422),
    ("/v1/stock/receipts", {"part_code": "A", "quantity": -1, "reference": "x"}, 422),
    ("/v1/stock/receipts", {"part_code": "A", "quantity": 1, "reference": "claim_order/1"}, 422),
    ("/v1/stock/receipts", {"part_code": "A", "quantity": 1, "reference": "parts_request/1"}, 422),
    ("/v1/stock/receipts", {"part_code": "A", "quantity": 1, "reference": "store_note/1"}, 422),
    (f"/v1/requests/{UNKNOWN}/issues", {"lines": [], "issued_to": "T1"}, 422),
    (f"/v1/requests/{UNKNOWN}/issues", {"lines": [{"part_code": "A", "quantity": 1}], "issued_to": "T1"}, 404),
    (f"/v1/requests/{UNKNOWN}/returns", BACK, 404),
    (f"/v1/requests/{UNKNOWN}/returns", {**BACK, "received_at": None}, 422),
    (f"/v1/deposits/{UNKNOWN}/payment", {"amount": "1.00", "method": "cash"}, 404),
    (f"/v1/deposits/{UNKNOWN}/payment", {"amount": "1.00", "method": "shells"}, 422),
    (f"/v1/deposits/{UNKNOWN}/decline", {}, 404),
    (f"/v1/claim-orders/{UNKNOWN}/placement", {"supplier": "x", "expected_at": "2050-01-01T00:00:00Z"}, 404),
    (f"/v1/claim-orders/{UNKNOWN}/placement", {"supplier": "x", "expected_at": "2050-01-01"}, 422),
    (f"/v1/claim-orders/{UNKNOWN}/arrival", {}, 404),
    (f"/v1/claim-orders/{UNKNOWN}/arrival", {"unknown": 1}, 422),
    ("/v1/claim-orders/no-id/arrival", {}, 422),
)


async def upload(
    store: PartsStore, path: str, sheet: str, *, mode: str = "apply", encoding: str = "utf-8"
) -> httpx.Response:
    async with store.client("admin", subject="A1") as client:
        content, headers = sheet.encode(encoding), {"Content-Type": "text/csv"}
        return await client.post(f"{path}?mode={mode}", content=content, headers=headers)


async def test_catalogue_and_stock_come_from_spreadsheets_after_a_dry_run(store: PartsStore) -> None:
    dry = await upload(store, "/v1/parts/import", CATALOGUE, mode="dry_run")
    assert (dry.json()["created"], dry.json()["applied"]) == (2, False)
    assert (await store.get("/v1/parts"))["items"] == []
    assert (await upload(store, "/v1/parts/import", CATALOGUE, encoding="gb18030")).json()["created"] == 2
    again = (await upload(store, "/v1/parts/import", CATALOGUE.replace("35.5", "36"))).json()
    assert (again["changed"], again["unchanged"]) == (1, 1)
    fan = await store.get("/v1/parts/FAN-3")
    assert (fan["name_zh"], fan["unit_price"], fan["version"]) == ("风扇", "36.00", 2)

    assert (await upload(store, "/v1/stock/import", STOCK, mode="dry_run")).json()["created"] == 2
    assert await store.stock(BOARD) == (0, 0, 0)
    assert (await upload(store, "/v1/stock/import", STOCK)).json()["created"] == 2
    assert (await upload(store, "/v1/stock/import", STOCK)).json()["unchanged"] == 2
    assert await store.stock(BOARD) == (5, 0, 0)


async def test_a_sheet_with_a_wrong_line_says_what_would_be_right_and_writes_nothing(store: PartsStore) -> None:
    wrong = CATALOGUE + "FAN 9,风扇,Fan,1,\nFAN-8,风扇,Fan,-1,\n"
    report = await upload(store, "/v1/parts/import", wrong)
    assert (report.status_code, [error["pointer"] for error in report.json()["errors"]]) == (
        422,
        ["/4/part_code", "/5/unit_price"],
    )
    assert (await store.get("/v1/parts"))["items"] == []
    await upload(store, "/v1/parts/import", CATALOGUE)
    await upload(store, "/v1/stock/import", STOCK)
    for line in ("NONE-1,1,new", "PCB-77,0,new", "PCB-77,6,opening stock"):
        refused = await upload(store, "/v1/stock/import", f"part_code,quantity,reference\nFAN-3,1,new\n{line}\n")
        assert refused.status_code == 422, line
    assert await store.stock(FAN) == (2, 0, 0)


async def test_a_part_is_changed_on_the_version_that_was_seen(store: PartsStore) -> None:
    await store.part(BOARD)
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": 300.5}
    async with store.client() as client:
        assert (await client.put(f"/v1/parts/{BOARD}", json=record)).status_code == 428
        assert (await client.put(f"/v1/parts/{BOARD}", json=record, headers={"If-Match": '"9"'})).status_code == 412
        changed = await client.put(f"/v1/parts/{BOARD}", json=record, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        assert changed.json()["unit_price"] == "300.50"
        other = await client.put(f"/v1/parts/{BOARD}", json={**record, "part_code": FAN}, headers={"If-Match": '"2"'})
        assert other.status_code == 409
    assert (await store.post("/v1/parts", record)).status_code == 409
    audit = await store.get("/v1/audit?action=part_changed", role="auditor")
    assert [one["actor_id"] for one in audit["items"]] == ["S1"]


async def test_what_was_counted_is_adjusted_but_never_below_what_is_reserved(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=3)
    await store.hear(requested(lines=needs(PCB_77=2)))
    path, body = "/v1/stock/adjustments", {"part_code": BOARD, "difference": -1, "reason": "stocktake"}
    assert (await store.post(path, body)).status_code == 201
    refused = await store.post(path, body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stock-too-small")
    assert (await store.post(path, {**body, "difference": 0})).status_code == 422
    assert (await store.post(path, {**body, "difference": 1, "reason": "mood"})).status_code == 422
    assert (await store.post(path, {**body, "part_code": "NONE-1"})).status_code == 404
    assert (await store.post(path, body, role="agent")).status_code == 403
    assert await store.stock(BOARD) == (2, 2, 0)


async def test_the_same_delivery_note_is_received_once(store: PartsStore) -> None:
    await store.part(BOARD)
    receipt = {"part_code": BOARD, "quantity": 4, "reference": "DN-118"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    again = await store.post("/v1/stock/receipts", receipt)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/receipt-posted")
    assert (await store.post("/v1/stock/receipts", {**receipt, "part_code": "NONE-1"})).status_code == 404
    assert await store.stock(BOARD) == (4, 0, 0)


async def test_a_storekeepers_morning(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1, minimum=1)
    await store.part(FAN, price="9000.00")
    kept, short = requested(), requested(lines=needs(FAN_3=1))
    await store.hear(kept, short)

    async def found(path: str, **caller: str) -> list[str]:
        key = "part_code" if path.startswith("/v1/stock?") else "id"
        return [one[key] for one in (await store.get(path, **caller))["items"]]

    assert await found("/v1/stock?low=true") == [BOARD]
    assert await found("/v1/requests?state=short") == [str(short.request_id)]
    assert await found("/v1/requests?state=reserved&started=true") == []
    await store.hear(started(kept))
    assert await found("/v1/requests?state=reserved&started=true") == [str(kept.request_id)]
    assert await found(f"/v1/requests?work_order_id={short.work_order_id}") == [str(short.request_id)]
    assert await found(f"/v1/requests?part_code={FAN}&case_id={short.case_id}") == [str(short.request_id)]

    deposit, claim = (await store.deposit_of(short))["id"], (await store.claim_of(short))["id"]
    in_a_week = (await store.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await found(f"/v1/deposits?due_before={in_a_week}") == [deposit]
    assert await found(f"/v1/deposits?state=required&customer_id={short.customer_id}") == [deposit]
    assert await found("/v1/claim-orders?to_sign=true", role="aftersales_director") == [claim]
    await store.sign(short, role="aftersales_director")
    assert await found("/v1/claim-orders?to_sign=true", role="aftersales_director") == []
    assert await found("/v1/claim-orders?to_sign=true", role="workshop_manager") == [claim]
    await store.sign(short)
    assert await found("/v1/claim-orders?to_place=true") == [], "the deposit is not paid"
    await store.pay(short)
    assert await found(f"/v1/deposits?due_before={in_a_week}") == []
    assert await found("/v1/claim-orders?to_place=true") == [claim]
    await store.place(short, days=1)
    assert await found("/v1/claim-orders?expected_today=true") == []
    await store.move(hours=20)
    assert await found("/v1/claim-orders?expected_today=true") == [claim]
    assert await found("/v1/claim-orders?overdue=true") == []
    await store.move(hours=5)
    assert await found("/v1/claim-orders?overdue=true") == [claim]
    assert await found("/v1/claim-orders?state=placed") == [claim]
    movements = await store.get(f"/v1/stock/movements?part_code={BOARD}&kind=reserve&request_id={kept.request_id}")
    assert [one["reserved"] for one in movements["items"]] == [1]


async def test_long_lists_come_in_pages(store: PartsStore) -> None:
    for number in range(5):
        await store.part(f"P-{number}", on_hand=1)
    for path, key in (("/v1/parts", "part_code"), ("/v1/stock", "part_code"), ("/v1/stock/movements", "part_code")):
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            page = await store.get(f"{path}?limit=2{cursor}")
            seen += [one[key] for one in page["items"]]
            cursor = f"&cursor={page['next']}" if page.get("next") else ""
        assert seen == [f"P-{number}" for number in (4, 3, 2, 1, 0)]
        assert not cursor


async def test_a_change_is_made_to_the_version_that_was_seen(store: PartsStore) -> None:
    asked = await store.short()
    deposit, claim = await store.deposit_of(asked), await store.claim_of(asked)
    payment = {"amount": deposit["amount"], "method": "cash"}
    stale = await store.post(f"/v1/deposits/{deposit['id']}/payment", payment, version=9)
    assert stale.status_code == 412
    approval = {"decision": "approve"}
    path = f"/v1/claim-orders/{claim['id']}/approval"
    assert (await store.post(path, approval, role="workshop_manager", version=9)).status_code == 412
    async with store.client() as client:
        bare = await client.post(f"/v1/deposits/{deposit['id']}/payment", json=payment)
    assert bare.status_code == 428


async def test_what_cannot_be_right_is_refused(store: PartsStore) -> None:
    for path, body, status in WRONG:
        assert (await store.post(path, body)).status_code == status, (path, body)


async def test_what_there_is_not_is_said_to_be_unknown(store: PartsStore) -> None:
    async with store.client() as client:
        for path in (f"requests/{UNKNOWN}", f"deposits/{UNKNOWN}", f"claim-orders/{UNKNOWN}", "parts/NONE-1"):
            assert (await client.get(f"/v1/{path}")).status_code == 404, path
    assert set((await store.get("/v1/codes"))["payment_methods"]) >= {"cash", "wechat"}


async def test_every_step_out_of_order_is_refused_with_what_could_be_done(store: PartsStore) -> None:
    asked = await store.short()
    early = await store.arrive(asked)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-arrived")
    assert "signed" in early.json()["expected"]
    await store.reach(asked, state="arrived")
    for refused in (
        await store.arrive(asked),
        await store.place(asked),
        await store.sign(asked),
        await store.give_up(asked),
        await store.decline(asked),
    ):
        assert refused.status_code == 409, refused.text
    await store.hear(cancelled(asked))
    assert (await store.issue(asked)).status_code == 409
