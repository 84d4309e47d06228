"""What a request is promised: pieces on order with a day, pieces that are kept for longer, pieces before others."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parts.use_cases.promise_day import correct_promise
from shared.actor import Actor
from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import Urgency
from shared.contracts.parts import ClaimOrderPlaced, PartsReserved, PartsShort, ReservationExpired
from shared.messaging.unit_of_work import Cause
from support.case_events import START
from support.parts_news import BOARD, FAN, cancelled, needs, requested
from support.parts_store import STANDARD, PartsStore, open_parts_store
from testkit.servers.postgres import Postgres


async def on_order(store: PartsStore, asked: PartsRequested) -> datetime:
    """What was ordered for a request whose work order was called off: it comes and nobody waits for it."""
    await store.reach(asked, state="placed")
    expected = datetime.fromisoformat((await store.claim_of(asked))["expected_at"])
    await store.hear(cancelled(asked))
    return expected


@pytest.mark.rule("R327", "R143")
async def test_dispatch_hears_when_pieces_on_order_for_nobody_complete_a_kit(store: PartsStore) -> None:
    first = await store.short()
    expected = await on_order(store, first)
    one, another = requested(), requested(at=first.requested_at + timedelta(hours=1))
    await store.hear(one, another)
    await store.settle()
    ready = {event.request_id: event.ready_at for event in await store.said(PartsShort)}
    assert ready == {first.request_id: None, one.request_id: expected, another.request_id: None}
    assert datetime.fromisoformat((await store.request(one))["ready_at"]) == expected
    assert (await store.arrive(first)).status_code == 200
    await store.settle()
    assert [(await store.state(asked))[0] for asked in (one, another)] == ["reserved", "short"]


async def purchase(store: PartsStore, *, days: float, pieces: int = 1) -> str:
    """So many boards are bought for the store and expected in so many days; the path of their order."""
    expected, amount = (await store.now() + timedelta(days=days)).isoformat(), f"{180 * pieces}.00"
    body = {
        "lines": [{"part_code": BOARD, "quantity": pieces, "unit_price": "180.00"}],
        "quotes": [{"supplier": name, "amount": amount} for name in ("恒通", "华强", "永盛")],
        "chosen": "恒通",
        "expected_at": expected,
    }
    placed = await store.post("/v1/self-purchases", body, role="buyer")
    assert placed.status_code == 201, placed.text
    await store.settle()
    return f"/v1/purchase-orders/{placed.json()['id']}"


async def put_off(store: PartsStore, path: str, *, days: float) -> datetime:
    """The supplier names another day."""
    expected = await store.now() + timedelta(days=days)
    tracked = await store.post(f"{path}/tracking", {"expected_at": expected.isoformat()}, role="buyer")
    assert tracked.status_code == 200, tracked.text
    await store.settle()
    return expected


async def days_told(store: PartsStore, asked: PartsRequested) -> list[datetime | None]:
    """Each day that dispatch was told for a request, the last one as its file has it."""
    told = [event for event in await store.said(PartsShort) if event.request_id == asked.request_id]
    assert {event.short_at for event in told} == {told[0].short_at}, "since when it waits does not move"
    assert [event.promised_at for event in told] == sorted(event.promised_at or event.short_at for event in told)
    stored = (await store.request(asked))["ready_at"]
    assert (stored and datetime.fromisoformat(stored)) == told[-1].ready_at
    return [event.ready_at for event in told]


@pytest.mark.rule("R327", "R143")
async def test_dispatch_hears_each_day_on_which_a_kit_can_be_complete(store: PartsStore) -> None:
    first = await store.short()
    later = requested(at=first.requested_at + timedelta(hours=1))
    await store.hear(later)
    for asked in (first, later):
        assert (await store.pay(asked)).status_code == 200
    await store.settle()
    path = await purchase(store, days=5)
    [nothing_known, at_first] = await days_told(store, first)
    assert nothing_known is None
    assert at_first is not None
    sooner = await put_off(store, path, days=3)
    put_back = await put_off(store, path, days=9)
    assert await days_told(store, first) == [None, at_first, sooner, put_back]
    assert await days_told(store, later) == [None], "it is not for him"
    await store.hear(cancelled(first))
    await store.settle()
    assert await days_told(store, later) == [None, put_back], "now it is"
    await store.move(days=10)
    assert await days_told(store, later) == [None, put_back, None], "it has not come"
    once_more = await put_off(store, path, days=2)
    assert (await store.post(f"{path}/cancellation", {}, role="buyer")).status_code == 200
    await store.settle()
    assert await days_told(store, later) == [None, put_back, None, once_more, None]
    assert await store.rows("SELECT key FROM deadline WHERE kind = 'promise'") == []


async def test_whose_turn_is_before_takes_the_promised_day_of_who_waited(store: PartsStore) -> None:
    waiting = await store.short()
    await purchase(store, days=5)
    await purchase(store, days=9)
    urgent = requested(urgency=Urgency.EMERGENCY, at=waiting.requested_at + timedelta(hours=1))
    await store.hear(urgent)
    await store.settle()
    [_, soon, late] = [day or START for day in await days_told(store, waiting)]
    assert START < soon < late
    assert await days_told(store, urgent) == [None, soon], "and no other day before it"


async def test_an_order_of_its_own_counts_more_than_what_comes_for_nobody(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    own = datetime.fromisoformat((await store.claim_of(asked))["expected_at"])
    await purchase(store, days=1)
    assert [event.ready_at for event in await store.said(PartsShort)] == [None]
    assert datetime.fromisoformat((await store.request(asked))["ready_at"]) == own


@pytest.mark.rule("R327", "R143")
async def test_whose_own_order_is_late_is_promised_no_day_that_has_passed(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="approved")
    assert (await store.place(asked, days=3)).status_code == 200
    await store.move(days=2)
    assert [event.ready_at for event in await store.said(PartsShort)] == [None]
    await store.move(days=2)
    assert await days_told(store, asked) == [None, None], "it has not come"
    await purchase(store, days=9)
    [*_, in_its_place] = await days_told(store, asked)
    assert in_its_place is not None
    assert (await store.place(asked, days=1)).status_code == 200
    await store.settle()
    assert len(await days_told_of_orders(store)) == 2
    assert (await store.request(asked))["ready_at"] == (await store.claim_of(asked))["expected_at"]
    assert (await store.arrive(asked)).status_code == 200
    await store.move(days=20)
    assert len(await store.said(PartsShort)) == 3
    assert await store.rows("SELECT key FROM deadline WHERE kind = 'promise'") == []


async def days_told_of_orders(store: PartsStore) -> list[datetime]:
    """Each day for which a supplier has promised what was ordered for a request."""
    return [event.expected_at for event in await store.said(ClaimOrderPlaced)]


@pytest.mark.rule("R327")
async def test_who_has_an_order_of_his_own_does_not_take_the_day_of_those_behind_him(store: PartsStore) -> None:
    await store.part(BOARD)
    holder = requested(lines=needs(PCB_77=2))
    behind = requested(lines=needs(PCB_77=2), at=holder.requested_at + timedelta(hours=1))
    await store.hear(holder, behind)
    await store.reach(holder, state="approved")
    assert (await store.place(holder, days=5)).status_code == 200
    await store.pay(behind)
    path = await purchase(store, days=10, pieces=2)
    expected = (await store.get(path))["expected_at"]
    assert await days_told(store, behind) == [None, datetime.fromisoformat(expected)]


@pytest.mark.rule("R327", "R143")
async def test_who_is_about_to_be_served_out_of_turn_does_not_lose_his_day_a_moment_before(store: PartsStore) -> None:
    for code in (BOARD, FAN):
        await store.part(code)
    first = requested(lines=needs(PCB_77=1, FAN_3=1))
    small = requested(at=first.requested_at + timedelta(hours=1))
    await store.hear(first, small)
    for asked in (first, small):
        assert (await store.pay(asked)).status_code == 200
    path = await purchase(store, days=10, pieces=2)
    before = await days_told(store, small)
    assert before[-1] is not None
    lines = [{"part_code": BOARD, "quantity": 1}]
    came = await store.post(f"{path}/receipts", {"lines": lines, "delivery": "final"})
    assert came.status_code == 201, came.text
    async with store.works.begin(Cause(actor=Actor(kind="system", id="parts", role="deadline"))) as work:
        await correct_promise(work, part_code=BOARD, desk=store.service.api.state.desk)
        await work.commit()
    assert await days_told(store, small) == before
    await store.settle()
    assert (await store.state(small))[0] == "reserved"
    assert await days_told(store, first) == [None]


async def test_a_reservation_is_renewed_so_often_and_dispatch_hears_until_when(store: PartsStore) -> None:
    await store.part("PCB-77", on_hand=1)
    asked = requested()
    await store.hear(asked)
    path = f"/v1/requests/{asked.request_id}/renewal"
    for _ in range(2):
        await store.move(days=20)
        assert (await store.post(path, {})).status_code == 200
    refused = await store.post(path, {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/renewed-too-often")
    first, *_, last = await store.said(PartsReserved)
    assert last.reserved_at == first.reserved_at
    assert timedelta(days=69) < last.expires_at - first.reserved_at < timedelta(days=71)
    await store.move(days=29)
    assert (await store.state(asked))[0] == "reserved"
    await store.move(days=2)
    assert (await store.state(asked))[0] == "expired"


async def kept_in_part(store: PartsStore, *, state: str, days: float = 2) -> PartsRequested:
    """One of two boards is kept, the other one ordered: the claim order stands at `state`."""
    await store.part("PCB-77", on_hand=1)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    await store.reach(asked, state="approved")
    if state == "placed":
        assert (await store.place(asked, days=days)).status_code == 200
    assert await store.stock("PCB-77") == (1, 1, 0)
    return asked


async def test_what_is_kept_in_part_goes_back_when_its_time_is_over_and_is_renewed_until_then(
    store: PartsStore,
) -> None:
    asked = await kept_in_part(store, state="approved")
    await store.move(days=59)
    assert (await store.renew(asked)).status_code == 200
    await store.move(days=59)
    assert await store.state(asked) == ("short", "approved", "held")
    await store.move(days=2)
    assert await store.state(asked) == ("expired", "cancelled", "refunded")
    assert await store.stock("PCB-77") == (1, 0, 0)
    assert await store.said(PartsReserved) == [], "it was never whole"
    assert [event.request_id for event in await store.said(ReservationExpired)] == [asked.request_id]


async def test_what_is_kept_in_part_waits_for_the_day_that_the_supplier_promised(store: PartsStore) -> None:
    asked = await kept_in_part(store, state="placed", days=90)
    await store.move(days=100)
    assert await store.state(asked) == ("short", "placed", "held")
    await store.move(days=51)
    assert await store.state(asked) == ("expired", "placed", "refunded")
    assert (await store.arrive(asked)).status_code == 200
    assert await store.stock("PCB-77") == (2, 0, 0)


async def test_what_was_kept_in_part_and_is_whole_is_kept_as_a_whole_kit(store: PartsStore) -> None:
    asked = await kept_in_part(store, state="placed")
    await store.move(days=50)
    assert (await store.arrive(asked)).status_code == 200
    await store.move(days=59)
    assert (await store.state(asked))[0] == "reserved"
    await store.move(days=2)
    assert await store.state(asked) == ("expired", "arrived", "forfeited")


async def test_whose_customer_has_accepted_is_served_before_one_who_has_not_said_anything(store: PartsStore) -> None:
    undecided = await store.short()
    accepted = requested(at=undecided.requested_at + timedelta(hours=1))
    await store.hear(accepted)
    assert (await store.agree(accepted)).status_code == 200
    receipt = {"part_code": "PCB-77", "quantity": 1, "reference": "DN-1"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    await store.settle()
    assert [(await store.state(asked))[0] for asked in (undecided, accepted)] == ["short", "reserved"]
    assert accepted.lines == needs(PCB_77=1)


@pytest.mark.rule("R327")
async def test_where_the_policy_wants_kits_whole_nothing_is_kept_of_one_that_is_not(
    postgres: Postgres, parts_template: str, tmp_path: Path
) -> None:
    policy = tmp_path / "whole.toml"
    policy.write_text(STANDARD.read_text().replace('partial = "kept" ', 'partial = "whole_kit" ', 1))
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as store:
        await store.part("PCB-77", on_hand=1)
        large, small = requested(lines=needs(PCB_77=3)), requested()
        await store.hear(large, small)
        assert [(await store.state(asked))[0] for asked in (large, small)] == ["short", "reserved"]
        assert [line["quantity"] for line in (await store.claim_of(large))["lines"]] == [3]
        await store.reach(large, state="arrived")
        assert await store.stock("PCB-77") == (4, 4, 0)
        assert (await store.state(large))[0] == "reserved"
