"""A bought-in part has a problem on site: its supplier is contacted, told in writing, tracked, and pays (R185)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from parts.intake import Intake
from shared.contracts.parts import (
    ClockBreached,
    ClockWarned,
    SupplierCaseSolved,
    SupplierNotified,
    SupplierServiceReported,
)
from support.intake_stand_in import IntakeStandIn
from support.parts_news import BOARD, FAN
from support.parts_store import PartsStore, under_another_policy
from support.service_room import Json
from testkit.suite import policy_file

CASE, CUSTOMER, SITE = uuid4(), uuid4(), uuid4()
ADDRESS, NAME, PHONE = "中关村南大街5号<1>", "王小明", "+8613800138000"
SUPPLIER = {
    "number": "S-017",
    "name": "恒通配件",
    "supplies": "主板",
    "contact_name": "周工",
    "phone": "010-5550117",
    "part_codes": [BOARD],
}
PROBLEM = {"problem": "主板烧毁", "model": "LN-24", "quantity": 2}
COSTS = [
    {"kind": "material", "amount": "520.00", "bearer": "supplier"},
    {"kind": "travel", "amount": "80.00", "bearer": "supplier"},
    {"kind": "labour", "amount": "100.00", "bearer": "company"},
]


@pytest.fixture
async def intake(store: PartsStore) -> AsyncIterator[IntakeStandIn]:
    """An intake that knows the case, of which parts was told."""
    async with IntakeStandIn.running() as running:
        running.cases[CASE], running.emails[CUSTOMER], running.addresses[SITE] = (CUSTOMER, SITE), None, ADDRESS
        running.addresses[uuid4()] = "another site of his"
        told = store.service.api.state.intake
        store.service.api.state.intake = Intake(running.url)
        yield running
        store.service.api.state.intake = told


async def raised(store: PartsStore, **more: object) -> Json:
    """A burnt board of S-017."""
    await store.part(BOARD)
    assert (await store.post("/v1/suppliers", SUPPLIER, role="buyer")).status_code == 201
    body = {"supplier_number": "S-017", "part_code": BOARD, "case_id": str(CASE), **PROBLEM, **more}
    made = await store.post("/v1/supplier-cases", body, role="workshop_manager")
    assert made.status_code == 201, made.text
    return made.json()


async def complete(store: PartsStore) -> str:
    """The address of a supplier case of which a notice can be written."""
    solve_by = (await store.now() + timedelta(days=2)).isoformat()
    case = await raised(store, solve_by=solve_by)
    path = f"/v1/supplier-cases/{case['id']}"
    async with store.client("buyer") as client:
        costs = await client.put(f"{path}/costs", json={"costs": COSTS}, headers={"If-Match": "*"})
    assert costs.status_code == 200, costs.text
    return path


async def printed(store: PartsStore, path: str, *, query: str = "", role: str = "buyer") -> str:
    async with store.client(role, subject="B1") as client:
        answer = await client.get(f"{path}/notice?purpose=supplier_notice{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


@pytest.mark.rule("R037", "R185", "R256")
async def test_the_supplier_of_a_bought_in_part_is_sent_for_the_work_order_and_nobody_else(store: PartsStore) -> None:
    order = uuid4()
    case = await raised(store, work_order_id=str(order))
    assert (case["state"], case["work_order_id"]) == ("raised", str(order))
    assert [one["id"] for one in (await store.get(f"/v1/supplier-cases?work_order_id={order}"))["items"]] == [
        case["id"]
    ]
    await store.part(FAN)
    own = {"supplier_number": "S-017", "part_code": FAN, "case_id": str(CASE), **PROBLEM}
    refused = await store.post("/v1/supplier-cases", own)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-his-part")
    outside = await store.post(f"/v1/supplier-cases/{case['id']}/contact", {}, role="dispatcher")
    assert outside.status_code == 403, "it is coordinated through purchasing"


@pytest.mark.rule("R328")
async def test_a_supplier_who_is_not_contacted_at_the_first_moment_is_warned_of_and_then_a_broken_promise(
    store: PartsStore,
) -> None:
    case = await raised(store)
    await store.move(hours=1, minutes=30)
    assert [str(one.supplier_case_id) for one in await store.said(ClockWarned)] == [case["id"]]
    assert await store.said(ClockBreached) == []
    await store.move(hours=4)
    [breached] = await store.said(ClockBreached)
    assert (breached.case_id, breached.clock.clock) == (CASE, "supplier_contact")


@pytest.mark.rule("R328")
async def test_contact_keeps_the_promise(store: PartsStore) -> None:
    case = await raised(store)
    contacted = (await store.post(f"/v1/supplier-cases/{case['id']}/contact", {}, role="buyer")).json()
    assert (contacted["state"], contacted["contacted_at"] is not None) == ("contacted", True)
    await store.move(days=2)
    assert (await store.said(ClockWarned), await store.said(ClockBreached)) == ([], [])
    [clock] = (await store.get(f"/v1/clocks?subject_id={case['id']}"))["items"]
    assert clock["stopped_at"] is not None


@pytest.mark.rule("R329")
async def test_the_written_notice_has_all_eight_fields_in_both_languages_and_contact_data_of_the_moment(
    store: PartsStore, intake: IntakeStandIn
) -> None:
    path = await complete(store)
    chinese = await printed(store, path)
    for field in (
        "主板烧毁",
        "LN-24",
        ">2<",
        "中关村南大街5号&lt;1&gt;",
        NAME,
        PHONE,
        "要求解决时间",
        "CNY 600.00",
        "材料费",
    ):
        assert field in chinese, field
    assert "another site" not in chinese
    english = await printed(store, path, query="&lang=en&format=text")
    assert all(
        f"\n{line}" in english for line in ("Model: LN-24", "* Required solution time: 20", "* Costs to bear: CNY")
    )
    [asked, _] = intake.asked
    assert asked[:2] == (CUSTOMER, "supplier_notice")
    assert asked[2] is not None
    assert asked[2].startswith("Bearer "), "intake sees who asks, and decides whether he may"
    [entry, _] = (await store.get("/v1/audit?action=supplier_notice_written", role="auditor"))["items"]
    assert (entry["actor_id"], entry["purpose"]) == ("B1", "supplier_notice")
    kept = str(await store.rows("SELECT supplier_case::text FROM supplier_case"))
    kept += str(await store.rows("SELECT audit_entry::text FROM audit_entry"))
    kept += str(await store.rows("SELECT convert_from(body, 'UTF8') FROM outbox"))
    assert not [secret for secret in (NAME, PHONE, "中关村") if secret in kept], "it is kept nowhere"


@pytest.mark.rule("R329")
async def test_a_notice_without_a_field_is_neither_printed_nor_said_to_be_sent_and_the_refusal_names_it(
    store: PartsStore, intake: IntakeStandIn
) -> None:
    case = await raised(store, model=None)
    path = f"/v1/supplier-cases/{case['id']}"
    del intake.addresses[SITE]
    async with store.client("buyer") as client:
        refused = await client.get(f"{path}/notice?purpose=supplier_notice")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/notice-incomplete")
    assert refused.json()["detail"] == "the notice has no model, address, solve_by, costs"
    assert (await store.post(f"{path}/notification", {}, role="buyer")).json()["type"] == "/problems/notice-incomplete"
    assert (await store.get(path))["state"] == "raised"
    async with store.client("storekeeper") as client:
        assert (await client.get(f"{path}/notice?purpose=supplier_notice")).status_code == 403
    async with store.client("buyer") as client:
        assert (await client.get(f"{path}/notice")).status_code == 422, "what for?"


@pytest.mark.rule("R329", "R330")
async def test_a_supplier_who_was_told_in_writing_comes_is_judged_until_it_is_solved_and_bears_his_costs(
    store: PartsStore, intake: IntakeStandIn
) -> None:
    assert intake.url
    path, since = await complete(store), await store.now()
    assert (await store.post(f"{path}/arrival", {}, role="buyer")).status_code == 409
    told = await store.post(f"{path}/notification", {}, role="buyer")
    assert (told.status_code, told.json()["state"]) == (200, "notified")
    assert [one.case_id for one in await store.said(SupplierNotified)] == [CASE]
    assert (await store.post(f"{path}/arrival", {}, role="buyer")).json()["state"] == "on_site"
    report = {"quality": "poor", "course": "只带了一块主板"}
    assert (await store.post(f"{path}/reports", report | {"quality": "so-so"}, role="buyer")).status_code == 422
    assert (await store.post(f"{path}/reports", report, role="buyer")).status_code == 201
    assert (await store.post(f"{path}/settlement", {}, role="buyer")).status_code == 409
    await store.move(days=3)
    solved = await store.post(f"{path}/solution", {"quality": "fair", "course": "更换两块"}, role="buyer")
    assert (solved.json()["state"], [one["quality"] for one in solved.json()["reports"]]) == (
        "solved",
        ["poor", "fair"],
    )
    assert [one.quality for one in await store.said(SupplierServiceReported)] == ["poor", "fair"]
    assert len(await store.said(SupplierCaseSolved)) == 1
    assert (await store.post(f"{path}/reports", report, role="buyer")).status_code == 409
    assert (await store.post(f"{path}/settlement", {}, role="buyer")).json()["state"] == "settled"

    period = f"since={since:%Y-%m-%dT%H:%M:%SZ}&until={await store.now() + timedelta(1):%Y-%m-%dT%H:%M:%SZ}"
    [line] = (await store.get(f"/v1/supplier-service?{period}"))["suppliers"]
    assert (line["raised"], line["solved"], line["late"], line["borne"]) == (1, 1, 1, "600.00")
    async with store.client() as client:
        sheet = await client.get(f"/v1/supplier-service.csv?{period}")
    assert sheet.text.splitlines() == [
        "supplier_number,supplier_name,raised,solved,late,mean_hours,borne,good,fair,poor",
        "S-017,恒通配件,1,1,1,72.0,600.00,0,1,1",
    ]


@pytest.mark.rule("R331")
async def test_contact_and_phone_of_what_goes_to_the_site_are_shown_for_a_purpose_and_kept_nowhere(
    store: PartsStore, intake: IntakeStandIn
) -> None:
    await store.part(BOARD)
    lines = [{"part_code": BOARD, "quantity": 2, "model": "LN-24"}]
    wanted = {"lines": lines, "wanted_at": (await store.now() + timedelta(days=5)).isoformat()}
    to_site = await store.post("/v1/purchase-requests", {**wanted, "destination": "site", "case_id": str(CASE)})
    to_store = await store.post("/v1/purchase-requests", {**wanted, "destination": "store"})
    path = f"/v1/purchase-requests/{to_site.json()['id']}/delivery"
    async with store.client("buyer") as client:
        shown = await client.get(f"{path}?purpose=delivery")
        silent = await client.get(path)
        refused = await client.get(f"/v1/purchase-requests/{to_store.json()['id']}/delivery?purpose=delivery")
    delivery = shown.json()
    assert (delivery["contact"], delivery["phone"], delivery["address"]) == (NAME, PHONE, ADDRESS)
    assert (delivery["lines"], delivery["destination"]) == ([lines[0] | {"came": 0}], "site")
    assert shown.headers["Cache-Control"] == "no-store"
    assert (refused.status_code, silent.status_code) == (409, 422)
    assert [purpose for _, purpose, _ in intake.asked] == ["delivery"]
    assert PHONE not in str(await store.rows("SELECT purchase_request::text FROM purchase_request"))


@pytest.mark.parametrize(
    ("answered", "status"), [(403, 403), (404, 404), (410, 410), (422, 422), (500, 503), (None, 503)], ids=str
)
async def test_what_intake_does_not_show_is_not_written(
    store: PartsStore, intake: IntakeStandIn, answered: int | None, status: int
) -> None:
    path = await complete(store)
    intake.status = answered
    if answered is None:
        store.service.api.state.intake = Intake(None)
    async with store.client("buyer") as client:
        assert (await client.get(f"{path}/notice?purpose=supplier_notice")).status_code == status
    assert (await store.get("/v1/audit?action=supplier_notice_written", role="auditor"))["items"] == []


async def test_what_is_wrong_may_be_said_better_until_it_is_solved(store: PartsStore) -> None:
    case = await raised(store)
    path = f"/v1/supplier-cases/{case['id']}"
    body = {"supplier_number": "S-017", "part_code": BOARD, "case_id": str(CASE), **PROBLEM, "quantity": 3}
    async with store.client() as client:
        better = await client.put(path, json=body, headers={"If-Match": '"1"'})
        another = await client.put(path, json=body | {"case_id": str(UUID(int=7))}, headers={"If-Match": "*"})
    assert (better.status_code, better.json()["quantity"], another.status_code) == (200, 3, 409)


@pytest.mark.rule("R328")
async def test_a_supplier_who_is_contacted_is_contacted_in_time_whatever_policy_came_meanwhile(
    store: PartsStore,
) -> None:
    case = await raised(store)
    async with under_another_policy(store, policy=policy_file("parts", profile="generic-1h")) as switched:
        assert (await switched.post(f"/v1/supplier-cases/{case['id']}/contact", {}, role="buyer")).is_success
        await switched.move(days=2)
        assert await switched.said(ClockBreached) == []


@pytest.mark.rule("R185")
async def test_whoever_may_not_read_the_problem_changes_the_rest_of_a_supplier_case_and_keeps_it(
    store: PartsStore,
) -> None:
    case = await raised(store)
    path, body = f"/v1/supplier-cases/{case['id']}", {"supplier_number": "S-017", "part_code": BOARD}
    for problem, kept in (({}, PROBLEM["problem"]), ({"problem": "风扇不转"}, "风扇不转"), ({}, "风扇不转")):
        async with store.client("dispatcher") as client:
            changed = body | {"case_id": str(CASE), "quantity": 3} | problem
            answer = await client.put(path, json=changed, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["quantity"]) == (200, 3), answer.text
        async with store.client("buyer") as client:
            words = await client.get(f"{path}/words?purpose=supplier_service")
        assert words.json()["problem"] == kept
