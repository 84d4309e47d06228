"""Whatever order the events of a work order come in, and however often, parts ends in the same state."""

from itertools import permutations
from uuid import UUID

import pytest

from parts.tables import METADATA
from shared.contracts.envelope import Event
from support.parts_news import BOARD, FAN, cancelled, completed, needs, requested, started
from support.parts_store import PartsStore

ORDER = UUID(int=1)
KEPT = requested(request_id=UUID(int=11), work_order_id=ORDER, lines=needs(PCB_77=2, FAN_3=1))
SHORT = requested(request_id=UUID(int=12), work_order_id=ORDER, lines=needs(FAN_3=5))
STATE = {
    "request": "SELECT id, state, reason, expires_at IS NULL AS free FROM parts_request ORDER BY id",
    "line": "SELECT request_id, part_code, asked, reserved, issued FROM request_line ORDER BY request_id, part_code",
    "stock": "SELECT * FROM stock ORDER BY part_code",
    "order": "SELECT * FROM known_work_order",
    "discrepancy": "SELECT work_order_id, lines, found_at FROM discrepancy",
    "money": "SELECT state FROM deposit WHERE state IN ('required', 'held')",
    "ordered": "SELECT state FROM claim_order WHERE state IN ('awaiting_approval', 'approved')",
    "deadline": "SELECT kind FROM deadline WHERE kind <> 'cost_table' ORDER BY kind",
}
LEDGERS = ("stock_movement", "deposit_entry")
FORGOTTEN = (
    *(
        "deposit_entry",
        "deposit",
        "quotation",
        "claim_signature",
        "claim_order",
        "request_line",
        "stock_movement",
        "parts_request",
    ),
    *("clock_entry", "clock_announcement", "clock"),
    *("discrepancy", "known_work_order", "deadline", "outbox", "outbox_subject"),
)


async def state_of(store: PartsStore) -> dict[str, list[dict[str, object]]]:
    return {name: [dict(row) for row in await store.rows(query)] for name, query in STATE.items()}


async def forget(store: PartsStore, *, shelf: list[dict[str, object]]) -> None:
    """Everything but the catalogue, so that the next order of events begins afresh. Only the owner may do this."""
    async with store.database.sessions() as session, session.begin():
        connection = await session.connection()
        for ledger in LEDGERS:
            await connection.exec_driver_sql(f"ALTER TABLE {ledger} DISABLE TRIGGER USER")
        for name in FORGOTTEN:
            await session.execute(METADATA.tables[name].delete())
        for ledger in LEDGERS:
            await connection.exec_driver_sql(f"ALTER TABLE {ledger} ENABLE TRIGGER USER")
        stock = METADATA.tables["stock"]
        for row in shelf:
            await session.execute(stock.update().where(stock.c.part_code == row["part_code"]).values(**row))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "ending",
    [(), (cancelled(KEPT),), (completed(KEPT, fitted=needs(FAN_3=1)),)],
    ids=["goes on", "is cancelled", "is completed"],
)
async def test_every_order_of_events_with_repetitions_ends_in_the_same_state(
    store: PartsStore, ending: tuple[Event, ...]
) -> None:
    await store.part(BOARD, on_hand=2)
    await store.part(FAN, on_hand=1)
    shelf = (await state_of(store))["stock"]
    requests: tuple[Event, ...] = (KEPT,) if not ending else (KEPT, SHORT)
    expected = None
    for number, order in enumerate(permutations((*requests, started(KEPT), *ending))):
        await store.hear(*order, order[number % len(order)], *order[: number % 3])
        await store.settle()
        reached = await state_of(store)
        if expected is None:
            expected = reached
            wanted = {"reserved"} if not ending else {"released"}
            assert {row["state"] for row in reached["request"]} == wanted
            assert (reached["stock"] == shelf) is bool(ending)
        assert reached == expected, f"after {[event.TYPE for event in order]}"
        await forget(store, shelf=shelf)


async def test_of_two_requests_each_gets_what_there_is_when_it_is_heard(store: PartsStore) -> None:
    await store.part(FAN, on_hand=1)
    first, second = requested(lines=needs(FAN_3=1)), requested(lines=needs(FAN_3=1))
    await store.hear(second, first, second, first)
    assert (await store.state(second))[0] == "reserved"
    assert (await store.state(first))[0] == "short"
    assert await store.stock(FAN) == (1, 1, 0)
    assert (await store.story()).count("deposit_required") == 1
