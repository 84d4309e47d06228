"""Buying, suppliers and tools under the policy of each regulation: what is distinctive, once kept and once broken."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parts.intake import Intake
from shared.contracts.parts import ActionItemUrged, SupplierServiceReported, ToolOverdue
from support.intake_stand_in import IntakeStandIn
from support.parts_lived import kind_of, under
from support.parts_news import BOARD
from support.parts_store import PartsStore

SUPPLIER = {
    "number": "S-017",
    "name": "恒通配件",
    "supplies": "主板",
    "contact_name": "周工",
    "phone": "010-5550117",
    "part_codes": [BOARD],
}
PROBLEM = {"supplier_number": "S-017", "problem": "主板烧毁", "model": "LN-24", "quantity": 1}
QUOTES = [
    {"supplier": "恒通", "amount": "300.00"},
    {"supplier": "大成", "amount": "320.00"},
    {"supplier": "永利", "amount": "290.00"},
]
SCOPE = {"code": "T-1", "name_zh": "示波器", "name_en": "Oscilloscope", "model": "OSC-2", "price": "880.00"}


async def later(store: PartsStore, *, days: int) -> str:
    return (await store.now() + timedelta(days=days)).isoformat()


@under("car-dealer")
@pytest.mark.rule("R201")
async def test_a_car_dealer_buys_for_himself_once_three_prices_are_compared(lived: PartsStore) -> None:
    await lived.part(BOARD)
    lines = [{"part_code": BOARD, "quantity": 2, "unit_price": "145.00"}]
    body = {"lines": lines, "quotes": QUOTES[:2], "chosen": "恒通", "expected_at": await later(lived, days=1)}
    assert kind_of(await lived.post("/v1/self-purchases", body, role="buyer")) == "quotes-missing"
    compared = {**body, "quotes": QUOTES, "chosen": "永利"}
    assert (await lived.post("/v1/self-purchases", compared, role="buyer")).status_code == 201


@under("car-dealer")
@pytest.mark.rule("R317", "R318")
async def test_who_loses_a_car_dealers_tool_that_is_overdue_pays_its_original_price(lived: PartsStore) -> None:
    assert (await lived.post("/v1/tools", SCOPE)).status_code == 201
    loan = (await lived.post("/v1/tool-loans", {"tool_code": "T-1", "borrower": "T07"})).json()
    assert kind_of(await lived.post("/v1/tool-loans", {"tool_code": "T-1", "borrower": "T08"})) == "tool-lent"
    await lived.move(days=2)
    assert {one.borrower for one in await lived.said(ToolOverdue)} == {"T07"}
    path = f"/v1/tool-loans/{loan['id']}"
    assert (await lived.post(f"{path}/loss", {})).json()["owed"] == "880.00"
    less = await lived.post(f"{path}/compensation", {"way": "payment", "amount": "500.00"})
    assert kind_of(less) == "not-made-good"
    assert (await lived.post(f"{path}/compensation", {"way": "payment", "amount": "880.00"})).is_success


@under("factory-rules")
@pytest.mark.rule("R319")
async def test_a_tool_bought_in_the_field_is_paid_for_once_it_is_booked_in(lived: PartsStore) -> None:
    bought = {name: value for name, value in SCOPE.items() if name != "code"}
    bought |= {"bought_by": "T07", "bought_at": (await lived.now()).isoformat()}
    path = f"/v1/tool-purchases/{(await lived.post('/v1/tool-purchases', bought)).json()['id']}"
    assert kind_of(await lived.post(f"{path}/reimbursement", {}, role="buyer")) == "not-booked-in"
    assert (await lived.post(f"{path}/booking", {"tool_code": "T-9"})).json()["reimbursable"] is True
    assert kind_of(await lived.post(f"{path}/reimbursement", {}, role="buyer", subject="T07")) == "own-expense"
    assert (await lived.post(f"{path}/reimbursement", {}, role="buyer", subject="B1")).is_success


@under("equipment-maker")
@pytest.mark.rule("R331")
async def test_a_request_to_purchasing_says_model_quantity_and_when_and_whether_it_goes_to_the_site(
    lived: PartsStore,
) -> None:
    await lived.part(BOARD)
    line = {"part_code": BOARD, "quantity": 2, "model": "LN-24"}
    wanted = {"lines": [line], "wanted_at": await later(lived, days=5), "destination": "site"}
    assert kind_of(await lived.post("/v1/purchase-requests", wanted)) == "site-without-case"
    for missing in ("quantity", "model"):
        rest = [{name: value for name, value in line.items() if name != missing}]
        assert (await lived.post("/v1/purchase-requests", wanted | {"lines": rest})).status_code == 422, missing
    for missing in ("wanted_at", "destination"):
        said = {name: value for name, value in wanted.items() if name != missing}
        unsaid = await lived.post("/v1/purchase-requests", {**said, "case_id": str(uuid4())})
        assert unsaid.status_code == 422, missing
    made = await lived.post("/v1/purchase-requests", wanted | {"case_id": str(uuid4())})
    assert (made.status_code, made.json()["destination"]) == (201, "site")


@under("equipment-maker", "equipment-hq")
@pytest.mark.rule("R185", "R256", "R328")
async def test_a_bought_in_parts_own_supplier_is_sent_and_contacted_at_once_or_a_clock_says_so(
    lived: PartsStore,
) -> None:
    await lived.part(BOARD)
    await lived.part("FAN-3")
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    problem = {
        "supplier_number": "S-017",
        "case_id": str(uuid4()),
        "work_order_id": str(uuid4()),
        "problem": "主板烧毁",
        "model": "LN-24",
        "quantity": 1,
    }
    his_not = await lived.post("/v1/supplier-cases", {**problem, "part_code": "FAN-3"})
    assert kind_of(his_not) == "not-his-part"
    prompt, late = [(await lived.post("/v1/supplier-cases", {**problem, "part_code": BOARD})).json() for _ in range(2)]
    assert (await lived.post(f"/v1/supplier-cases/{prompt['id']}/contact", {}, role="buyer")).is_success
    sent = (await lived.get(f"/v1/supplier-cases?work_order_id={problem['work_order_id']}"))["items"]
    assert {one["id"] for one in sent} == {prompt["id"], late["id"]}
    assert (await lived.get(f"/v1/supplier-cases?work_order_id={uuid4()}"))["items"] == []
    await lived.move(days=1)
    overdue = (await lived.get("/v1/clocks?overdue=true"))["items"]
    assert [one["subject_id"] for one in overdue] == [late["id"]]


@under("pump-maker")
@pytest.mark.rule("R037")
async def test_purchasing_and_nobody_else_serves_what_was_bought_in(lived: PartsStore) -> None:
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    problem = {**PROBLEM, "case_id": str(uuid4()), "part_code": BOARD}
    path = f"/v1/supplier-cases/{(await lived.post('/v1/supplier-cases', problem)).json()['id']}"
    assert (await lived.post(f"{path}/contact", {}, role="workshop_manager")).status_code == 403
    assert (await lived.post(f"{path}/contact", {}, role="buyer")).is_success


@under("pump-maker")
@pytest.mark.rule("R332")
async def test_material_that_lies_there_is_moved_and_what_does_not_is_bought(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    wanted = {"wanted_at": await later(lived, days=5), "destination": "store"}
    enough, short = [
        (await lived.post("/v1/purchase-requests", {**wanted, "lines": [line]})).json()["id"]
        for line in ({"part_code": BOARD, "quantity": number, "model": "LN-24"} for number in (2, 1))
    ]
    assert (await lived.post(f"/v1/purchase-requests/{enough}/allocation", {})).json()["state"] == "allocated"
    assert kind_of(await lived.post(f"/v1/purchase-requests/{short}/allocation", {})) == "not-on-the-shelf"


@under("pump-maker")
@pytest.mark.rule("R040", "R311")
async def test_the_warehouse_sends_to_the_factory_what_marketing_has_the_commercial_side_of(lived: PartsStore) -> None:
    body = {
        "item_id": str(uuid4()),
        "work_order_id": str(uuid4()),
        "case_id": str(uuid4()),
        "factory": "总厂",
        "carrier": "德邦物流",
        "project_manager": "PM3",
        "arrival_expected_at": await later(lived, days=2),
        "return_expected_at": await later(lived, days=10),
    }
    assert (await lived.post("/v1/return-shipments", body)).status_code == 422, "nobody has the commercial side"
    assert (
        await lived.post("/v1/return-shipments", body | {"commercial_by": "M2"}, role="dispatcher")
    ).status_code == 403
    assert (await lived.post("/v1/return-shipments", body | {"commercial_by": "M2"})).status_code == 201


@under("equipment-maker")
@pytest.mark.rule("R029")
async def test_who_holds_the_site_up_is_urged_again_until_it_is_done(lived: PartsStore) -> None:
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    lines = [{"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}]
    order = {"supplier_number": "S-017", "lines": lines, "expected_at": await later(lived, days=3)}
    placed = (await lived.post("/v1/purchase-orders", order, role="buyer")).json()
    wanted = {"department": "warehouse", "task": "ship", "due_at": await later(lived, days=1)}
    assert (await lived.post("/v1/action-items", wanted)).status_code == 422, "about nothing"
    item = (await lived.post("/v1/action-items", wanted | {"order_id": placed["id"]})).json()
    await lived.move(days=1, hours=12)
    urged = len(await lived.said(ActionItemUrged))
    assert urged > 1
    assert (await lived.post(f"/v1/action-items/{item['id']}/done", {})).is_success
    await lived.move(days=3)
    assert len(await lived.said(ActionItemUrged)) == urged


@under("equipment-maker", "software-project")
@pytest.mark.rule("R329", "R330")
async def test_a_supplier_is_told_in_writing_and_his_service_reported_until_it_is_solved(lived: PartsStore) -> None:
    case, customer, site = uuid4(), uuid4(), uuid4()
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    problem = {
        "supplier_number": "S-017",
        "part_code": BOARD,
        "case_id": str(case),
        "problem": "主板烧毁",
        "quantity": 1,
    }
    problem |= {"model": "LN-24", "solve_by": await later(lived, days=2)}
    path = f"/v1/supplier-cases/{(await lived.post('/v1/supplier-cases', problem)).json()['id']}"
    async with IntakeStandIn.running() as intake:
        intake.cases[case], intake.emails[customer], intake.addresses[site] = (customer, site), None, "中关村南大街5号"
        lived.service.api.state.intake = Intake(intake.url)
        refused = await lived.post(f"{path}/notification", {}, role="buyer")
        assert (kind_of(refused), "costs" in refused.json()["detail"]) == ("notice-incomplete", True)
        costs = {"costs": [{"kind": "material", "amount": "520.00", "bearer": "supplier"}]}
        async with lived.client("buyer") as client:
            assert (await client.put(f"{path}/costs", json=costs, headers={"If-Match": "*"})).status_code == 200
        assert (await lived.post(f"{path}/notification", {}, role="buyer")).json()["state"] == "notified"
    assert (await lived.post(f"{path}/arrival", {}, role="buyer")).is_success
    report = {"quality": "poor", "course": "只带了一块主板"}
    assert (await lived.post(f"{path}/reports", report, role="buyer")).status_code == 201
    assert (await lived.post(f"{path}/solution", report, role="buyer")).json()["state"] == "solved"
    assert (await lived.post(f"{path}/reports", report, role="buyer")).status_code == 409
    assert [one.quality for one in await lived.said(SupplierServiceReported)] == ["poor", "poor"]
