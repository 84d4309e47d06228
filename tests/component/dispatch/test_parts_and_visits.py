"""No visit before its parts: requests, answers in any order, windows, departures, and how it all ends."""

import asyncio
from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from shared.contracts.dispatch import PartsRequested, TechnicianDeparted, VisitWithdrawn
from shared.contracts.facts import PartNeed
from support.case_events import START, cancelled, cleared
from support.control_room import ControlRoom
from support.on_site import DONE, LATER, NOT_DONE, Job, agreed_job, assigned_job
from support.parts_events import BOARD, early_parts_desk, parts_desk

HOUR = timedelta(hours=1)
TOMORROW = LATER + timedelta(days=1)
LINES = {"lines": [{"part_code": "PCB", "quantity": 1}]}


async def agreed(job: Job, starts_at: datetime) -> tuple[int, str]:
    """The status of an attempt to agree a window, and the problem."""
    answer = await job.room.agree(job.case.case_id, starts_at=starts_at)
    return answer.status_code, answer.json().get("type", "")


@pytest.mark.rule("R257")
async def test_parts_that_a_case_needs_are_asked_for_once_and_together(room: ControlRoom) -> None:
    twice = (*BOARD, PartNeed(part_code="SEAL", quantity=2), *BOARD)
    case = cleared(parts=twice)
    await room.hear(case, case)
    [asked] = await room.said(PartsRequested)
    assert [(line.part_code, line.quantity) for line in asked.lines] == [("PCB", 2), ("SEAL", 2)]
    assert (asked.customer_id, asked.case_id) == (case.customer_id, case.case_id)
    story = await room.story()
    assert story.index("work_order_opened") < story.index("parts_requested")
    [waiting] = (await room.get("/v1/work-orders?waiting_for_parts=true"))["items"]
    assert waiting["case_id"] == str(case.case_id)


@pytest.mark.rule("R327")
async def test_a_window_waits_for_the_answer_and_for_what_was_ordered(room: ControlRoom) -> None:
    job = await assigned_job(room, cleared(parts=BOARD))
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    assert await agreed(job, LATER) == (409, "/problems/parts-unanswered")
    await room.hear(desk.short(START))
    assert await agreed(job, LATER) == (409, "/problems/parts-short")
    await room.hear(desk.placed(START + HOUR, expected_at=TOMORROW))
    assert await agreed(job, TOMORROW - HOUR) == (409, "/problems/parts-not-there-yet")
    refused = await room.agree(job.case.case_id, starts_at=LATER)
    assert f"{TOMORROW:%Y-%m-%dT%H:%MZ}" in refused.json()["expected"]
    assert (await agreed(job, TOMORROW))[0] == 201
    [request] = (await job.order())["parts_requests"]
    assert (request["state"], request["missing"]) == ("ordered", LINES["lines"])


@pytest.mark.rule("R327")
@pytest.mark.parametrize("known", ["unanswered", "ordered"])
async def test_nobody_leaves_or_arrives_without_his_parts(room: ControlRoom, known: str) -> None:
    job = await agreed_job(room)
    assert (await job.on_order("parts-requests", LINES)).status_code == 201
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    if known == "ordered":
        await room.hear(desk.placed(START, expected_at=LATER), desk.short(START))
    for step in ("departure", "arrival"):
        refused = await job.ask(step)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parts-missing"), step
    await room.hear(desk.reserved(START + HOUR))
    await job.go("preparation", "departure", "arrival")
    assert len(await room.said(TechnicianDeparted)) == 1


