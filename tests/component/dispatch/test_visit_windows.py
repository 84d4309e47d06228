"""Windows that customers agreed to: kept free of double bookings, moved, arrived for, released."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.dispatch import (
    OfferDeclined,
    TechnicianArrived,
    TechnicianOffered,
    VisitRescheduled,
    VisitScheduled,
    WorkOrderCancelled,
)
from shared.contracts.intake import CaseCleared
from support.case_events import START, cancelled, cleared
from support.control_room import ControlRoom, window

LATER = START + timedelta(hours=4)  # 13:00 in Shanghai


async def assigned(room: ControlRoom, number: int = 1, *, technician: str = "T1") -> CaseCleared:
    """A case whose order the technician accepted."""
    case = cleared(number=number)
    await room.hear(case)
    await room.accept(technician)
    return case


async def visit_of(room: ControlRoom, case: CaseCleared, *, starts_at: datetime = LATER) -> Any:
    answer = await room.agree(case.case_id, starts_at=starts_at)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.rule("R251")
async def test_a_window_is_agreed_by_the_technician_himself_or_a_dispatcher(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = await assigned(room)
    order = await room.order(case.case_id)
    path = f"/v1/work-orders/{order['id']}/visits"
    body = window(LATER, 2, await room.now())
    assert (await room.post(path, body, role="technician", subject="T2")).status_code == 403
    assert (await room.post(path, body | {"agreed_at": "2041-01-01T00:00:00Z"})).status_code == 422
    agreed = await room.post(path, body, role="technician", subject="T1")
    assert agreed.status_code == 201, agreed.text
    assert agreed.json()["agreed_by"] == "T1"
    [scheduled] = await room.said(VisitScheduled)
    assert (scheduled.starts_at, scheduled.ends_at) == (LATER, LATER + timedelta(hours=2))
    assert (await room.order(case.case_id))["state"] == "scheduled"


async def test_a_taken_window_is_refused_with_the_clash_and_with_windows_that_are_free(room: ControlRoom) -> None:
    await room.add_technician("T1")
    first, second = [await assigned(room, number) for number in (1, 2)]
    taken = await visit_of(room, first, starts_at=START + timedelta(hours=1))
    refused = await room.agree(second.case_id, starts_at=START + timedelta(hours=2))
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/technician-occupied"
    assert taken["id"] in problem["detail"]
    # 10:00 to 12:00 is taken, lunch is 12:00 to 13:00: the next two hours in working time begin at 13:00
    assert "2040-03-05T05:00Z/2040-03-05T07:00Z" in problem["expected"]
    proposed = [
        datetime.fromisoformat(text.split("/")[0]) for text in problem["expected"].split("such as ")[1].split(", ")
    ]
    assert len(proposed) == 3
    assert (await room.agree(second.case_id, starts_at=proposed[0].replace(tzinfo=UTC))).status_code == 201


async def test_a_window_may_begin_when_another_one_ends(room: ControlRoom) -> None:
    await room.add_technician("T1")
    first, second = [await assigned(room, number) for number in (1, 2)]
    await visit_of(room, first, starts_at=LATER)
    await visit_of(room, second, starts_at=LATER + timedelta(hours=2))


async def test_a_window_in_an_absence_is_refused(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    case = await assigned(room)
    absence = {"away_from": LATER.isoformat(), "until": (LATER + timedelta(days=1)).isoformat(), "reason": "leave"}
    assert (await room.post(f"/v1/technicians/{technician}/absences", absence)).status_code == 201
    refused = await room.agree(case.case_id, starts_at=LATER)
    assert refused.status_code == 409
    assert "absence" in refused.json()["detail"]


async def test_an_absence_is_taken_down_and_names_the_visits_that_it_clashes_with(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    visit = await visit_of(room, await assigned(room))
    absence = {"away_from": LATER.isoformat(), "until": (LATER + timedelta(days=1)).isoformat(), "reason": "leave"}
    taken = await room.post(f"/v1/technicians/{technician}/absences", absence)
    assert taken.status_code == 201, taken.text
    assert [one["id"] for one in taken.json()["clashing_visits"]] == [visit["id"]]
    assert (await room.get(f"/v1/visits/{visit['id']}"))["state"] == "agreed"
    later = {**absence, "away_from": absence["until"], "until": (LATER + timedelta(days=2)).isoformat()}
    assert (await room.post(f"/v1/technicians/{technician}/absences", later)).json().get("clashing_visits", []) == []


async def test_the_audit_log_says_when_he_is_said_to_have_arrived(room: ControlRoom) -> None:
    await room.add_technician("T1")
    visit = await visit_of(room, await assigned(room))
    said = await room.now()
    await room.move(minutes=20)
    arrived = await room.post(f"/v1/visits/{visit['id']}/arrival", {"arrived_at": said.isoformat()})
    assert arrived.status_code == 200, arrived.text
    [entry] = (await room.get("/v1/audit?action=technician_arrived", role="auditor"))["items"]
    assert entry["details"] == {"arrived_at": said.isoformat()}


async def test_no_window_is_agreed_for_an_order_that_nobody_accepted(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = cleared()
    await room.hear(case)
    refused = await room.agree(case.case_id, starts_at=LATER)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/work-order-offered")
    assert "accept" in refused.json()["expected"]


@pytest.mark.rule("R251")
async def test_a_visit_is_moved_on_the_version_that_was_seen(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = await assigned(room)
    visit = await visit_of(room, case)
    path = f"/v1/visits/{visit['id']}/reschedule"
    body = window(LATER + timedelta(hours=1), 2, await room.now()) | {"reason": "customer"}
    assert (await room.post(path, body, version=None)).status_code == 428
    assert (await room.post(path, body, version=7)).status_code == 412
    assert (await room.post(path, body | {"reason": "mood"}, version=1)).status_code == 422
    moved = await room.post(path, body, version=1)
    assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"'), moved.text
    [event] = await room.said(VisitRescheduled)
    assert (event.starts_at, event.reason) == (LATER + timedelta(hours=1), "customer")


async def test_a_visit_is_not_moved_onto_another_one_and_stays_where_it_was(room: ControlRoom) -> None:
    await room.add_technician("T1")
    first, second = [await assigned(room, number) for number in (1, 2)]
    await visit_of(room, first, starts_at=LATER)
    visit = await visit_of(room, second, starts_at=LATER + timedelta(hours=3))
    body = window(LATER + timedelta(hours=1), 2, await room.now()) | {"reason": "customer"}
    refused = await room.post(f"/v1/visits/{visit['id']}/reschedule", body, version=1)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/technician-occupied"
    assert "2040-03-05T05:00Z/2040-03-05T07:00Z" in refused.json()["detail"]
    assert await room.get(f"/v1/visits/{visit['id']}") == visit


@pytest.mark.rule("R235")
async def test_who_is_out_gets_no_turn_until_he_is_back(room: ControlRoom) -> None:
    first, second = [await room.add_technician(number) for number in ("T1", "T2")]
    case = await assigned(room)
    visit = await visit_of(room, case)
    arrived = await room.post(f"/v1/visits/{visit['id']}/arrival", role="technician", subject="T1")
    assert arrived.status_code == 200, arrived.text
    assert [event.technician_id for event in await room.said(TechnicianArrived)] == [first]
    await room.hear(cleared(number=2))
    await room.accept("T2")
    await room.hear(cleared(number=3))
    [*_, offer] = await room.said(TechnicianOffered)
    assert offer.technician_id == second
    assert {one.technician_id: one.reason for one in offer.passed_over} == {first: "out_on_visit"}
    assert (await room.post(f"/v1/visits/{visit['id']}/return", role="technician", subject="T1")).status_code == 200
    await room.hear(cleared(number=4))
    [*_, offer] = await room.said(TechnicianOffered)
    assert offer.technician_id == first


async def test_nobody_arrives_twice_or_before_he_agreed(room: ControlRoom) -> None:
    await room.add_technician("T1")
    visit = await visit_of(room, await assigned(room))
    path = f"/v1/visits/{visit['id']}/arrival"
    assert (await room.post(path, {"arrived_at": START.isoformat()})).status_code == 422
    assert (await room.post(path, version=5)).status_code == 412
    assert (await room.post(path)).status_code == 200
    again = await room.post(path)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/visit-arrived")
    assert "return" in again.json()["expected"]


async def test_my_day_shows_a_technicians_visits_with_their_orders(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = await assigned(room)
    visit = await visit_of(room, case)
    await room.hear(cleared(number=2))
    day = await room.get("/v1/my-day", role="technician", subject="T1")
    assert (day["day"], [one["id"] for one in day["visits"]]) == ("2040-03-05", [visit["id"]])
    assert day["visits"][0]["work_order"]["customer_label"] == "138****8000"
    assert len(day["offers"]) == 1
    tomorrow = await room.get("/v1/my-day?day=2040-03-06", role="technician", subject="T1")
    assert tomorrow["visits"] == []


@pytest.mark.parametrize("reached", ["waiting", "offered", "assigned", "scheduled", "arrived"])
async def test_a_cancelled_case_calls_the_order_off_wherever_it_is(room: ControlRoom, reached: str) -> None:
    case = cleared()
    if reached != "waiting":
        await room.add_technician("T1")
    await room.hear(case)
    if reached in {"assigned", "scheduled", "arrived"}:
        await room.accept("T1")
    if reached in {"scheduled", "arrived"}:
        visit = await visit_of(room, case)
        if reached == "arrived":
            await room.post(f"/v1/visits/{visit['id']}/arrival")
    assert (await room.order(case.case_id))["state"] == reached
    await room.hear(cancelled(case, at=await room.now()))
    order = await room.order(case.case_id)
    assert (order["state"], order["cancel_reason"], order["possible_steps"]) == ("cancelled", "customer_withdrew", [])
    assert len(await room.said(WorkOrderCancelled)) == 1
    assert [one.reason for one in await room.said(OfferDeclined)] == (["withdrawn"] if reached == "offered" else [])
    assert await room.rows("SELECT 1 FROM visit WHERE state IN ('agreed', 'arrived')") == []
    await room.settle()
    assert await room.rows("SELECT key FROM deadline") == []
    [clock] = await room.rows("SELECT stopped_at FROM clock")
    assert clock["stopped_at"] is not None
