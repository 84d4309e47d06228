"""A store whose regulation says nothing of the rules that are settings: none of them binds it."""

from datetime import timedelta
from uuid import uuid4

from shared.contracts.facts import WarrantyStatus
from shared.contracts.parts import ClaimOrderApproved, PartArrived
from support.case_events import START
from support.parts_lived import bought, given_out, kind_of, under
from support.parts_news import BOARD, FAN, completed, needs, requested, started
from support.parts_store import PartsStore


@under("generic-1h")
async def test_what_is_missing_is_ordered_without_signature_deposit_quotation_chase_or_clock(lived: PartsStore) -> None:
    asked = await lived.short(price="6000.00")
    beyond = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await lived.hear(beyond)
    for one in (asked, beyond):
        assert await lived.state(one) == ("short", "approved", None)
        assert (await lived.claim_of(one))["signatures_needed"] == []
        assert (await lived.sign(one)).status_code == 409
        assert (await lived.place(one)).is_success
    assert {one.request_id for one in await lived.said(ClaimOrderApproved)} == {asked.request_id, beyond.request_id}
    assert (await lived.arrive(asked)).is_success
    await lived.hear(started(asked))
    await lived.move(days=30)
    assert [one.reminder for one in await lived.said(PartArrived)] == [0]
    assert (await lived.get("/v1/clocks"))["items"] == []


@under("generic-1h")
async def test_parts_leave_for_a_started_order_piece_by_piece_and_what_is_added_too(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    await lived.part(FAN, on_hand=1)
    first = requested(lines=needs(FAN_3=1, PCB_77=1))
    addition = requested(work_order_id=first.work_order_id, at=START + timedelta(minutes=1))
    await lived.hear(first, addition, started(first))
    for asked, some in ((first, needs(PCB_77=1)), (first, needs(FAN_3=1)), (addition, needs(PCB_77=1))):
        assert (await lived.issue(asked, some)).status_code == 201


@under("generic-1h")
async def test_the_store_has_no_account_of_its_own_books_no_work_and_reckons_no_charge(lived: PartsStore) -> None:
    await bought(lived, BOARD, pieces=2, cost="100")
    await bought(lived, FAN, pieces=2, cost="2.50", is_consumable=True)
    [place] = (await lived.get("/v1/locations"))["items"]
    assert place["department"] == "company"
    drawn = {"department": "sales", "part_code": FAN, "quantity": 1}
    assert kind_of(await lived.post("/v1/internal-requisitions", drawn)) == "unknown-code"
    work = {"staff_number": "S1", "activity": "parts_management", "day": "2040-03-01", "minutes": 90}
    refused = await lived.post("/v1/store-work", work)
    assert (kind_of(refused), "the policy has no activity" in refused.text) == ("unknown-code", True)
    record = {"part_code": "X-1", "name_zh": "件", "name_en": "Part", "unit_price": "300", "price_source": "finance"}
    assert kind_of(await lived.post("/v1/parts", record)) == "unknown-code"
    assert (await lived.post("/v1/parts", {**record, "price_source": "store"})).status_code == 201
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await lived.hear(asked, started(asked))
    assert (await lived.issue(asked)).is_success
    await lived.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert (await lived.get(f"/v1/work-orders/{asked.work_order_id}/costs"))["charge"] == "0.00"


@under("generic-1h")
async def test_one_price_is_enough_no_shop_gives_back_and_nobody_consents_pays_or_is_timed(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=1)
    expected = (await lived.now() + timedelta(days=1)).isoformat()
    lines, quotes = (
        [{"part_code": BOARD, "quantity": 2, "unit_price": "145.00"}],
        [{"supplier": "恒通", "amount": "290"}],
    )
    body = {"lines": lines, "quotes": quotes, "chosen": "恒通", "expected_at": expected}
    assert (await lived.post("/v1/self-purchases", body, role="buyer")).status_code == 201
    goods = {"kind": "return", "origin": "customer", "part_code": BOARD, "quantity": 1, "reason": "quality"}
    goods |= {"left_with": await given_out(lived, BOARD, pieces=1)}
    given_back = (await lived.post("/v1/goods-returns", goods)).json()
    assert given_back["borne_by"] == "company"
    assert kind_of(await lived.post("/v1/goods-returns", {**goods, "origin": "direct_shop"})) == "unknown-code"
    asked = requested()
    await lived.hear(asked)
    claim = f"/v1/claim-orders/{(await lived.claim_of(asked))['id']}"
    assert (await lived.place(asked)).is_success
    misquoted = await lived.post(f"{claim}/misorders", {"part_code": BOARD, "person": "T07"})
    assert misquoted.is_success, misquoted.text
    [line] = (await lived.get("/v1/misorders?person=T07"))["items"]
    assert line["charge"] == "0.00"
    supplier = {
        "number": "S-017",
        "name": "恒通配件",
        "supplies": "主板",
        "contact_name": "周工",
        "phone": "010-5550117",
    }
    assert (await lived.post("/v1/suppliers", {**supplier, "part_codes": [BOARD]}, role="buyer")).status_code == 201
    problem = {
        "supplier_number": "S-017",
        "case_id": str(uuid4()),
        "part_code": BOARD,
        "problem": "烧毁",
        "quantity": 1,
    }
    case = await lived.post("/v1/supplier-cases", {**problem, "model": "LN-24"})
    assert (await lived.post(f"/v1/supplier-cases/{case.json()['id']}/contact", {}, role="buyer")).is_success
    await lived.move(days=3)
    assert (await lived.get("/v1/clocks"))["items"] == []
    back = await lived.post(f"/v1/goods-returns/{given_back['id']}/receipt", {"destination": "stock"})
    assert back.is_success, back.text


@under("generic-1h")
async def test_nobody_pays_for_a_tool_that_he_lost_while_it_was_overdue(lived: PartsStore) -> None:
    tool = {"code": "T-1", "name_zh": "示波器", "name_en": "Oscilloscope", "model": "OSC-2", "price": "880.00"}
    assert (await lived.post("/v1/tools", tool)).status_code == 201
    loan = (await lived.post("/v1/tool-loans", {"tool_code": "T-1", "borrower": "T07"})).json()
    await lived.move(days=2)
    lost = (await lived.post(f"/v1/tool-loans/{loan['id']}/loss", {})).json()
    assert (lost["state"], lost["owed"]) == ("written_off", None)
