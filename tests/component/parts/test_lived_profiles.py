"""A case is lived under the policy of each regulation: what is distinctive of it, once kept and once broken."""

from datetime import timedelta

import pytest

from shared.contracts.facts import WarrantyStatus
from support.case_events import START
from support.parts_lived import kind_of, present, under
from support.parts_news import BOARD, FAN, completed, needs, requested, started
from support.parts_store import PartsStore


@under("car-dealer")
@pytest.mark.rule("R313", "R314", "R315", "R316")
async def test_a_car_dealer_hands_out_for_a_started_order_and_takes_back_what_was_not_used(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await lived.hear(asked)
    assert kind_of(await present(lived, asked)) == "work-order-not-started"
    await lived.hear(started(asked))
    assert kind_of(await lived.issue(asked)) == "order-not-presented"
    assert (await present(lived, asked)).status_code == 201
    assert await lived.stock(BOARD) == (0, 0, 2)

    body = {"lines": [{"part_code": BOARD, "quantity": 1, "used": True}], "reason": "not_needed"}
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
    assert (await lived.sign(asked)).is_success
    assert (await lived.place(asked)).is_success


@under("equipment-maker", "software-project")
@pytest.mark.rule("R327")
async def test_nothing_leaves_for_the_site_before_the_kit_is_complete(lived: PartsStore) -> None:
    await lived.part(BOARD, on_hand=1)
    await lived.part(FAN)
    asked = requested(lines=needs(FAN_3=1, PCB_77=1))
    await lived.hear(asked, started(asked))
    assert (await lived.issue(asked, needs(PCB_77=1))).status_code == 409
    assert await lived.stock(BOARD) == (1, 1, 0)
    for step in (lived.sign, lived.place, lived.arrive):
        assert (await step(asked)).is_success
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
    await lived.hear(completed(asked, fitted=needs(PCB_77=1)))
    [kept] = (await lived.get("/v1/reconciliations?unclear=true"))["items"]
    assert (kept["work_order_number"], kept["drawn_by"]) == (asked.work_order_number, ["T07"])
    assert [(line["issued"], line["fitted"], line["outstanding"]) for line in kept["lines"]] == [(2, 1, 1)]
    assert (await lived.bring_back(asked, needs(PCB_77=1))).is_success
    assert (await lived.get("/v1/reconciliations?unclear=true"))["items"] == []
