"""Buying, suppliers and tools under the policy of each regulation: what is distinctive, once kept and once broken."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from parts.intake import Intake
from shared.contracts.parts import (
    ActionItemUrged,
    SupplierCaseRaised,
    SupplierNotified,
    SupplierServiceReported,
    ToolOverdue,
)
from support.intake_stand_in import IntakeStandIn
from support.parts_lived import kind_of, under
from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.purchasing import ordered, supplied
from support.service_room import Json

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


async def tell(store: PartsStore, case: Json, *, problem: Mapping[str, object]) -> None:
    """The supplier is told in writing what he finds on site, by when, and that he bears the material."""
    customer, site = uuid4(), uuid4()
    path, costs = f"/v1/supplier-cases/{case['id']}", [{"kind": "material", "amount": "520.00", "bearer": "supplier"}]
    async with store.client("buyer") as client:
        timed = {**problem, "solve_by": await later(store, days=2)}
        for way, body in (("", timed), ("/costs", {"costs": costs})):
            changed = await client.put(f"{path}{way}", json=body, headers={"If-Match": "*"})
            assert changed.status_code == 200, changed.text
    async with IntakeStandIn.running() as intake:
        intake.cases[UUID(case["case_id"])], intake.emails[customer] = (customer, site), None
        intake.addresses[site] = "中关村南大街5号"
        store.service.api.state.intake = Intake(intake.url)
        assert (await store.post(f"{path}/notification", {}, role="buyer")).json()["state"] == "notified"


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
@pytest.mark.rule("R201")
async def test_a_car_dealer_orders_without_compared_prices_only_what_was_applied_for_or_runs_low(
    lived: PartsStore,
) -> None:
    await supplied(lived, minimum=5)
    soon, lines = await later(lived, days=1), [{"part_code": BOARD, "quantity": 2, "unit_price": "145.00"}]
    order = {"supplier_number": "S-017", "lines": lines, "expected_at": soon}
    refused = await lived.post("/v1/purchase-orders", order, role="buyer")
    assert (refused.status_code, kind_of(refused)) == (403, "no-application")
    assert "3 suppliers" in refused.json()["expected"]
    assert (await lived.get("/v1/purchase-orders"))["items"] == []
    assert (await ordered(lived, quantity=2))["state"] == "placed"
    refill = {"supplier_number": "S-017", "part_codes": [BOARD], "expected_at": soon}
    assert (await lived.post("/v1/replenishment/orders", refill, role="buyer")).status_code == 201


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


@under("equipment-hq")
@pytest.mark.rule("R185")
async def test_headquarters_has_a_bought_in_part_solved_by_its_maker_through_purchasing(lived: PartsStore) -> None:
    await lived.part(BOARD)
    await lived.part("FAN-3")
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    problem = {**PROBLEM, "case_id": str(uuid4())}
    his_not = await lived.post("/v1/supplier-cases", {**problem, "part_code": "FAN-3"})
    assert kind_of(his_not) == "not-his-part"
    case = await lived.post("/v1/supplier-cases", {**problem, "part_code": BOARD})
    path = f"/v1/supplier-cases/{case.json()['id']}"
    assert (await lived.post(f"{path}/contact", {}, role="workshop_manager")).status_code == 403
    assert (await lived.post(f"{path}/contact", {}, role="buyer")).is_success


@under("equipment-maker")
@pytest.mark.rule("R256", "R328")
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
    path = f"/v1/supplier-cases/{prompt['id']}"
    for_order = f"/v1/supplier-cases?work_order_id={problem['work_order_id']}"
    assert (await lived.post(f"{path}/contact", {}, role="buyer")).is_success
    sent = (await lived.get(for_order))["items"]
    assert {one["id"]: one["work_order_id"] for one in sent} == dict.fromkeys(
        (prompt["id"], late["id"]), problem["work_order_id"]
    )
    assert (await lived.get(f"/v1/supplier-cases?work_order_id={uuid4()}"))["items"] == []
    assert kind_of(await lived.post(f"{path}/arrival", {}, role="buyer")) == "not-to-arrive"
    await tell(lived, prompt, problem=problem | {"part_code": BOARD})
    arrived = (await lived.post(f"{path}/arrival", {}, role="buyer")).json()
    assert (arrived["work_order_id"], arrived["on_site_at"] is not None) == (problem["work_order_id"], True)
    assert [one["id"] for one in (await lived.get(f"{for_order}&state=on_site"))["items"]] == [prompt["id"]]
    [notified] = await lived.said(SupplierNotified)
    assert str(notified.work_order_id) == problem["work_order_id"], "he is sent instead of a technician"
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


TURNS = {
    "design": ("quality_control", "design"),
    "purchasing": ("buyer", "buy"),
    "production": ("workshop_manager", "produce"),
    "transport": ("storekeeper", "ship"),
}


@under("equipment-maker")
@pytest.mark.rule("R029")
async def test_quality_control_urges_whoever_the_cause_of_a_problem_points_to_and_buys_nothing_itself(
    lived: PartsStore,
) -> None:
    wanted = {"case_id": str(uuid4()), "due_at": await later(lived, days=1)}
    for cause in TURNS:
        made = await lived.post("/v1/action-items", wanted | {"cause": cause}, role="quality_control")
        assert (made.status_code, made.json()["cause"]) == (201, cause), made.text
    said = await lived.said(ActionItemUrged)
    assert {one.cause: (one.role, one.task) for one in said} == TURNS
    for wrong in ({}, {"cause": "weather"}, {"cause": "design", "department": "design", "task": "design"}):
        refused = await lived.post("/v1/action-items", wanted | wrong, role="quality_control")
        assert refused.status_code == 422, wrong
    assert (await lived.post("/v1/action-items", wanted | {"cause": "design"}, role="technician")).status_code == 403
    asked = {"lines": [{"part_code": BOARD, "quantity": 1, "model": "LN-24"}], "destination": "store"}
    asked |= {"wanted_at": await later(lived, days=1)}
    assert (await lived.post("/v1/purchase-requests", asked, role="quality_control")).status_code == 403
    [design] = (await lived.get("/v1/action-items?department=design"))["items"]
    done = await lived.post(f"/v1/action-items/{design['id']}/done", {}, role="quality_control")
    assert done.json()["done_by"] is not None
    await lived.move(days=1, hours=1)
    late = [one.cause for one in await lived.said(ActionItemUrged) if one.reminder]
    assert sorted(str(cause) for cause in late) == ["production", "purchasing", "transport"]


@under("equipment-maker")
@pytest.mark.rule("R029")
async def test_quality_control_is_told_of_a_bought_in_part_with_a_problem_and_reads_what_it_is(
    lived: PartsStore,
) -> None:
    await lived.part(BOARD)
    assert (await lived.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    case = (await lived.post("/v1/supplier-cases", {**PROBLEM, "case_id": str(uuid4()), "part_code": BOARD})).json()
    [raised] = await lived.said(SupplierCaseRaised)
    assert (str(raised.supplier_case_id), raised.part_code) == (case["id"], BOARD)
    path = f"/v1/supplier-cases/{case['id']}/words?purpose=quality_review"
    assert (await lived.get(path, role="quality_control"))["problem"] == PROBLEM["problem"]


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
