"""Whatever order the events of a case come in, and however often, dispatch ends in the same state."""

from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest

from dispatch.tables import METADATA
from shared.contracts.dispatch import WorkOrderCancelled, WorkOrderOpened
from shared.contracts.envelope import Event
from shared.contracts.facts import Wait
from support.case_events import START, cancelled, cleared, cleared_again, erased, held, reopened, resumed
from support.control_room import ControlRoom
from support.parts_events import BOARD, early_parts_desk

HOUR = timedelta(hours=1)
CASE = cleared(UUID(int=1), waited=(Wait(reason="consent", since=START, until=START + HOUR),))
FIRST, SECOND = UUID(int=11), UUID(int=12)
STORY: tuple[Event, ...] = (
    CASE,
    held(CASE, hold_id=FIRST, at=START + HOUR),
    resumed(CASE, hold_id=FIRST, at=START + 2 * HOUR),
    held(CASE, hold_id=SECOND, at=START + 3 * HOUR, reason="parts"),
)
STATE = {
    "work_order": "SELECT number, case_id, state, department, zone, priority, cancelled_at, cancel_reason, retry_at"
    " FROM work_order ORDER BY number",
    "parts_request": "SELECT state, lines, short_at, missing, expected_at, reserved_at, issues, returns,"
    " over_at IS NULL AS live"
    " FROM parts_request ORDER BY id",
    "erased_customer": "SELECT customer_id FROM erased_customer",
    "clock": "SELECT subject_id, name, started_at, stopped_at, due_at FROM clock ORDER BY subject_id",
    "clock_entry": "SELECT kind, ref, at, reason FROM clock_entry ORDER BY kind, ref, at",
    "known_case": "SELECT * FROM known_case WHERE cancelled_at IS NOT NULL",
    "offer": "SELECT state FROM offer WHERE state = 'pending'",
    "deadline": "SELECT kind, CASE WHEN kind = 'clock' THEN due END AS due FROM deadline WHERE kind <> 'waiting'"
    " ORDER BY kind, due",
}

FORGOTTEN = (
    *(
        "parts_request",
        "offer",
        "rota_log",
        "erased_customer",
        "work_order",
        "known_case",
        "clock_entry",
        "clock_announcement",
        "clock",
    ),
    *("deadline", "outbox", "outbox_subject"),
)


async def state_of(room: ControlRoom) -> dict[str, list[dict[str, object]]]:
    return {name: [dict(row) for row in await room.rows(query)] for name, query in STATE.items()}


async def forget(room: ControlRoom) -> None:
    """Everything about the case, so that the next order of events begins afresh."""
    async with room.database.sessions() as session, session.begin():
        for name in FORGOTTEN:
            await session.execute(METADATA.tables[name].delete())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("ending", [(), (cancelled(CASE, at=START + 4 * HOUR),)], ids=["goes on", "is cancelled"])
async def test_every_order_of_events_with_repetitions_ends_in_the_same_state(
    room: ControlRoom, ending: tuple[Event, ...]
) -> None:
    await room.add_technician("T1")
    told = (*STORY, *ending)
    expected = None
    for number, order in enumerate(permutations(told)):
        again = order[number % len(order)]
        await room.hear(*order, again, *order[: number % 3])
        reached = await state_of(room)
        if expected is None:
            expected = reached
            assert len(reached["work_order"]) == 1
            assert reached["work_order"][0]["state"] == ("cancelled" if ending else "offered")
            assert len(reached["offer"]) == (0 if ending else 1)
        assert reached == expected, f"after {[event.TYPE for event in order]}"
        assert len(await room.said(WorkOrderOpened)) == 1
        assert len(await room.said(WorkOrderCancelled)) == len(ending)
        await forget(room)


NEEDY = cleared(UUID(int=2), number=200_002, parts=BOARD)
PARTS = early_parts_desk(NEEDY)
LONG_STORY: tuple[Event, ...] = (
    NEEDY,
    held(NEEDY, hold_id=FIRST, at=START + HOUR),
    resumed(NEEDY, hold_id=FIRST, at=START + 2 * HOUR),
    PARTS.short(START + HOUR),
    PARTS.placed(START + 2 * HOUR, expected_at=START + 30 * HOUR),
    PARTS.placed(START + 3 * HOUR, expected_at=START + 50 * HOUR),
    PARTS.reserved(START + 4 * HOUR),
    PARTS.issued(START + 5 * HOUR),
    PARTS.returned(START + 6 * HOUR),
    reopened(NEEDY, at=START + 5 * HOUR),
    cleared_again(NEEDY, at=START + 6 * HOUR),
    erased(NEEDY, at=START + 7 * HOUR),
)


@pytest.mark.timeout(300)
async def test_parts_rounds_and_erasure_shuffled_end_in_the_same_state(room: ControlRoom) -> None:
    for staff_number in ("T1", "T2"):
        await room.add_technician(staff_number)
    chance = Random(7)  # noqa: S311  # shuffles, guards nothing
    expected = None
    for _ in range(12):
        order = [*LONG_STORY, chance.choice(LONG_STORY), chance.choice(LONG_STORY)]
        chance.shuffle(order)
        await room.hear(*order)
        reached = await state_of(room)
        expected = expected or reached
        assert reached == expected, f"after {[event.TYPE for event in order]}"
        assert [order["state"] for order in reached["work_order"]] == ["offered", "offered"]
        assert sorted(str(request["state"]) for request in reached["parts_request"]) == ["asked", "issued"]
        await forget(room)
