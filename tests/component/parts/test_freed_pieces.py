"""Pieces that become free go to whoever waits for them, and his claim order and deposit follow."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import Urgency
from shared.contracts.parts import DepositForfeited, DepositRefunded, DepositWaived, PartArrived, PartsReserved
from support.case_events import START
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore, store_of

MINUTE = timedelta(minutes=1)


async def receive(store: PartsStore, pieces: int = 1, *, code: str = BOARD, reference: str = "DN-7") -> None:
    body = {"part_code": code, "quantity": pieces, "reference": reference}
    assert (await store.post("/v1/stock/receipts", body)).status_code == 201


async def served(store: PartsStore, *asked: PartsRequested) -> list[str]:
    """How the requests stand once nothing is due any more."""
    await store.settle()
    return [(await store.state(one))[0] for one in asked]


async def one_of_two(store: PartsStore) -> tuple[PartsRequested, PartsRequested]:
    """The last board is kept for the first; the second is short of it."""
    await store.part(BOARD, on_hand=1)
    first, second = requested(), requested(at=START + MINUTE)
    await store.hear(first, second)
    return first, second


async def let_go(store: PartsStore, first: PartsRequested) -> None:
    await store.hear(cancelled(first))


async def expire(store: PartsStore, _: PartsRequested) -> None:
    second = (await store.get("/v1/requests?state=short"))["items"][0]
    deposit = await store.get(f"/v1/deposits/{(await store.get(f'/v1/requests/{second["id"]}'))['deposit_id']}")
    paid = {"amount": deposit["amount"], "method": "cash"}
    assert (await store.post(f"/v1/deposits/{deposit['id']}/payment", paid)).status_code == 200
    await store.move(days=30, hours=1)


async def bring_back(store: PartsStore, first: PartsRequested) -> None:
    await store.hear(started(first))
    assert (await store.issue(first)).status_code == 201
    assert await served(store, first) == ["issued"]
    assert (await store.bring_back(first)).status_code == 201


async def come_in(store: PartsStore, _: PartsRequested) -> None:
    await receive(store)


async def find(store: PartsStore, _: PartsRequested) -> None:
    body = {"part_code": BOARD, "difference": 1, "reason": "found"}
    assert (await store.post("/v1/stock/adjustments", body)).status_code == 201


async def import_sheet(store: PartsStore, _: PartsRequested) -> None:
    sheet = f"part_code,quantity,reference\n{BOARD},1,DN-8\n"
    async with store.client() as client:
        answer = await client.post(
            "/v1/stock/import?mode=apply", content=sheet.encode(), headers={"Content-Type": "text/csv"}
        )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("freeing", [let_go, expire, bring_back, come_in, find, import_sheet])
async def test_whoever_is_short_gets_what_becomes_free(
    store: PartsStore, freeing: Callable[[PartsStore, PartsRequested], Awaitable[None]]
) -> None:
    first, second = await one_of_two(store)
    assert await served(store, first, second) == ["reserved", "short"]
    await freeing(store, first)
    assert await served(store, second) == ["reserved"]
    deposit = "refunded" if freeing is expire else "waived"
    assert await store.state(second) == ("reserved", "cancelled", deposit)
    refunded = [event.reason for event in await store.said(DepositRefunded)]
    waived = [event.reason for event in await store.said(DepositWaived)]
    assert refunded + waived == ["not_needed"]
    assert (await store.said(PartsReserved))[-1].request_id == second.request_id
    assert (await store.stock(BOARD))[1] == (2 if freeing in {come_in, find, import_sheet} else 1)


async def test_the_most_urgent_is_served_first_and_of_equals_the_one_who_waits_longest(store: PartsStore) -> None:
    await store.part(BOARD)
    young, old = requested(at=START + MINUTE), requested()
    urgent = requested(urgency=Urgency.URGENT, at=START + 2 * MINUTE)
    await store.hear(young, old, urgent)
    for number, expected in enumerate(
        (["short", "short", "reserved"], ["short", "reserved", "reserved"], ["reserved"] * 3)
    ):
        await receive(store, reference=f"DN-{number}")
        assert await served(store, young, old, urgent) == expected


async def test_several_are_served_from_one_delivery_and_what_is_left_stays_free(store: PartsStore) -> None:
    await store.part(BOARD)
    large, small = requested(lines=needs(PCB_77=3)), requested(at=START + MINUTE)
    last = requested(lines=needs(PCB_77=2), at=START + 2 * MINUTE)
    await store.hear(large, small, last)
    await receive(store, 5)
    assert await served(store, large, small, last) == ["reserved", "reserved", "short"]
    assert await store.stock(BOARD) == (5, 4, 0)
    assert await store.rows("SELECT 1 FROM deadline WHERE kind = 'freed'") == []


@pytest.mark.rule("R327")
async def test_pieces_that_complete_no_kit_stay_free_for_one_that_they_complete(store: PartsStore) -> None:
    await store.part(BOARD)
    await store.part(FAN)
    both, board = requested(lines=needs(PCB_77=1, FAN_3=1)), requested(at=START + MINUTE)
    await store.hear(both, board)
    await receive(store)
    assert await served(store, both, board) == ["short", "reserved"]
    await receive(store, reference="DN-8")
    await receive(store, code=FAN)
    assert await served(store, both) == ["reserved"]
    assert [await store.stock(code) for code in (BOARD, FAN)] == [(2, 2, 0), (1, 1, 0)]


@pytest.mark.parametrize("ending", ["fitted", "cancelled", "expired", "not obtainable"])
async def test_an_order_that_the_supplier_has_arrives_as_free_stock_and_its_deposit_waits_for_the_end(
    store: PartsStore, ending: str
) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    await receive(store)
    assert await served(store, asked) == ["reserved"]
    assert await store.state(asked) == ("reserved", "placed", "held")
    if ending == "not obtainable":
        assert (await store.give_up(asked)).status_code == 200
        assert await store.state(asked) == ("reserved", "cancelled", "refunded")
        return
    assert (await store.arrive(asked)).status_code == 200
    assert await store.state(asked) == ("reserved", "arrived", "held")
    assert await store.stock(BOARD) == (2, 1, 0)
    assert [event.reminder for event in await store.said(PartArrived)] == [0], "he heard it when the piece was found"
    match ending:
        case "fitted":
            await store.hear(started(asked))
            assert (await store.issue(asked)).status_code == 201
            await store.hear(completed(asked, fitted=asked.lines))
        case "cancelled":
            await store.hear(cancelled(asked))
        case _:
            await store.move(days=61)
    assert (await store.state(asked))[2] == ("forfeited" if ending == "expired" else "refunded")
    refunded = [event.reason for event in await store.said(DepositRefunded)]
    forfeited = [event.reason for event in await store.said(DepositForfeited)]
    assert (refunded, forfeited) == (([], ["never_fitted"]) if ending == "expired" else ([ending], []))


@pytest.mark.rule("R322")
async def test_whose_piece_is_there_before_his_order_hears_it_and_loses_no_money_for_what_never_came(
    store: PartsStore,
) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    await receive(store)
    await store.settle()
    assert [one["request_id"] for one in (await store.get("/v1/claim-orders?unused=true"))["items"]] == [
        str(asked.request_id)
    ]
    await store.move(days=15)
    told = await store.said(PartArrived)
    assert [event.reminder for event in told] == [0, 1, 2]
    [reserved] = await store.said(PartsReserved)
    assert {(event.lines, event.arrived_at) for event in told} == {(asked.lines, reserved.reserved_at)}
    await store.move(days=46)
    assert await store.state(asked) == ("expired", "placed", "refunded")
    assert (await store.give_up(asked)).status_code == 200
    assert await store.state(asked) == ("expired", "cancelled", "refunded")
    assert [event.reason for event in await store.said(DepositRefunded)] == ["never_fitted"]
    await store.settle()
    assert await store.rows("SELECT 1 FROM deadline WHERE kind <> 'cost_table'") == []


async def test_what_arrives_for_nobody_serves_the_next_who_waits(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    await store.hear(cancelled(asked))
    waiting = requested()
    await store.hear(waiting)
    assert await served(store, waiting) == ["short"]
    assert (await store.arrive(asked)).status_code == 200
    assert await served(store, waiting) == ["reserved"]


async def test_pieces_that_are_freed_by_several_at_once_are_given_away_once(
    store: PartsStore,
) -> None:
    """Two replicas fire what is due while others free and take the same parts in another order.

    The fan of each kit is kept already, and its board is missing: who looks after the board only locks it first.
    """
    for code, on_hand in ((BOARD, 4), (FAN, 12)):
        await store.part(code, on_hand=on_hand)
    there, back = needs(PCB_77=1, FAN_3=1), needs(FAN_3=1, PCB_77=1)
    kept = [requested(lines=there if number % 2 else back) for number in range(4)]
    short = [requested(lines=back if number % 2 else there, at=START + MINUTE) for number in range(8)]
    await store.hear(*kept, *short)
    assert [await store.stock(code) for code in (BOARD, FAN)] == [(4, 4, 0), (12, 12, 0)]
    replica = store_of(store.service, store.database, store.key_file)
    await asyncio.gather(
        *(store.hear(cancelled(one)) for one in kept),
        *(store.hear(cancelled(one)) for one in short[:2]),
        store.settle(),
        replica.settle(),
    )
    await asyncio.gather(store.settle(), replica.settle())
    states = [(await store.state(one))[0] for one in short]
    assert sorted(states) == ["released"] * 2 + ["reserved"] * 4 + ["short"] * 2
    assert [await store.stock(code) for code in (BOARD, FAN)] == [(4, 4, 0), (12, 6, 0)]