@pytest.mark.rule("R327")
async def test_short_parts_withdraw_the_visit_and_the_technician_keeps_the_order(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.on_order("parts-requests", LINES)
    [asked] = await room.said(PartsRequested)
    short = parts_desk(asked).short(START)
    await room.hear(short, short)
    [withdrawn] = await room.said(VisitWithdrawn)
    assert withdrawn.reason == "parts"
    visit, order = await job.visit(), await job.order()
    assert (visit["state"], visit["release_reason"], order["state"]) == ("released", "parts", "assigned")
    assert order["technician_id"] == visit["technician_id"]
    await room.hear(parts_desk(asked).reserved(START + HOUR))
    await job.agree()


async def test_an_order_that_comes_later_than_the_visit_withdraws_it(room: ControlRoom) -> None:
    job = await assigned_job(room, cleared(parts=BOARD))
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    await room.hear(desk.short(START), desk.placed(START, expected_at=LATER))
    await job.agree(LATER)
    await room.hear(desk.placed(START + HOUR, expected_at=LATER - HOUR))
    assert await room.said(VisitWithdrawn) == []
    await room.hear(desk.placed(START + 2 * HOUR, expected_at=TOMORROW))
    assert len(await room.said(VisitWithdrawn)) == 1


async def test_what_was_lost_is_given_up_or_asked_anew(room: ControlRoom) -> None:
    job = await assigned_job(room, cleared(parts=BOARD))
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    path = f"/v1/parts-requests/{asked.request_id}/giving-up"
    await room.hear(desk.reserved(START))
    assert (await room.post(path)).status_code == 409
    await room.hear(desk.expired(START + HOUR))
    assert await agreed(job, LATER) == (409, "/problems/parts-expired")
    assert (await job.on_order("parts-requests", LINES)).status_code == 201
    [_, anew] = await room.said(PartsRequested)
    assert [one["state"] for one in (await job.order())["parts_requests"]] == ["over", "asked"]
    await room.hear(parts_desk(anew).unavailable(START + HOUR))
    assert await agreed(job, LATER) == (409, "/problems/parts-unavailable")
    given_up = await room.post(f"/v1/parts-requests/{anew.request_id}/giving-up")
    assert (given_up.status_code, given_up.json()["unavailable_reason"]) == (200, "deposit_declined")
    assert (await agreed(job, LATER))[0] == 201
    assert (await room.post(f"/v1/parts-requests/{uuid4()}/giving-up")).status_code == 404


async def test_an_unfinished_visit_asks_for_what_is_missing(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("departure", "arrival", "start")
    await job.step("unfinished", NOT_DONE | {"parts": LINES["lines"]})
    [asked] = await room.said(PartsRequested)
    assert await agreed(job, TOMORROW) == (409, "/problems/parts-unanswered")
    await room.hear(parts_desk(asked).reserved(START))
    assert (await agreed(job, TOMORROW))[0] == 201


@pytest.mark.parametrize("how", ["completed", "cancelled"])
async def test_an_order_that_ended_waits_for_no_parts(room: ControlRoom, how: str) -> None:
    job = await agreed_job(room, cleared()) if how == "completed" else await assigned_job(room, cleared(parts=BOARD))
    if how == "completed":
        await job.go("arrival", "start")
        await job.on_order("parts-requests", LINES)
        await job.step("completion", DONE)
    else:
        await room.hear(cancelled(job.case, at=START + HOUR))
    [asked] = await room.said(PartsRequested)
    await room.hear(parts_desk(asked).short(START), parts_desk(asked).reserved(START + HOUR))
    order = await job.order()
    assert (order["state"], [one["state"] for one in order["parts_requests"]]) == (how, ["over"])
    assert (await room.get("/v1/work-orders?waiting_for_parts=true"))["items"] == []
    refused = await job.on_order("parts-requests", LINES)
    assert refused.status_code == 409
    assert await room.said(VisitWithdrawn) == []


async def test_the_arrival_clock_stands_while_parts_are_short(room: ControlRoom) -> None:
    case = cleared(parts=BOARD)
    await room.hear(case)
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    await room.hear(desk.short(START + HOUR))
    [clock] = await room.rows("SELECT id, due_at FROM clock WHERE name = 'arrival'")
    assert clock["due_at"] is None
    await room.hear(desk.reserved(START + 2 * HOUR))
    [clock] = await room.rows("SELECT id, due_at FROM clock WHERE name = 'arrival'")
    assert clock["due_at"] == START + 8 * HOUR  # 16:00 without the hour, for which it is 17:00


async def test_answers_in_every_order_even_before_the_case_end_the_same(room: ControlRoom) -> None:
    """The request's id follows from the case, so that an answer that overtook it finds it."""
    reached: set[tuple[object, ...]] = set()
    for number, order in enumerate(permutations(range(4))):
        case = cleared(number=number, parts=BOARD)
        desk = early_parts_desk(case)
        told = (
            case,
            desk.short(START + HOUR),
            desk.placed(START + HOUR, expected_at=TOMORROW),
            desk.reserved(START + 2 * HOUR),
        )
        events = [told[place] for place in order]
        await room.hear(*events, events[number % 4])
        [request] = await room.rows(
            "SELECT r.state, r.short_at, r.expected_at, r.reserved_at, c.due_at FROM parts_request r"
            " JOIN work_order o ON o.id = r.work_order_id JOIN clock c ON c.subject_id = o.case_id"
            " WHERE o.case_id = :id",
            id=case.case_id,
        )
        reached.add(tuple(request.values()))
    assert reached == {("reserved", START + HOUR, TOMORROW, START + 2 * HOUR, START + 8 * HOUR)}
    assert len(await room.said(PartsRequested)) == 24


async def test_a_window_and_a_shortage_at_once_leave_no_visit_without_parts(room: ControlRoom) -> None:
    job = await assigned_job(room, cleared(parts=BOARD))
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    await room.hear(desk.placed(START, expected_at=LATER))
    answer, _ = await asyncio.gather(
        room.agree(job.case.case_id, starts_at=LATER),
        room.hear(desk.placed(START + HOUR, expected_at=TOMORROW)),
    )
    assert answer.status_code in {201, 409}
    assert len(await room.said(VisitWithdrawn)) == (1 if answer.status_code == 201 else 0)
    assert await room.rows("SELECT 1 FROM visit WHERE state = 'agreed'") == []
    assert (await job.order())["state"] == "assigned"
