"""How long a request waits: for its parts, for the customer's deposit, and to be handed out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.envelope import Event
from shared.contracts.parts import ClockBreached, ClockWarned
from support.case_events import START
from support.parts_news import BOARD, cancelled, completed, requested, started
from support.parts_store import PartsStore, under_another_policy
from support.service_room import Json
from testkit.suite import policy_file

HOUR = timedelta(hours=1)


async def clocks_of(store: PartsStore, asked: PartsRequested) -> dict[str, Json]:
    """Every clock of a request by its name, with all that is known of it."""
    found = (await store.get(f"/v1/clocks?subject_id={asked.request_id}"))["items"]
    return {one["clock"]: await store.get(f"/v1/clocks/{one['id']}") for one in found}


@pytest.mark.parametrize("ending", [cancelled, completed], ids=["called off", "done"])
async def test_the_clock_of_a_complete_kit_ends_alike_whenever_the_start_is_heard(
    store: PartsStore, ending: Callable[..., Event]
) -> None:
    await store.part(BOARD, on_hand=100)
    for order in permutations(range(3)):
        asked = requested(at=START)
        told = (started(asked, at=START), started(asked, at=START - HOUR), ending(asked, at=START + HOUR))
        await store.hear(asked, *(told[place] for place in order), told[order[0]])
        [clock] = (await clocks_of(store, asked)).values()
        [request] = await store.rows("SELECT reserved_at FROM parts_request WHERE id = :id", id=asked.request_id)
        times = [datetime.fromisoformat(clock[name]) for name in ("started_at", "stopped_at")]
        assert times == [max(START - HOUR, request["reserved_at"]), START + HOUR]
    assert [one for one in (await store.get("/v1/clocks?running=true"))["items"] if one["clock"] == "shipment"] == []


@pytest.mark.rule("R468")
async def test_waiting_for_parts_is_timed_from_short_to_arrival_without_what_the_customer_took(
    store: PartsStore,
) -> None:
    asked = await store.short()
    assert (await store.sign(asked)).status_code == 200
    await store.move(days=2)
    assert (await store.pay(asked)).status_code == 200
    assert (await store.place(asked, days=3)).status_code == 200
    await store.move(days=1)
    running = (await clocks_of(store, asked))["parts_wait"]
    assert running["stopped_at"] is None
    assert (await store.arrive(asked)).status_code == 200
    waited = (await clocks_of(store, asked))["parts_wait"]
    assert waited["stopped_at"] is not None
    assert {one["name"] for one in waited["intervals"] if one["why"] == "paused"} == {"deposit"}
    await store.move(days=30)
    assert (await clocks_of(store, asked))["parts_wait"]["elapsed_seconds"] == waited["elapsed_seconds"] > 0


@pytest.mark.rule("R468")
async def test_parts_that_are_waited_for_too_long_are_reported(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.pay(asked)).status_code == 200
    await store.move(days=9)
    [warned] = [one for one in await store.said(ClockWarned) if one.clock.clock == "parts_wait"]
    [breached] = [one for one in await store.said(ClockBreached) if one.clock.clock == "parts_wait"]
    assert (warned.request_id, breached.request_id) == (asked.request_id, asked.request_id)
    [late] = (await store.get("/v1/clocks?overdue=true"))["items"]
    assert late["subject_id"] == str(asked.request_id)


@pytest.mark.rule("R320")
async def test_an_unpaid_deposit_has_a_clock_of_its_own(store: PartsStore) -> None:
    asked = await store.short()
    await store.move(hours=1)
    assert (await clocks_of(store, asked))["deposit"]["stopped_at"] is None
    assert (await store.pay(asked)).status_code == 200
    assert (await clocks_of(store, asked))["deposit"]["stopped_at"] is not None


@pytest.mark.rule("R232")
@pytest.mark.parametrize("order", ["reserved first", "started first"])
async def test_a_kit_that_is_complete_for_a_started_order_is_handed_out_at_once_or_reported(
    store: PartsStore, order: str
) -> None:
    await store.part(BOARD, on_hand=2)
    late, prompt = requested(), requested()
    for asked in (late, prompt):
        began = started(asked, at=await store.now() - timedelta(seconds=1))
        await store.hear(*((asked, began) if order == "reserved first" else (began, asked)))
    assert (await store.issue(prompt)).status_code == 201
    await store.move(days=2)
    assert [one.request_id for one in await store.said(ClockBreached)] == [late.request_id]
    await store.hear(cancelled(late))
    for asked in (late, prompt):
        assert (await clocks_of(store, asked))["shipment"]["stopped_at"] is not None


@pytest.mark.rule("R468", "R232", "R320")
async def test_what_began_to_wait_under_one_policy_waits_no_more_under_another_once_it_is_over(
    store: PartsStore,
) -> None:
    waiting, handed_out = requested(), requested()
    await store.part(BOARD, on_hand=1)
    await store.hear(handed_out, started(handed_out), waiting)
    assert (await clocks_of(store, waiting)).keys() == {"parts_wait", "deposit"}
    async with under_another_policy(store, policy=policy_file("parts", profile="generic-1h")) as switched:
        assert (await switched.pay(waiting)).status_code == 200
        resumed = (await clocks_of(switched, waiting))["parts_wait"]
        assert resumed["state"] != "paused", "the customer has paid"
        receipt = {"part_code": BOARD, "quantity": 1, "reference": "back"}
        assert (await switched.post("/v1/stock/receipts", receipt)).status_code == 201
        assert (await switched.issue(handed_out)).status_code == 201
        await switched.settle()
        assert (await switched.request(waiting))["state"] == "reserved"
        await switched.move(days=30)
        known = [*(await clocks_of(switched, waiting)).values(), *(await clocks_of(switched, handed_out)).values()]
        assert {one["clock"]: one["state"] for one in known} == dict.fromkeys(
            ("parts_wait", "deposit", "shipment"), "stopped"
        )
        assert await switched.said(ClockBreached) == []
        later = requested()
        await switched.hear(later)
        assert await clocks_of(switched, later) == {}, "nothing begins that the policy does not have"
