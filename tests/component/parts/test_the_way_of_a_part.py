"""A request from its first word to its end: kept or ordered, drawn, fitted or brought back."""

from datetime import timedelta

import pytest

from shared.contracts.parts import (
    ClaimOrderApproved,
    ClaimOrderPlaced,
    DepositForfeited,
    DepositRefunded,
    DepositRequired,
    DepositWaived,
    PartArrived,
    PartsIssued,
    PartsReleased,
    PartsReserved,
    PartsReturned,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
)
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore


async def test_what_lies_on_the_shelf_is_kept_drawn_once_the_order_is_started_and_used_up(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=3)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    [reserved] = await store.said(PartsReserved)
    assert (reserved.lines, reserved.expires_at) == (asked.lines, reserved.reserved_at + timedelta(days=30))
    assert await store.stock(BOARD) == (3, 2, 0)
    await store.hear(started(asked))
    assert (await store.issue(asked)).status_code == 201
    [issued] = await store.said(PartsIssued)
    assert (issued.lines, issued.issued_to) == (asked.lines, "T07")
    assert await store.stock(BOARD) == (1, 0, 2)
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    assert await store.stock(BOARD) == (1, 0, 0)
    assert await store.state(asked) == ("settled", None, None)
    assert await store.rows("SELECT 1 FROM deadline WHERE kind <> 'cost_table'") == []


