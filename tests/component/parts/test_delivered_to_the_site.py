"""What goes from the supplier straight to the site (直发现场) lies in no store, and costs all the same."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import WarrantyStatus
from support.one_of_everything import SUPPLIER
from support.parts_news import BOARD, completed, needs, requested, started, taken_in
from support.parts_store import PartsStore
from support.service_room import Json

BOARDS = {**SUPPLIER, "number": "S-017", "part_codes": [BOARD]}
RECORD = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "purchase_price": "100"}


@pytest.fixture
async def buying(store: PartsStore) -> PartsStore:
    """A store with two boards of 100 yuan that buys more of S-017."""
    await supplied(store)
    receipt = {"part_code": BOARD, "quantity": 2, "reference": "opening"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    return store


async def supplied(store: PartsStore, **more: object) -> None:
    assert (await store.post("/v1/parts", {**RECORD, **more})).status_code == 201
    assert (await store.post("/v1/suppliers", BOARDS, role="buyer")).status_code == 201


async def wanted(store: PartsStore, asked: PartsRequested, *, quantity: int) -> Json:
    """Purchasing is asked to have boards shipped to the site of a work order."""
    form = {
        "lines": [{"part_code": BOARD, "quantity": quantity, "model": "LN-24"}],
        "wanted_at": (await store.now() + timedelta(days=9)).isoformat(),
        "destination": "site",
        "case_id": str(asked.case_id),
        "work_order_id": str(asked.work_order_id),
    }
    answer = await store.post("/v1/purchase-requests", form, role="workshop_manager")
    assert answer.status_code == 201, answer.text
    return answer.json()


async def delivered(store: PartsStore, *requests: Json, quantity: int, came: list[dict[str, object]]) -> None:
    """Boards of 180.50 yuan are ordered for the sites, and come in these deliveries."""
    form = {
        "supplier_number": "S-017",
        "lines": [{"part_code": BOARD, "quantity": quantity, "unit_price": "180.50"}],
        "request_ids": [request["id"] for request in requests],
        "destination": "site",
        "expected_at": (await store.now() + timedelta(days=3)).isoformat(),
    }
    placed = await store.post("/v1/purchase-orders", form, role="buyer")
    assert placed.status_code == 201, placed.text
    for line in came:
        receipt = {"lines": [{"part_code": BOARD, **line}]}
        answer = await store.post(f"/v1/purchase-orders/{placed.json()['id']}/receipts", receipt)
        assert answer.status_code == 201, answer.text


async def sheet_of(store: PartsStore, asked: PartsRequested) -> Json:
    return await store.get(f"/v1/work-orders/{asked.work_order_id}/costs")


@pytest.mark.rule("R010", "R325", "R324")
async def test_it_costs_its_work_order_and_the_month_what_the_supplier_takes_and_the_store_nothing(
    buying: PartsStore,
) -> None:
    asked = requested()
    request = await wanted(buying, asked, quantity=2)
    await delivered(buying, request, quantity=2, came=[{"quantity": 1}, {"quantity": 1}])
    sheet = await sheet_of(buying, asked)
    [line] = sheet["at_site"]
    assert (line["purchase_request_id"], line["pieces"], line["cost"]) == (request["id"], 2, "361.00")
    assert (sheet["cost"], sheet["case_id"], sheet["lines"]) == ("361.00", str(asked.case_id), [])
    month = f"{await buying.now():%Y-%m}"
    [cost] = (await buying.get(f"/v1/cost-tables?month={month}"))["lines"]
    assert (cost["part_code"], cost["quantity"], cost["cost"]) == (BOARD, 2, "361.00")
    expenses = (await buying.get("/v1/expenses"))["items"]
    assert [(one["kind"], one["cost"], one["case_id"]) for one in expenses] == [
        ("site", "180.50", str(asked.case_id))
    ] * 2
    used = (await buying.rows("SELECT value, pieces FROM stock_account"))[0]
    assert (str(used["value"]), used["pieces"]) == ("200.00", 2), "what lies in the store is worth what it was"
    assert await buying.stock(BOARD) == (2, 0, 0)
    assert await buying.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R168", "R337")
async def test_what_is_fitted_of_it_is_charged_and_known_to_its_item_and_only_the_rest_is_unclear(
    buying: PartsStore,
) -> None:
    asked = requested(lines=needs(PCB_77=1), warranty=WarrantyStatus.OUT_OF_WARRANTY, at=await buying.now())
    item = taken_in(asked, at=await buying.now())
    await buying.hear(asked, started(asked), item)
    assert (await buying.issue(asked)).status_code == 201
    await delivered(buying, await wanted(buying, asked, quantity=3), quantity=3, came=[{"quantity": 3}])
    await buying.hear(completed(asked, fitted=needs(PCB_77=5)))
    sheet = await sheet_of(buying, asked)
    [line] = sheet["at_site"]
    assert (line["fitted"], line["charge"], sheet["cost"], sheet["charge"]) == (3, "900.00", "641.50", "1200.00")
    [unclear] = (await buying.get("/v1/discrepancies?cleared=false"))["items"]
    assert unclear["lines"] == [{"part_code": BOARD, "quantity": 1}], "one of five was neither drawn nor shipped"
    parts = await buying.get(f"/v1/items/{item.item_id}/parts")
    assert parts["fitted"] == [{"part_code": BOARD, "quantity": 4}]


async def test_an_order_that_fits_what_was_shipped_to_it_is_clear_whether_it_asked_the_store_or_not(
    buying: PartsStore,
) -> None:
    asked = requested()
    await delivered(buying, await wanted(buying, asked, quantity=2), quantity=2, came=[{"quantity": 2}])
    await buying.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert (await buying.get("/v1/discrepancies"))["items"] == []
    [line] = (await sheet_of(buying, asked))["at_site"]
    assert (line["fitted"], line["warranty"], line["charge"]) == (1, None, "0.00")


async def test_each_site_has_what_its_request_missed_and_the_last_one_what_came_besides(store: PartsStore) -> None:
    await supplied(store, is_serial=True)
    first, second = requested(), requested()
    requests = [await wanted(store, first, quantity=2), await wanted(store, second, quantity=1)]
    came = [{"quantity": 1, "serials": ["SN-1"]}, {"quantity": 3, "serials": ["SN-2", "SN-3", "SN-4"]}]
    await delivered(store, *requests, quantity=4, came=came)
    assert [(await sheet_of(store, asked))["at_site"][0]["pieces"] for asked in (first, second)] == [2, 2]
    rows = await store.rows("SELECT serial, reference, location, away FROM serial_number ORDER BY serial")
    papers = [f"purchase_request/{requests[number]['id']}" for number in (0, 0, 1, 1)]
    assert [(row["serial"], row["reference"], row["location"], row["away"]) for row in rows] == [
        (f"SN-{number}", paper, None, "used_up") for number, paper in enumerate(papers, start=1)
    ]


@pytest.mark.rule("R331")
async def test_an_order_to_a_site_that_no_request_names_is_refused(store: PartsStore) -> None:
    await supplied(store)
    form = {
        "supplier_number": "S-017",
        "lines": [{"part_code": BOARD, "quantity": 1, "unit_price": "180.50"}],
        "destination": "site",
        "expected_at": (await store.now() + timedelta(days=3)).isoformat(),
    }
    refused = await store.post("/v1/purchase-orders", form, role="buyer")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/site-without-request")
    unknown = await store.post("/v1/purchase-orders", {**form, "request_ids": [str(uuid4())]}, role="buyer")
    assert unknown.status_code in {404, 422}
    assert (await store.get("/v1/purchase-orders"))["items"] == []
