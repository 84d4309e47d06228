"""The books of the store under the policy of each regulation: what is distinctive of it, once kept and once broken."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from shared.contracts.dispatch import ItemTakenIn, PartsRequested
from shared.contracts.facts import WarrantyStatus
from shared.contracts.parts import ReportPublished
from support.parts_lived import bought, kind_of, under
from support.parts_news import BOARD, FAN, completed, needs, requested, started
from support.parts_store import PartsStore


async def drawn(store: PartsStore, *, warranty: WarrantyStatus = WarrantyStatus.IN_WARRANTY) -> PartsRequested:
    """A work order that has begun, and drawn two boards, which were bought at 100 yuan."""
    await bought(store, BOARD, pieces=2, cost="100")
    asked = requested(lines=needs(PCB_77=2), at=await store.now(), warranty=warranty)
    await store.hear(asked, started(asked))
    assert (await store.issue(asked)).status_code == 201
    return asked


@under("retail-outlet")
@pytest.mark.rule("R168")
@pytest.mark.parametrize(
    ("warranty", "charge"), [(WarrantyStatus.IN_WARRANTY, "0.00"), (WarrantyStatus.OUT_OF_WARRANTY, "600.00")]
)
async def test_an_outlet_charges_parts_beyond_the_warranty_only(
    lived: PartsStore, warranty: WarrantyStatus, charge: str
) -> None:
    asked = await drawn(lived, warranty=warranty)
    await lived.hear(completed(asked, fitted=needs(PCB_77=2)))
    assert (await lived.get(f"/v1/work-orders/{asked.work_order_id}/costs"))["charge"] == charge


@under("generic-flow")
@pytest.mark.rule("R010")
async def test_finance_sees_what_a_work_order_costs_less_what_came_back(lived: PartsStore) -> None:
    asked = await drawn(lived)
    sheet = f"/v1/work-orders/{asked.work_order_id}/costs"
    assert (await lived.get(sheet))["cost"] == "200.00"
    assert (await lived.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert (await lived.get(sheet))["cost"] == "100.00"


@under("consumer-electronics")
@pytest.mark.rule("R324", "R325")
async def test_an_independent_ledger_is_never_changed_and_its_costs_are_with_finance_every_month(
    lived: PartsStore,
) -> None:
    await drawn(lived)
    with pytest.raises(DBAPIError, match="stock_movement"):
        await lived.rows("UPDATE stock_movement SET on_hand = 0 RETURNING id")
    assert await lived.rows("SELECT * FROM invariant_i10") == []
    assert await lived.said(ReportPublished) == []
    await lived.move_to(datetime(2040, 4, 2, tzinfo=UTC))
    [said] = await lived.said(ReportPublished)
    assert (said.month, str(said.amount), said.published_at <= said.due_at) == ("2040-03", "200.00", True)


@under("pump-maker")
@pytest.mark.rule("R037", "R333")
async def test_prices_come_from_finance_or_purchasing_and_from_nobody_else(lived: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "purchase_price": "180"}
    assert kind_of(await lived.post("/v1/parts", {**record, "price_source": "canteen"})) == "unknown-code"
    assert (await lived.post("/v1/parts", {**record, "price_source": "finance"})).status_code == 201
    listed = (await lived.get(f"/v1/parts/{BOARD}/prices"))["items"]
    assert {(one["kind"], one["source"]) for one in listed} == {("purchase", "finance"), ("sale", "finance")}


@under("car-dealer")
@pytest.mark.rule("R323")
async def test_the_car_dealers_sales_department_draws_consumables_at_the_cost_of_after_sales_and_no_more(
    lived: PartsStore,
) -> None:
    await bought(lived, FAN, pieces=30, cost="2.50", is_consumable=True)
    body = {"department": "sales", "part_code": FAN, "quantity": 20}
    made = await lived.post("/v1/internal-requisitions", body)
    assert (made.json()["charged_to"], made.json()["cost"]) == ("aftersales", "50.00")
    assert kind_of(await lived.post("/v1/internal-requisitions", {**body, "quantity": 1})) == "monthly-limit"
    assert await lived.stock(FAN) == (10, 0, 0)


@under("appliance-branch")
@pytest.mark.rule("R305", "R337", "R335")
async def test_a_branch_lists_parts_on_the_items_card_and_the_stores_time_as_general_administration(
    lived: PartsStore,
) -> None:
    asked, item = await drawn(lived), uuid4()
    await lived.hear(completed(asked, fitted=needs(PCB_77=1)))
    async with lived.client() as client:
        assert (await client.get(f"/v1/items/{item}/parts")).status_code == 404
    taken = ItemTakenIn(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        item_id=item,
        receipt_number="L-17",
        taken_in_at=asked.requested_at,
        promised_at=asked.requested_at + timedelta(days=3),
    )
    await lived.hear(taken)
    assert (await lived.get(f"/v1/items/{item}/parts"))["fitted"] == [{"part_code": BOARD, "quantity": 1}]
    work = {"staff_number": "S1", "activity": "parts_management", "day": "2040-03-01", "minutes": 90}
    assert (await lived.post("/v1/store-work", work)).json()["category"] == "general_administration"
    assert (await lived.post("/v1/store-work", {**work, "activity": "repair"})).status_code == 422


@under("pump-maker")
@pytest.mark.rule("R291")
async def test_the_pump_makers_expenses_on_site_are_those_of_what_was_really_drawn_for_a_visit(
    lived: PartsStore,
) -> None:
    asked = await drawn(lived)
    idle = requested(at=await lived.now())
    await lived.hear(idle)
    assert (await lived.issue(idle)).status_code == 409
    assert (await lived.bring_back(asked, needs(PCB_77=1))).status_code == 201
    lines = (await lived.get("/v1/expenses"))["items"]
    assert [(one["kind"], one["cost"], one["work_order_number"]) for one in lines] == [
        ("return", "-100.00", asked.work_order_number),
        ("issue", "200.00", asked.work_order_number),
    ]


@under("equipment-hq")
@pytest.mark.rule("R411")
async def test_headquarters_keeps_every_expense_line_by_line(lived: PartsStore) -> None:
    assert (await lived.get("/v1/expenses"))["items"] == []
    asked = await drawn(lived)
    [line] = (await lived.get("/v1/expenses"))["items"]
    assert (line["cost"], line["work_order_number"]) == ("200.00", asked.work_order_number)
