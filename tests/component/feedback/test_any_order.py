"""Whatever order the events of a repair come in, and however often, feedback ends in the same state."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import delete

from feedback.tables import METADATA
from shared.contracts.envelope import Event
from shared.contracts.feedback import RevisitDue, SurveyRequested
from support.aftercare import AftercareDesk, closed, erased, item_returned, signed_off
from support.case_events import START

HOUR = timedelta(hours=1)
ORDER = signed_off(order_id=UUID(int=1), case_id=UUID(int=2), customer_id=UUID(int=3), technician_id=UUID(int=4))
STORY: tuple[Event, ...] = (
    ORDER,
    item_returned(ORDER, at=START + 2 * HOUR),
    closed(ORDER, at=START + 3 * HOUR),
    closed(ORDER, at=START + 9 * HOUR),
)
STATE = {
    "served_order": "SELECT * FROM served_order",
    "known_case": "SELECT * FROM known_case",
    "revisit": "SELECT order_id, state, attempt, due_at, overdue_at, outcome FROM revisit",
    "survey": "SELECT order_id, technician_id, state, send_at FROM survey",
    "erased_customer": "SELECT * FROM erased_customer",
    "deadline": "SELECT kind, due FROM deadline ORDER BY kind",
}
FORGOTTEN = (
    "revisit",
    "survey",
    "served_order",
    "known_case",
    "erased_customer",
    "deadline",
    "outbox",
    "outbox_subject",
)


async def state_of(desk: AftercareDesk) -> dict[str, list[dict[str, object]]]:
    return {name: [dict(row) for row in await desk.rows(query)] for name, query in STATE.items()}


async def forget(desk: AftercareDesk) -> None:
    """Everything about the repair, so that the next order of events begins afresh."""
    async with desk.database.sessions() as session, session.begin():
        for name in FORGOTTEN:
            await session.execute(delete(METADATA.tables[name]))


@pytest.mark.parametrize("ending", [(), (erased(ORDER, at=START + HOUR),)], ids=["goes on", "is erased"])
async def test_every_order_of_events_with_repetitions_ends_in_the_same_state(
    desk: AftercareDesk, ending: tuple[Event, ...]
) -> None:
    told = (*STORY, *ending)
    expected = None
    for number, order in enumerate(permutations(told)):
        if number % 5 and ending:
            continue  # every fifth of the 120
        await desk.hear(*order, order[number % len(order)], *order[: number % 3])
        reached = await state_of(desk)
        if expected is None:
            expected = reached
            state = "withdrawn" if ending else "planned"
            assert [reached[name][0]["state"] for name in ("revisit", "survey")] == [state, state]
            assert len(reached["deadline"]) == (0 if ending else 2)
            assert reached["known_case"][0]["closed_at"] == START + 9 * HOUR
        assert reached == expected, f"after {[event.TYPE for event in order]}"
        await forget(desk)


async def test_an_order_that_is_heard_of_again_and_again_is_asked_about_once(desk: AftercareDesk) -> None:
    await desk.hear(*STORY)
    await desk.move(days=1)
    await desk.hear(*STORY, *reversed(STORY))
    await desk.move(days=1)
    assert len(await desk.said(RevisitDue)) == len(await desk.said(SurveyRequested)) == 1
