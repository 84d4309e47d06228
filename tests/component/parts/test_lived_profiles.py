"""A case is lived under the policy of each regulation: what is distinctive of it, once kept and once broken."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from shared.contracts.facts import Urgency, WarrantyStatus
from shared.contracts.parts import PartArrived, PartsReserved, PartsShort
from support.case_events import START
from support.parts_lived import kind_of, present, under
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore

GOODS = {"kind": "return", "origin": "direct_shop", "part_code": BOARD, "quantity": 1, "reason": "quality"}


@under("car-dealer")
@pytest.mark.rule("R313", "R314", "R315", "R316")
async def test_a_car_dealer_hands_out_for_a_started_order_and_takes_back_what_was_not_used(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await lived.hear(asked)
    assert kind_of(await present(lived, asked)) == "work-order-not-started"
    await lived.hear(started(asked))
    assert kind_of(await lived.issue(asked)) == "order-not-presented"
    drawn = await present(lived, asked)
    assert drawn.status_code == 201
    assert [note["presented"] for note in drawn.json()["notes"]] == [asked.work_order_number]
    assert await lived.stock(BOARD) == (0, 0, 2)

    body = {"lines": [{"part_code": BOARD, "quantity": 1, "used": True}], "reason": "not_needed"}
    unsaid = await lived.post(f"/v1/requests/{asked.request_id}/returns", body)
    assert (unsaid.status_code, "received_at" in unsaid.text) == (422, True)
    body["received_at"] = (await lived.now()).isoformat()
    assert kind_of(await lived.post(f"/v1/requests/{asked.request_id}/returns", body)) == "part-used"
    not_yet = await lived.bring_back(asked, needs(PCB_77=1), received_at="2099-01-01T00:00:00Z")
    assert kind_of(not_yet) == "not-received-yet"
    assert await lived.stock(BOARD) == (0, 0, 2)
    assert (await lived.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert await lived.stock(BOARD) == (1, 0, 1)


@under("car-dealer")
@pytest.mark.rule("R198")
async def test_a_car_dealers_second_addition_is_confirmed_by_the_front_desk_before_it_is_drawn(
    lived: PartsStore,
) -> None:
    await lived.part(BOARD, on_hand=2)
    first = requested()
    addition = requested(work_order_id=first.work_order_id, at=START + timedelta(minutes=1))
    await lived.hear(first, addition, started(first))
    assert (await present(lived, first)).status_code == 201
    assert kind_of(await present(lived, addition)) == "addition-not-confirmed"
    confirmed = await lived.post(f"/v1/requests/{addition.request_id}/confirmation", {}, role="agent")
    assert confirmed.status_code == 200
    assert (await present(lived, addition)).status_code == 201


@under("doors-windows")
@pytest.mark.rule("R257")
async def test_who_goes_to_doors_and_windows_leaves_with_a_packed_kit(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=1)
    asked = requested()
    await lived.hear(asked, started(asked))
    assert kind_of(await lived.issue(asked)) == "kit-not-prepared"
    assert (await lived.post(f"/v1/requests/{asked.request_id}/preparation", {})).status_code == 200
    assert (await lived.issue(asked)).status_code == 201


@under("doors-windows")
@pytest.mark.rule("R240", "R314")
async def test_parts_for_doors_and_windows_leave_before_the_order_is_started_only_in_an_emergency(
    lived: PartsStore,
) -> None:
    await lived.part(BOARD, on_hand=2)
    usual, emergency = requested(), requested(urgency=Urgency.EMERGENCY)
    await lived.hear(usual, emergency)
    for asked in (usual, emergency):
        assert (await lived.post(f"/v1/requests/{asked.request_id}/preparation", {})).status_code == 200
    assert kind_of(await lived.issue(usual)) == "work-order-not-started"
    assert (await lived.issue(emergency)).status_code == 201
    back = await lived.now()
    await lived.move(minutes=10)
    await lived.hear(started(emergency, at=await lived.now()))
    returned = await lived.bring_back(emergency, received_at=back.isoformat())
    assert returned.status_code == 201, "it was drawn before the start"
    await lived.hear(cancelled(usual))
    assert kind_of(await lived.issue(usual)) == "work-order-over"


@under("car-dealer", "neutral")
@pytest.mark.rule("R314")
async def test_an_emergency_waits_for_the_start_where_no_regulation_says_otherwise(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=1)
    asked = requested(urgency=Urgency.EMERGENCY)
    await lived.hear(asked)
    assert kind_of(await present(lived, asked)) == "work-order-not-started"


@under("car-dealer")
@pytest.mark.rule("R199", "R320", "R321")
async def test_a_car_dealers_large_claim_order_waits_for_two_signatures_and_a_deposit(lived: PartsStore) -> None:
    asked = await lived.short(price="6000.00")
    assert (await lived.sign(asked)).is_success
    assert await lived.state(asked) == ("short", "awaiting_approval", "required")
    assert (await lived.place(asked)).status_code == 409
    assert (await lived.sign(asked, role="aftersales_director")).is_success
    assert (await lived.place(asked)).status_code == 409
    assert (await lived.pay(asked)).is_success
    for step in (lived.place, lived.arrive):
        assert (await step(asked)).is_success
    await lived.hear(started(asked))
    assert (await present(lived, asked)).is_success
    assert await lived.state(asked) == ("issued", "arrived", "held")
    await lived.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert await lived.state(asked) == ("settled", "arrived", "refunded")


@under("car-dealer")
@pytest.mark.rule("R320")
async def test_a_car_dealer_asks_for_no_deposit_beyond_the_warranty(lived: PartsStore) -> None:
    await lived.part(BOARD)
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await lived.hear(asked)
    assert await lived.state(asked) == ("short", "awaiting_approval", None)


@under("car-dealer")
@pytest.mark.rule("R195", "R196", "R197")
async def test_a_car_dealer_orders_for_an_accident_car_what_is_quoted_clearly_and_signed(lived: PartsStore) -> None:
    await lived.part(BOARD)
    first = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    added = requested(warranty=first.warranty, work_order_id=first.work_order_id, at=START + timedelta(hours=1))
    await lived.hear(first, added)
    for asked, reason in ((first, {}), (added, {"reason": "missed"})):
        assert (await lived.sign(asked)).is_success
        quotation = f"/v1/claim-orders/{(await lived.claim_of(asked))['id']}/quotation"
        unclear = {"lines": [{"part_code": BOARD, "name": "那块板", "quantity": 1}], **reason}
        assert kind_of(await lived.post(quotation, unclear, role="agent")) == "part-name-unclear"
        misquoted = f"{quotation.removesuffix('/quotation')}/misorders"
        assert kind_of(await lived.post(misquoted, {"part_code": BOARD, "person": "T08"})) == "not-ordered"
        clear = {"lines": [{"part_code": BOARD, "name": "主板", "quantity": 1}]}
        if asked is added:
            assert kind_of(await lived.post(quotation, clear, role="agent")) == "addition-without-reason"
        assert (await lived.post(quotation, {**clear, **reason}, role="agent")).is_success
        assert (await lived.post(misquoted, {"part_code": BOARD, "person": "T08"})).is_success, (
            "quoted, not yet ordered"
        )
        assert kind_of(await lived.place(asked)) == "quotation-not-signed"
        assert (await lived.post(f"{quotation}/signature", {}, role="workshop_manager")).is_success
        assert (await lived.place(asked)).is_success
    body = {"part_code": BOARD, "person": "T07"}
    charged = await lived.post(f"/v1/claim-orders/{(await lived.claim_of(first))['id']}/misorders", body)
    assert charged.is_success, charged.text
    [line] = (await lived.get("/v1/misorders?person=T07"))["items"]
    assert line["charge"] == "30.00"


@under("factory-rules", "consumer-electronics")
@pytest.mark.rule("R179")
async def test_goods_come_back_at_the_customers_cost_unless_the_general_manager_consents(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=0)
    asked = (await lived.post("/v1/goods-returns", {**GOODS, "origin": "customer"})).json()
    assert asked["borne_by"] == "customer"
    consent = f"/v1/goods-returns/{asked['id']}/consent"
    assert (await lived.post(consent, {"decision": "approve"}, role="marketing_vp")).status_code == 403
    assert (await lived.post(consent, {"decision": "approve"}, role="general_manager")).json()["borne_by"] == "company"


@under("group-complaint")
@pytest.mark.rule("R083")
async def test_the_groups_after_sales_accepts_what_direct_shops_give_back(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=0)
    made = await lived.post("/v1/goods-returns", GOODS)
    assert (made.status_code, made.json()["borne_by"]) == (201, "company"), "without anybody's consent"
    assert (await lived.post("/v1/goods-returns", {**GOODS, "origin": "market_stall"})).status_code == 422


@under("generic-quality", "dept-template", "equipment-maker")
@pytest.mark.rule("R468")
async def test_waiting_for_parts_has_a_clock_of_its_own(lived: PartsStore) -> None:
    asked = await lived.short()
    await lived.move(days=1)
    assert (await lived.get("/v1/clocks?overdue=true"))["items"] == []
    await lived.move(days=9)
    [late] = (await lived.get("/v1/clocks?overdue=true"))["items"]
    assert (late["clock"], late["subject_id"]) == ("parts_wait", str(asked.request_id))


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_a_complete_kit_is_handed_out_at_once_or_its_clock_says_so(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    prompt, late = requested(), requested()
    for asked in (prompt, late):
        await lived.hear(asked, started(asked, at=await lived.now() - timedelta(seconds=1)))
    assert (await lived.issue(prompt)).is_success
    await lived.move(days=2)
    overdue = (await lived.get("/v1/clocks?overdue=true"))["items"]
    assert [(one["clock"], one["subject_id"]) for one in overdue] == [("shipment", str(late.request_id))]


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_the_site_waits_from_when_it_needs_a_kit_whether_or_not_it_is_complete(lived: PartsStore) -> None:
    await lived.part(BOARD)
    now = await lived.now()
    early, late = requested(at=now - timedelta(minutes=30)), requested(at=now)
    for asked in (early, late):
        await lived.hear(asked, started(asked, at=now - timedelta(minutes=20)))
    clocks = {one["subject_id"]: one for one in (await lived.get("/v1/clocks"))["items"] if one["clock"] == "shipment"}
    since = {id_: datetime.fromisoformat(one["started_at"]) for id_, one in clocks.items()}
    assert since == {str(early.request_id): now - timedelta(minutes=20), str(late.request_id): now}


@under("equipment-maker")
@pytest.mark.rule("R232")
async def test_the_clock_of_a_shipment_ends_alike_after_every_order_of_events(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=100)
    for ending in (cancelled, completed):
        seen = set()
        for order in permutations(range(4)):
            asked = requested(at=START)
            told = (
                asked,
                started(asked, at=START - timedelta(hours=1)),
                started(asked, at=START + timedelta(hours=1)),
                ending(asked, at=START + timedelta(hours=2)),
            )
            await lived.hear(*(told[place] for place in order), told[order[0]])
            [clock] = (await lived.get(f"/v1/clocks?subject_id={asked.request_id}"))["items"]
            seen.add((clock["clock"], clock["started_at"], clock["stopped_at"]))
        [(name, since, until)] = seen
        assert (name, datetime.fromisoformat(since), datetime.fromisoformat(until)) == (
            "shipment",
            START,
            START + timedelta(hours=2),
        )


@under("equipment-maker", "software-project")
@pytest.mark.rule("R327")
async def test_nothing_leaves_for_the_site_before_the_kit_is_complete(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=1)
    await lived.part(FAN)
    asked = requested(lines=needs(FAN_3=1, PCB_77=1))
    await lived.hear(asked, started(asked))
    assert (await lived.issue(asked, needs(PCB_77=1))).status_code == 409
    assert await lived.stock(BOARD) == (1, 1, 0)
    for step in (lived.place, lived.arrive):
        assert (await step(asked)).is_success
    for some in (needs(PCB_77=1), needs(FAN_3=1)):
        assert kind_of(await lived.issue(asked, some)) == "kit-not-whole"
    assert (await lived.issue(asked)).status_code == 201
    assert (await lived.stock(BOARD), await lived.stock(FAN)) == ((0, 0, 1), (0, 0, 1))


@under("dept-template")
@pytest.mark.rule("R326")
async def test_a_stock_is_kept_and_what_runs_low_is_listed(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2, minimum=2)
    assert (await lived.get("/v1/stock?low=true"))["items"] == []
    await lived.hear(requested())
    [low] = (await lived.get("/v1/stock?low=true"))["items"]
    assert (low["part_code"], low["available"]) == (BOARD, 1)


@under("car-dealer")
@pytest.mark.rule("R295", "R298")
async def test_a_car_dealer_reconciles_what_was_issued_with_what_was_fitted(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await lived.hear(asked, started(asked))
    assert (await present(lived, asked)).is_success
    [note] = (await lived.request(asked))["notes"]
    assert (note["presented"], note["issued_to"]) == (asked.work_order_number, "T07"), "the order travels with the car"
    await lived.hear(completed(asked, fitted=needs(PCB_77=1)))
    [kept] = (await lived.get("/v1/reconciliations?unclear=true"))["items"]
    assert (kept["work_order_number"], kept["drawn_by"]) == (asked.work_order_number, ["T07"])
    assert [(line["issued"], line["fitted"], line["outstanding"]) for line in kept["lines"]] == [(2, 1, 1)]
    assert (await lived.bring_back(asked, needs(PCB_77=1))).is_success
    assert (await lived.get("/v1/reconciliations?unclear=true"))["items"] == []


@under("car-dealer")
@pytest.mark.rule("R322")
async def test_a_car_dealers_customer_is_told_again_while_his_part_lies_unused_and_not_once_it_is_fitted(
    lived: PartsStore,
) -> None:
    idle = await lived.short()
    fitted = requested()
    await lived.hear(fitted)
    for asked in (idle, fitted):
        for step in (lived.sign, lived.pay, lived.place, lived.arrive):
            assert (await step(asked)).is_success
    await lived.hear(started(fitted))
    assert (await present(lived, fitted)).is_success
    await lived.move(days=15)
    told = [(one.request_id, one.reminder) for one in await lived.said(PartArrived)]
    assert sorted(told, key=str) == sorted([(fitted.request_id, 0), *((idle.request_id, n) for n in range(3))], key=str)
    unused = (await lived.get("/v1/claim-orders?unused=true"))["items"]
    assert [one["request_id"] for one in unused] == [str(idle.request_id)]


@under("generic-1h")
@pytest.mark.rule("R214")
async def test_dispatch_hears_from_when_until_when_its_repair_waits_for_parts(lived: PartsStore) -> None:
    await lived.part(FAN, on_hand=1)
    there = requested(lines=needs(FAN_3=1))
    await lived.hear(there)
    assert await lived.said(PartsShort) == []
    asked = await lived.short()
    assert [one.request_id for one in await lived.said(PartsShort)] == [asked.request_id]
    await lived.move(days=2)
    receipt = {"part_code": BOARD, "quantity": 1, "reference": "DN-1"}
    assert (await lived.post("/v1/stock/receipts", receipt)).is_success
    await lived.settle()
    reserved = {one.request_id: one.reserved_at for one in await lived.said(PartsReserved)}
    assert reserved[asked.request_id] - reserved[there.request_id] >= timedelta(days=2)


@under("generic-flow")
@pytest.mark.rule("R143")
async def test_a_replacement_is_arranged_for_when_its_parts_can_be_there(lived: PartsStore) -> None:
    first = await lived.short()
    assert (await lived.place(first)).is_success
    expected = datetime.fromisoformat((await lived.claim_of(first))["expected_at"])
    await lived.hear(cancelled(first))
    served, unserved = requested(), requested(at=START + timedelta(hours=1))
    await lived.hear(served, unserved)
    await lived.settle()
    ready = {one.request_id: one.ready_at for one in await lived.said(PartsShort)}
    assert (ready[served.request_id], ready[unserved.request_id]) == (expected, None)
