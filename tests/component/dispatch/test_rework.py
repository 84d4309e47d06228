"""A reopened case: noted, found, and given a further order with a promise of its own."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared.contracts.dispatch import WorkOrderCancelled, WorkOrderOpened
from support.case_events import START, cancelled, cleared, cleared_again, held, reopened, resumed
from support.control_room import ControlRoom
from support.on_site import DONE, SIGN_OFF, agreed_job

DAY = timedelta(days=1)
HOLD = UUID(int=5)


async def test_a_further_round_is_a_further_order_and_only_one(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.step("completion", DONE)
    await job.on_order("sign-off", SIGN_OFF)
    await job.go("return")
    first = await job.order()
    await room.hear(reopened(job.case, at=START + DAY))
    [found] = (await room.get("/v1/work-orders?reopened=true"))["items"]
    assert found["id"] == first["id"]
    again = cleared_again(job.case, at=START + DAY)
    await room.hear(again, again, job.case)
    orders = (await room.get(f"/v1/work-orders?case_id={job.case.case_id}"))["items"]
    assert sorted((order["round"], order["number"]) for order in orders) == [
        (1, first["number"]),
        (2, f"{first['number']}-2"),
    ]
    assert [event.round for event in await room.said(WorkOrderOpened)] == [1, 2]


async def test_a_cancelled_case_calls_off_what_is_open_and_leaves_what_is_done(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.step("completion", DONE)
    await room.hear(cleared_again(job.case, at=START + DAY), cancelled(job.case, at=START + DAY))
    orders = (await room.get(f"/v1/work-orders?case_id={job.case.case_id}"))["items"]
    assert {order["round"]: order["state"] for order in orders} == {1: "completed", 2: "cancelled"}
    assert len(await room.said(WorkOrderCancelled)) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_cancellation_that_came_too_late_does_not_call_off_a_further_round(
    room: ControlRoom, order: tuple[int, ...]
) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.step("completion", DONE)

    async def states() -> dict[int, str]:
        found = (await room.get(f"/v1/work-orders?case_id={job.case.case_id}"))["items"]
        return {one["round"]: one["state"] for one in found}

    too_late = cancelled(job.case, at=START + timedelta(hours=3))
    again = cleared_again(job.case, at=START + DAY).model_copy(update={"opened_at": START + DAY})
    await room.hear(*((too_late, again)[place] for place in order), too_late)
    stand = await states()
    assert (stand[1], stand[2] != "cancelled") == ("completed", True)
    await room.hear(cancelled(job.case, at=START + 2 * DAY))
    assert await states() == {1: "completed", 2: "cancelled"}


async def test_the_clock_of_a_further_round_starts_anew_and_waits_for_the_same_holds(room: ControlRoom) -> None:
    tomorrow = START + DAY
    due = set()
    for number, early in enumerate((True, False)):
        case = cleared(number=number)
        again = cleared_again(case, at=tomorrow)
        hold = held(case, hold_id=HOLD, at=tomorrow + timedelta(hours=1))
        over = resumed(case, hold_id=HOLD, at=tomorrow + timedelta(hours=2))
        await room.hear(case, *((hold, over, again) if early else (again, over, hold)))
        [clock] = await room.rows(
            "SELECT due_at FROM clock JOIN work_order ON promise_id = subject_id WHERE case_id = :id AND round = 2",
            id=case.case_id,
        )
        due.add(clock["due_at"])
    assert due == {tomorrow + timedelta(hours=8)}  # six hours, lunch, and the hour that it waited


async def test_the_last_reopening_counts_whichever_is_heard_first(room: ControlRoom) -> None:
    case = cleared()
    early, late = reopened(case, at=START + DAY, reason="other"), reopened(case, at=START + 2 * DAY)
    await room.hear(late, early, case)
    [known] = await room.rows("SELECT reopened_at, reopen_reason FROM known_case")
    assert (known["reopened_at"], known["reopen_reason"]) == (START + 2 * DAY, "dissatisfaction")
