"""What parts cost, who pays, what became of every piece that was issued, and what finance is told on time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contracts.dispatch import ItemTakenIn, PartsRequested
from shared.contracts.facts import WarrantyStatus
from shared.contracts.parts import ReportPublished, StoreWorkRecorded
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore
from support.service_room import Json

OUT = WarrantyStatus.OUT_OF_WARRANTY


async def bought(store: PartsStore, part_code: str, *, pieces: int, cost: str, **more: object) -> None:
    """A part that is sold for 300 yuan, of which so many came at this cost."""
    record = {"part_code": part_code, "name_zh": "件", "name_en": "Part", "unit_price": "300", "purchase_price": cost}
    assert (await store.post("/v1/parts", {**record, **more})).status_code == 201
    receipt = {"part_code": part_code, "quantity": pieces, "reference": "opening"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201


async def drawn(store: PartsStore, asked: PartsRequested) -> None:
    await store.hear(asked, started(asked))
    assert (await store.issue(asked)).status_code == 201


async def sheet_of(store: PartsStore, asked: PartsRequested) -> Json:
    return await store.get(f"/v1/work-orders/{asked.work_order_id}/costs")


async def draw_inside(store: PartsStore, pieces: object, **other: object) -> httpx.Response:
    body = {"department": "sales", "part_code": FAN, "quantity": pieces, **other}
    return await store.post("/v1/internal-requisitions", body)


@pytest.mark.rule("R010")
async def test_a_work_order_costs_what_its_parts_had_cost_less_what_came_back(store: PartsStore) -> None:
    await bought(store, BOARD, pieces=3, cost="100.10")
    asked = requested(lines=needs(PCB_77=3))
    await drawn(store, asked)
    assert (await sheet_of(store, asked))["cost"] == "300.30"
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    sheet = await sheet_of(store, asked)
    assert (sheet["cost"], sheet["lines"][0]["outstanding"]) == ("200.20", 2)
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    assert (await sheet_of(store, asked))["cost"] == "200.20"
    assert await store.rows("SELECT * FROM invariant_i10") == []
    async with store.client() as client:
        assert (await client.get(f"/v1/work-orders/{uuid4()}/costs")).status_code == 404


@pytest.mark.rule("R168")
@pytest.mark.parametrize(("warranty", "charge"), [(WarrantyStatus.IN_WARRANTY, "0.00"), (OUT, "600.00")])
async def test_parts_are_free_of_charge_in_warranty_and_charged_at_the_listed_price_beyond(
    store: PartsStore, warranty: WarrantyStatus, charge: str
) -> None:
    await bought(store, BOARD, pieces=3, cost="100")
    asked = requested(lines=needs(PCB_77=3), warranty=warranty, at=await store.now())
    await drawn(store, asked)
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    sheet = await sheet_of(store, asked)
    assert (sheet["charge"], sheet["lines"][0]["unit_price"]) == (charge, "300.00")


@pytest.mark.rule("R333")
async def test_a_price_that_is_entered_later_changes_no_charge_and_none_is_older_than_the_last(
    store: PartsStore,
) -> None:
    record = {"part_code": BOARD, "name_zh": "件", "name_en": "Part", "unit_price": "300"}
    day = await store.now()
    assert (await store.post("/v1/parts", {**record, "priced_at": day.isoformat()})).status_code == 201
    await store.post("/v1/stock/receipts", {"part_code": BOARD, "quantity": 3, "reference": "opening"})
    await store.move(days=9)
    asked = requested(warranty=OUT, at=await store.now())
    early = requested(warranty=OUT, at=day - timedelta(days=1))
    await drawn(store, asked)
    await drawn(store, early)
    await store.hear(completed(asked, fitted=needs(PCB_77=1)), completed(early, fitted=needs(PCB_77=1)))
    await store.move(days=9)
    async with store.client() as client:
        backdated = {**record, "unit_price": "320", "priced_at": (day + timedelta(days=5)).isoformat()}
        before = {**backdated, "unit_price": "340", "priced_at": (day + timedelta(days=4)).isoformat()}
        tag = {"If-Match": "*"}
        assert (await client.put(f"/v1/parts/{BOARD}", json=backdated, headers=tag)).status_code == 200
        refused = await client.put(f"/v1/parts/{BOARD}", json=before, headers=tag)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/price-before-the-last")
    for one in (asked, early):
        assert (await sheet_of(store, one))["charge"] == "300.00"
    new = requested(warranty=OUT, at=await store.now())
    await drawn(store, new)
    assert (await sheet_of(store, new))["lines"][0]["unit_price"] == "320.00", "the catalogue's as well"


@pytest.mark.rule("R295", "R298")
async def test_what_was_issued_is_reconciled_with_what_was_fitted_and_what_came_back(store: PartsStore) -> None:
    await bought(store, BOARD, pieces=5, cost="100")
    clear, kept, odd = requested(lines=needs(PCB_77=1)), requested(lines=needs(PCB_77=2)), requested()
    for asked in (clear, kept):
        await drawn(store, asked)
    await store.hear(odd)
    await store.hear(completed(clear, fitted=needs(PCB_77=1)), completed(kept, fitted=needs(PCB_77=1)))
    await store.hear(completed(odd, fitted=needs(PCB_77=1)))

    async def unclear() -> dict[str, Json]:
        items = (await store.get("/v1/reconciliations?unclear=true"))["items"]
        return {one["request_id"]: one for one in items}

    found = await unclear()
    assert set(found) == {str(kept.request_id), str(odd.request_id)}
    one = found[str(kept.request_id)]
    assert [(line["issued"], line["fitted"], line["returned"], line["outstanding"]) for line in one["lines"]] == [
        (2, 1, 0, 1)
    ]
    assert (one["drawn_by"], one["work_order_number"]) == (["T07"], kept.work_order_number)
    assert found[str(odd.request_id)]["not_issued"] == [{"part_code": BOARD, "quantity": 1}]
    by_him = (await store.get("/v1/reconciliations?issued_to=T07"))["items"]
    assert {item["request_id"] for item in by_him} == {str(clear.request_id), str(kept.request_id)}
    await store.bring_back(kept, needs(PCB_77=1))
    assert set(await unclear()) == {str(odd.request_id)}


@pytest.mark.rule("R295", "R010")
async def test_what_was_drawn_and_is_gone_is_written_off_by_who_drew_it_and_costs_the_order(store: PartsStore) -> None:
    await bought(store, BOARD, pieces=3, cost="100")
    asked = requested(lines=needs(PCB_77=2))
    await drawn(store, asked)
    await store.hear(completed(asked, fitted=needs(PCB_77=1)))
    more = await store.write_off(asked)
    assert (more.status_code, more.json()["type"]) == (409, "/problems/more-than-owed")
    for wrong, kind in (({"issued_to": "T08"}, "did-not-draw"), ({"reason": "bored"}, "unknown-code")):
        refused = await store.write_off(asked, needs(PCB_77=1), **wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{kind}")
    assert ((await store.state(asked))[0], await store.stock(BOARD)) == ("owed", (1, 0, 1))
    gone = await store.write_off(asked, needs(PCB_77=1))
    assert (gone.status_code, gone.json()["state"]) == (201, "settled"), gone.text
    [note] = [note for note in gone.json()["notes"] if note["kind"] == "loss"]
    assert (note["reason"], note["issued_to"], note["posted_by"]) == ("lost", "T07", "S1")
    assert await store.stock(BOARD) == (1, 0, 0), "nothing came to lie in the store"
    assert (await store.get("/v1/reconciliations?unclear=true"))["items"] == []
    sheet = await sheet_of(store, asked)
    [line] = sheet["lines"]
    assert (line["fitted"], line["lost"], line["outstanding"], sheet["cost"]) == (1, 1, 0, "200.00")
    assert (await store.write_off(asked, needs(PCB_77=1))).status_code == 409, "it is lost once"
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R305", "R337")
@pytest.mark.parametrize("first", ["item", "order"])
async def test_what_was_exchanged_on_an_item_that_was_taken_in_is_listed_against_it(
    store: PartsStore, first: str
) -> None:
    await bought(store, BOARD, pieces=3, cost="100")
    asked, item = requested(lines=needs(PCB_77=2)), uuid4()
    taken = taken_in(asked, item_id=item)
    if first == "item":
        await store.hear(taken)
    await drawn(store, asked)
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    await store.hear(taken, taken)
    card = await store.get(f"/v1/items/{item}/parts")
    assert (card["receipt_number"], card["fitted"]) == ("L-17", [{"part_code": BOARD, "quantity": 2}])
    assert (await sheet_of(store, asked))["items"] == [str(item)]
    async with store.client() as client:
        assert (await client.get(f"/v1/items/{uuid4()}/parts")).status_code == 404


def taken_in(asked: PartsRequested, *, item_id: UUID) -> ItemTakenIn:
    """The unit of a work order goes to the workshop."""
    return ItemTakenIn(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        item_id=item_id,
        receipt_number="L-17",
        taken_in_at=asked.requested_at,
        promised_at=asked.requested_at + timedelta(days=3),
    )


@pytest.mark.rule("R323")
async def test_the_house_draws_consumables_at_the_cost_of_after_sales_and_within_the_months_limit(
    store: PartsStore,
) -> None:
    await bought(store, FAN, pieces=30, cost="2.50", is_consumable=True)
    await bought(store, BOARD, pieces=1, cost="100")
    drawn = await draw_inside(store, 15)
    assert drawn.status_code == 201
    assert (drawn.json()["charged_to"], drawn.json()["cost"]) == ("aftersales", "37.50")
    beyond = await draw_inside(store, 6)
    assert (beyond.status_code, beyond.json()["type"]) == (409, "/problems/monthly-limit")
    assert beyond.json()["expected"] == "at most 5 more this month"
    assert (await draw_inside(store, 1, part_code=BOARD)).json()["type"] == "/problems/no-consumable"
    assert (await draw_inside(store, 1, department="canteen")).status_code == 422
    for wrong in (0, -1, 0.5):
        assert (await draw_inside(store, wrong)).status_code == 422
    bay = {"code": "bay", "kind": "warehouse", "name_zh": "钣喷", "name_en": "Bay", "department": "bodywork"}
    assert (await store.post("/v1/locations", bay)).status_code == 201
    moved = {"part_code": FAN, "quantity": 2, "source": "main", "destination": "bay"}
    assert (await store.post("/v1/stock/transfers", moved)).status_code == 201
    elsewhere = await draw_inside(store, 1, location="bay")
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (422, "/problems/other-account")
    assert await store.stock(FAN) == (15, 0, 0)
    await store.move_to(datetime(2040, 4, 2, tzinfo=UTC))
    assert (await draw_inside(store, 6)).status_code == 201, "a month later the limit is whole again"
    assert await store.stock(FAN) == (9, 0, 0)
    listed = (await store.get("/v1/internal-requisitions?department=sales"))["items"]
    assert [one["quantity"] for one in listed] == [6, 15]
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R325")
async def test_the_cost_table_of_every_month_is_at_finance_on_time(store: PartsStore) -> None:
    await bought(store, BOARD, pieces=3, cost="100")
    asked = requested(lines=needs(PCB_77=2))
    await drawn(store, asked)
    await store.bring_back(asked, needs(PCB_77=1))
    table = await store.get("/v1/cost-tables?month=2040-03")
    assert [(one["part_code"], one["quantity"], one["cost"]) for one in table["lines"]] == [(BOARD, 1, "100.00")]
    assert await store.said(ReportPublished) == []
    await store.move_to(datetime(2040, 4, 2, tzinfo=UTC))
    [said] = await store.said(ReportPublished)
    assert (said.month, str(said.amount), said.published_at <= said.due_at) == ("2040-03", "100.00", True)
    await store.move_to(datetime(2040, 5, 2, tzinfo=UTC))
    months = [(one["month"], one["cost"], one["is_late"]) for one in (await store.get("/v1/reports"))["items"]]
    assert months == [("2040-04", "0.00", False), ("2040-03", "100.00", False)], "also of a month without any cost"
    report = await store.get(f"/v1/reports/{said.report_id}")
    assert (report["kind"], report["quantity"]) == ("parts_cost", 1)
    async with store.client() as client:
        sheet = await client.get("/v1/cost-tables.csv?month=2040-03")
        assert (await client.get("/v1/cost-tables?month=2040-13")).status_code == 422
    assert sheet.headers["Content-Type"].startswith("text/csv")
    assert sheet.text.splitlines() == [
        "month,department,part_code,name_zh,name_en,quantity,cost",
        "2040-03,aftersales,PCB-77,件,Part,1,100.00",
    ]


@pytest.mark.rule("R291", "R411")
async def test_expenses_are_kept_line_by_line_and_add_up_to_consumption_and_turnover(store: PartsStore) -> None:
    begin = await store.now()
    await bought(store, FAN, pieces=30, cost="2.00", is_consumable=True)
    await bought(store, BOARD, pieces=3, cost="100")
    asked = requested(lines=needs(PCB_77=2))
    await drawn(store, asked)
    await store.bring_back(asked, needs(PCB_77=1))
    await draw_inside(store, 5)
    lines = (await store.get("/v1/expenses?department=aftersales"))["items"]
    assert [(one["kind"], one["quantity"], one["cost"], one["work_order_number"]) for one in lines] == [
        ("internal", 5, "10.00", None),
        ("return", -1, "-100.00", asked.work_order_number),
        ("issue", 2, "200.00", asked.work_order_number),
    ]
    span = f"since={begin:%Y-%m-%dT%H:%M:%SZ}&until={begin + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    used = (await store.get(f"/v1/consumption?{span}"))["lines"]
    assert [(one["department"], one["kind"], one["quantity"], one["cost"]) for one in used] == [
        ("aftersales", "issue", 1, "100.00"),
        ("aftersales", "internal", 5, "10.00"),
    ]
    [turned] = (await store.get(f"/v1/turnover?{span}"))["lines"]
    assert (turned["cost"], turned["value_at_first"], turned["value_at_last"]) == ("110.00", "0.00", "250.00")
    assert turned["turnover"] == "0.88"


@pytest.mark.rule("R411")
async def test_what_was_lost_found_or_went_back_to_its_vendor_is_an_expense_and_not_used_up(store: PartsStore) -> None:
    await bought(store, FAN, pieces=9, cost="2.00")
    for difference, reason in ((-3, "lost"), (1, "found")):
        change = {"part_code": FAN, "difference": difference, "reason": reason}
        assert (await store.post("/v1/stock/adjustments", change)).status_code == 201
    returned = {"part_code": FAN, "quantity": 2, "supplier": "恒通配件", "reason": "faulty"}
    assert (await store.post("/v1/vendor-returns", returned)).status_code == 201
    lines = (await store.get("/v1/expenses"))["items"]
    assert [(one["kind"], one["quantity"], one["cost"]) for one in lines] == [
        ("vendor_return", 2, "4.00"),
        ("adjustment", -1, "-2.00"),
        ("adjustment", 3, "6.00"),
    ]
    assert [one["reference"] for one in lines[1:]] == ["found", "lost"]
    assert (await store.get("/v1/cost-tables?month=2040-03"))["lines"] == []


async def test_stock_that_nobody_asks_for_is_listed_with_what_customers_never_fetched(store: PartsStore) -> None:
    await bought(store, FAN, pieces=3, cost="2.00")
    await store.part(BOARD)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    await store.reach(asked, state="arrived")
    await store.move(days=100)
    assert (await store.get("/v1/idle-stock"))["items"] == []
    await store.move(days=100)
    idle = (await store.get("/v1/idle-stock"))["items"]
    assert [(one["part_code"], one["on_hand"], one["never_fetched"]) for one in idle] == [(BOARD, 2, 2), (FAN, 3, 0)]
    back = {"part_code": BOARD, "quantity": 1, "supplier": "恒通", "reason": "faulty"}
    assert (await store.post("/v1/vendor-returns", back)).status_code == 201
    [board, _] = (await store.get("/v1/idle-stock"))["items"]
    assert (board["on_hand"], board["never_fetched"]) == (1, 1), "no more than lie there"
    await store.post("/v1/stock/receipts", {"part_code": FAN, "quantity": 1, "reference": "DN-2"})
    assert [one["part_code"] for one in (await store.get("/v1/idle-stock"))["items"]] == [BOARD]


@pytest.mark.rule("R335")
async def test_work_in_the_store_is_general_administration_time(store: PartsStore) -> None:
    body = {"staff_number": "S1", "activity": "tool_upkeep", "day": "2040-03-01", "minutes": 90}
    made = await store.post("/v1/store-work", body)
    assert (made.status_code, made.json()["category"]) == (201, "general_administration")
    for wrong in ({"activity": "football"}, {"day": "2090-01-01"}, {"minutes": 0}):
        assert (await store.post("/v1/store-work", {**body, **wrong})).status_code == 422
    listed = (await store.get("/v1/store-work?staff_number=S1"))["items"]
    assert [(one["activity"], one["minutes"]) for one in listed] == [("tool_upkeep", 90)]
    [told] = await store.said(StoreWorkRecorded)
    assert (told.staff_number, told.activity, told.day.isoformat(), told.minutes) == (
        "S1",
        "tool_upkeep",
        "2040-03-01",
        90,
    )


async def test_what_is_called_off_after_it_was_drawn_costs_until_it_is_back(store: PartsStore) -> None:
    await bought(store, BOARD, pieces=1, cost="100")
    asked = requested()
    await drawn(store, asked)
    await store.hear(cancelled(asked))
    assert (await sheet_of(store, asked))["cost"] == "100.00"
    await store.bring_back(asked)
    assert (await sheet_of(store, asked))["cost"] == "0.00"
    assert (await store.get("/v1/stock/accounts"))["value"] == "100.00"