@pytest.mark.rule("R314")
async def test_nothing_is_issued_before_the_order_is_started_nor_after_it_is_over(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    refused = await store.issue(asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/work-order-not-started")
    assert await store.stock(BOARD) == (2, 2, 0)
    await store.hear(started(asked))
    assert (await store.issue(asked, needs(PCB_77=1))).status_code == 201
    await store.hear(completed(asked, fitted=needs(PCB_77=1)))
    late = await store.issue(asked, needs(PCB_77=1))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/work-order-over")
    assert await store.stock(BOARD) == (1, 0, 0)


@pytest.mark.rule("R313")
async def test_material_is_issued_only_against_what_the_work_order_asked_for(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=9)
    await store.part(FAN, on_hand=9)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    refused = await store.issue(asked, needs(PCB_77=3))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/more-than-reserved")
    other = await store.issue(asked, needs(FAN_3=1))
    assert (other.status_code, other.json()["type"]) == (422, "/problems/not-asked-for")
    twice = await store.issue(asked, (*needs(PCB_77=1), *needs(PCB_77=2)))
    assert twice.status_code == 409
    assert (await store.issue(requested(), needs(PCB_77=1))).status_code == 404
    assert await store.stock(BOARD) == (9, 2, 0)
    assert await store.stock(FAN) == (9, 0, 0)


@pytest.mark.rule("R327", "R320", "R321")
async def test_what_is_missing_is_ordered_against_a_deposit_which_is_refunded_once_it_is_fitted(
    store: PartsStore,
) -> None:
    await store.part(BOARD, on_hand=1)
    await store.part(FAN, on_hand=1)
    asked = requested(lines=needs(PCB_77=3, FAN_3=1))
    await store.hear(asked)
    [short] = await store.said(PartsShort)
    assert short.missing == needs(PCB_77=2)
    [required] = await store.said(DepositRequired)
    assert (str(required.amount), required.customer_id) == ("120.00", asked.customer_id)
    assert await store.stock(BOARD) == (1, 1, 0)

    await store.hear(started(asked))
    assert (await store.issue(asked, needs(FAN_3=1))).status_code == 409, "the kit is not complete"
    assert (await store.sign(asked)).status_code == 200
    assert len(await store.said(ClaimOrderApproved)) == 1
    unpaid = await store.place(asked)
    assert (unpaid.status_code, unpaid.json()["type"]) == (409, "/problems/deposit-not-paid")
    assert (await store.pay(asked)).status_code == 200
    assert (await store.place(asked, days=2)).status_code == 200
    [placed] = await store.said(ClaimOrderPlaced)
    assert await store.said(PartsReserved) == []
    assert (await store.arrive(asked)).status_code == 200
    [arrived] = await store.said(PartArrived)
    [reserved] = await store.said(PartsReserved)
    assert (arrived.lines, arrived.reminder, set(reserved.lines)) == (needs(PCB_77=2), 0, set(asked.lines))
    assert placed.expected_at > arrived.arrived_at
    assert await store.stock(BOARD) == (3, 3, 0)
    assert (await store.issue(asked)).status_code == 201
    assert await store.said(DepositRefunded) == []
    await store.hear(completed(asked, fitted=asked.lines))
    [refunded] = await store.said(DepositRefunded)
    assert (refunded.reason, refunded.amount) == ("fitted", required.amount)
    assert await store.state(asked) == ("settled", "arrived", "refunded")
    await store.settle()
    assert await store.rows("SELECT 1 FROM deadline WHERE kind <> 'cost_table'") == []


@pytest.mark.rule("R199")
@pytest.mark.parametrize(
    ("price", "needed"),
    [("5000.00", ["workshop_manager"]), ("5000.01", ["workshop_manager", "aftersales_director"])],
)
async def test_a_large_claim_order_bears_the_directors_signature_as_well(
    store: PartsStore, price: str, needed: list[str]
) -> None:
    asked = await store.short(price=price)
    assert (await store.claim_of(asked))["signatures_needed"] == needed
    assert (await store.pay(asked)).status_code == 200
    for role in needed:
        early = await store.place(asked)
        assert (early.status_code, early.json()["type"]) == (409, "/problems/not-placed")
        assert (await store.sign(asked, role=role)).status_code == 200
    assert len(await store.said(ClaimOrderApproved)) == 1
    assert (await store.place(asked)).status_code == 200


@pytest.mark.rule("R199")
async def test_only_those_who_have_to_sign_do_so_and_each_once(store: PartsStore) -> None:
    asked = await store.short(price="6000.00")
    assert (await store.sign(asked, role="storekeeper")).status_code == 403
    assert (await store.sign(asked)).status_code == 200
    again = await store.sign(asked)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/signed-already")
    assert (await store.claim_of(asked))["state"] == "awaiting_approval"
    assert (await store.sign(asked, role="aftersales_director")).status_code == 200
    late = await store.sign(asked, role="aftersales_director")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/not-signed")


async def test_a_small_claim_order_is_none_of_the_directors_business(store: PartsStore) -> None:
    asked = await store.short()
    refused = await store.sign(asked, role="aftersales_director")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-to-sign")


async def test_a_claim_order_that_is_refused_ends_the_request_and_gives_the_deposit_back(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.pay(asked)).status_code == 200
    assert (await store.sign(asked, decision="reject")).status_code == 200
    assert await store.state(asked) == ("unavailable", "rejected", "refunded")
    assert [event.reason for event in await store.said(PartsUnavailable)] == ["claim_rejected"]
    assert [event.reason for event in await store.said(DepositRefunded)] == ["unavailable"]


async def test_what_nobody_can_deliver_ends_the_request_and_gives_the_deposit_back(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    assert (await store.give_up(asked)).status_code == 200
    assert await store.state(asked) == ("unavailable", "cancelled", "refunded")
    assert [event.reason for event in await store.said(PartsUnavailable)] == ["not_obtainable"]
    assert (await store.arrive(asked)).status_code == 409


async def test_a_part_that_the_catalogue_does_not_know_is_not_obtainable(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested(lines=needs(PCB_77=1, NOBODY_1=1))
    await store.hear(asked)
    assert await store.state(asked) == ("unavailable", None, None)
    assert [event.reason for event in await store.said(PartsUnavailable)] == ["not_obtainable"]
    assert await store.stock(BOARD) == (1, 0, 0)


@pytest.mark.rule("R320")
async def test_who_declines_the_deposit_gets_no_part_ordered_and_what_was_kept_is_free_again(
    store: PartsStore,
) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    assert (await store.decline(asked)).status_code == 200
    assert await store.state(asked) == ("unavailable", "cancelled", "waived")
    assert [event.reason for event in await store.said(PartsUnavailable)] == ["deposit_declined"]
    assert [event.reason for event in await store.said(DepositWaived)] == ["declined"]
    assert await store.stock(BOARD) == (1, 0, 0)
    assert (await store.decline(asked)).status_code == 409
    assert (await store.pay(asked)).status_code == 409


@pytest.mark.rule("R320")
async def test_a_deposit_that_is_not_paid_in_time_lets_everything_go(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.sign(asked)).status_code == 200
    await store.move(days=2, hours=23)
    assert await store.state(asked) == ("short", "approved", "required")
    await store.move(hours=2)
    assert await store.state(asked) == ("unavailable", "cancelled", "waived")
    assert [event.reason for event in await store.said(PartsUnavailable)] == ["deposit_unpaid"]
    assert (await store.pay(asked)).status_code == 409


async def test_a_wrong_amount_is_refused_and_nobody_pays_twice(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.deposit_of(asked))["amount"] == "60.00"
    for wrong in ("59.99", "60.01", "0.01"):
        refused = await store.pay(asked, amount=wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/wrong-amount")
    for impossible in ("-60.00", "60.001", "NaN", "a lot"):
        assert (await store.pay(asked, amount=impossible)).status_code == 422
    assert (await store.pay(asked, amount="60")).status_code == 200
    again = await store.pay(asked)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/deposit-paid-already")
    assert (await store.story()).count("deposit_paid") == 1


@pytest.mark.parametrize("state", ["required", "held", "approved", "placed", "arrived", "issued"])
async def test_a_cancelled_order_gives_everything_back_wherever_it_is(store: PartsStore, state: str) -> None:
    asked = await store.short()
    await store.reach(asked, state=state)
    await store.hear(cancelled(asked))
    request, claim, deposit = await store.state(asked)
    assert request == ("owed" if state == "issued" else "released")
    assert claim == {"placed": "placed", "arrived": "arrived", "issued": "arrived"}.get(state, "cancelled")
    assert deposit == ("waived" if state == "required" else "refunded")
    refunded = [event.reason for event in await store.said(DepositRefunded)]
    waived = [event.reason for event in await store.said(DepositWaived)]
    assert (refunded, waived) == (([], ["cancelled"]) if state == "required" else (["cancelled"], []))
    assert len(await store.said(PartsReleased)) == (0 if state == "issued" else 1)
    await store.settle()
    assert await store.rows("SELECT 1 FROM deadline WHERE kind <> 'cost_table'") == []
    if state == "placed":
        assert (await store.arrive(asked)).status_code == 200
        assert await store.said(PartsReserved) == []
        assert await store.said(PartArrived) == []
    if state == "issued":
        assert (await store.bring_back(asked)).status_code == 201
        assert (await store.state(asked))[0] == "settled"
    assert await store.stock(BOARD) == ((1 if claim in {"placed", "arrived"} else 0), 0, 0)


async def test_a_reservation_that_nobody_draws_goes_back_to_the_shelf(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested()
    await store.hear(asked)
    await store.move(days=29, hours=23)
    assert await store.stock(BOARD) == (1, 1, 0)
    await store.move(hours=2)
    assert await store.stock(BOARD) == (1, 0, 0)
    assert await store.state(asked) == ("expired", None, None)
    assert len(await store.said(ReservationExpired)) == 1
    await store.hear(started(asked))
    assert (await store.issue(asked)).status_code == 409


async def test_once_something_was_drawn_the_rest_waits_for_the_end_of_the_order(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    assert (await store.issue(asked, needs(PCB_77=1))).status_code == 201
    await store.move(days=31)
    assert (await store.issue(asked, needs(PCB_77=1))).status_code == 201
    assert await store.stock(BOARD) == (0, 0, 2)


@pytest.mark.rule("R322")
async def test_a_customer_whose_part_lies_unused_is_told_again_until_it_is_drawn(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="arrived")
    [lying] = (await store.get("/v1/claim-orders?unused=true"))["items"]
    assert lying["request_id"] == str(asked.request_id)
    await store.move(days=15)
    assert [event.reminder for event in await store.said(PartArrived)] == [0, 1, 2]
    await store.hear(started(asked))
    assert (await store.issue(asked)).status_code == 201
    await store.move(days=15)
    assert len(await store.said(PartArrived)) == 3
    assert (await store.get("/v1/claim-orders?unused=true"))["items"] == []


@pytest.mark.rule("R320")
async def test_a_deposit_for_a_part_that_was_never_fitted_stays_with_the_company(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="arrived")
    await store.move(days=61)
    assert await store.state(asked) == ("expired", "arrived", "forfeited")
    assert [event.reason for event in await store.said(DepositForfeited)] == ["never_fitted"]
    assert await store.stock(BOARD) == (1, 0, 0)


async def test_a_repair_that_did_without_the_ordered_part_gives_the_deposit_back(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="issued")
    await store.hear(completed(asked))
    assert await store.state(asked) == ("owed", "arrived", "refunded")
    assert [event.reason for event in await store.said(DepositRefunded)] == ["not_needed"]


@pytest.mark.rule("R315")
async def test_what_was_used_is_not_taken_back(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=3)
    asked = requested(lines=needs(PCB_77=3))
    await store.hear(asked, started(asked))
    assert (await store.issue(asked)).status_code == 201
    used = await store.post(
        f"/v1/requests/{asked.request_id}/returns",
        {
            "lines": [{"part_code": BOARD, "quantity": 1, "used": True}],
            "reason": "not_needed",
            "received_at": (await store.now()).isoformat(),
        },
    )
    assert (used.status_code, used.json()["type"]) == (409, "/problems/part-used")
    await store.hear(completed(asked, fitted=needs(PCB_77=2)))
    fitted = await store.bring_back(asked, needs(PCB_77=2))
    assert (fitted.status_code, fitted.json()["type"]) == (409, "/problems/part-used")
    assert await store.stock(BOARD) == (0, 0, 1)


@pytest.mark.rule("R316")
async def test_a_return_is_posted_once_the_pieces_lie_in_the_store_again(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    assert (await store.bring_back(asked)).status_code == 409, "nothing was drawn yet"
    await store.move(minutes=20)
    unissued = (await store.now() - timedelta(minutes=10)).isoformat()
    assert (await store.issue(asked)).status_code == 201
    before = await store.bring_back(asked, received_at=unissued)
    assert (before.status_code, before.json()["type"]) == (422, "/problems/received-before-issue")
    tomorrow = (await store.now() + timedelta(days=1)).isoformat()
    early = await store.bring_back(asked, received_at=tomorrow)
    assert (early.status_code, early.json()["type"]) == (422, "/problems/not-received-yet")
    assert (await store.bring_back(asked, received_at="2039-01-01T00:00:00Z")).status_code == 422
    path = f"/v1/requests/{asked.request_id}/returns"
    body = {"lines": [{"part_code": BOARD, "quantity": 1}], "reason": "not_needed"}
    unsaid = await store.post(path, body)
    assert (unsaid.status_code, "received_at" in unsaid.text) == (422, True), "nobody says that they lie there"
    body["received_at"] = (await store.now()).isoformat()
    assert (await store.post(path, body, role="technician", subject="T07")).status_code == 403
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert [event.lines for event in await store.said(PartsReturned)] == [needs(PCB_77=1)]
    assert await store.stock(BOARD) == (1, 0, 1)
    await store.hear(completed(asked))
    [owed] = (await store.get("/v1/requests?state=owed"))["items"]
    assert owed["id"] == str(asked.request_id)
    assert (await store.bring_back(asked)).status_code == 409, "one is back already"
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert (await store.state(asked))[0] == "settled"
    assert await store.stock(BOARD) == (2, 0, 0)


async def test_a_supplier_who_names_a_later_or_an_earlier_day_moves_what_is_expected(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    assert (await store.place(asked, days=9)).status_code == 200
    assert (await store.place(asked, days=1)).status_code == 200
    first, later, earlier = await store.said(ClaimOrderPlaced)
    assert earlier.expected_at < first.expected_at < later.expected_at
    assert first.placed_at < later.placed_at < earlier.placed_at, "what was said last counts"
    assert (await store.claim_of(asked))["placed_at"] == first.placed_at.isoformat().replace("+00:00", "Z")
    assert (await store.place(asked, days=-1)).status_code == 422


async def test_each_of_two_requests_of_an_order_is_settled_by_what_was_fitted(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=3)
    first = requested(lines=needs(PCB_77=1))
    second = requested(work_order_id=first.work_order_id, lines=needs(PCB_77=2))
    await store.hear(first, second, started(first))
    assert (await store.issue(first)).status_code == 201
    assert (await store.issue(second)).status_code == 201
    await store.hear(completed(first, fitted=needs(PCB_77=2)))
    assert await store.stock(BOARD) == (0, 0, 1)
    assert sorted([(await store.state(first))[0], (await store.state(second))[0]]) == ["owed", "settled"]


async def test_what_was_fitted_and_never_issued_is_listed_and_earns_no_deposit(store: PartsStore) -> None:
    asked, clear = await store.short(), requested(lines=needs(FAN_3=1))
    await store.part(FAN, on_hand=1)
    await store.hear(clear, started(asked), started(clear))
    await store.reach(asked, state="arrived")
    before = await store.stock(BOARD)
    assert (await store.issue(clear)).status_code == 201
    await store.hear(completed(asked, fitted=asked.lines), completed(clear, fitted=clear.lines))
    [listed] = (await store.get("/v1/requests?discrepancy=true"))["items"]
    assert listed["id"] == str(asked.request_id)
    assert (await store.request(asked))["not_issued"] == [line.model_dump() for line in asked.lines]
    [without] = (await store.get("/v1/requests?discrepancy=false"))["items"]
    assert (without["id"], (await store.request(clear))["not_issued"]) == (str(clear.request_id), [])
    on_hand, reserved, issued = before
    assert await store.stock(BOARD) == (on_hand, 0, issued), f"{reserved} were kept and are free again"
    assert [event.reason for event in await store.said(DepositRefunded)] == ["not_needed"]


async def test_what_turns_up_on_the_shelf_is_kept_instead_of_ordered(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.pay(asked)).status_code == 200
    path = f"/v1/requests/{asked.request_id}/reservation"
    refused = await store.post(path, {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/still-missing")
    assert await store.state(asked) == ("short", "awaiting_approval", "held")
    receipt = {"part_code": BOARD, "quantity": 2, "reference": "DN-7"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    assert (await store.post(path, {})).status_code == 200
    assert await store.state(asked) == ("reserved", "cancelled", "refunded")
    assert [event.reason for event in await store.said(DepositRefunded)] == ["not_needed"]
    assert len(await store.said(PartsReserved)) == 1
    assert await store.stock(BOARD) == (2, 1, 0)
    assert (await store.post(path, {})).status_code == 409
