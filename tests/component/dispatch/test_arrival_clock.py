"""The promise to be there: working time from the repair call on, explained, warned of, broken on the second."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.contracts.dispatch import ClockBreached, ClockWarned
from shared.contracts.facts import Wait
from support.case_events import START, cleared, held, resumed
from support.control_room import ControlRoom

# START is Monday 09:00 in Shanghai; work is 08:30-12:00 and 13:00-17:30.
CITY_DUE = START + timedelta(hours=7)  # six working hours and an hour of lunch later: 16:00
SUBURB_DUE = START + timedelta(hours=8)


@pytest.mark.rule("R222")
@pytest.mark.parametrize(("district", "due_at"), [("huangpu", CITY_DUE), ("chongming", SUBURB_DUE)])
async def test_city_and_suburbs_are_due_after_six_and_seven_working_hours(
    room: ControlRoom, district: str, due_at: object
) -> None:
    case = cleared(district=district)
    await room.hear(case)
    [clock] = await room.rows("SELECT * FROM clock")
    assert (clock["name"], clock["subject_id"], clock["started_at"], clock["due_at"]) == (
        "arrival",
        case.case_id,
        START,
        due_at,
    )


@pytest.mark.rule("R222")
async def test_marks_and_breach_are_said_on_the_second(room: ControlRoom) -> None:
    case = cleared()
    await room.hear(case)
    await room.move_to(CITY_DUE + timedelta(minutes=1))
    warned = await room.said(ClockWarned)
    assert [event.mark for event in warned] == ["50%", "80%", "30m before"]
    [breached] = await room.said(ClockBreached)
    assert breached.case_id == case.case_id
    assert breached.clock.due_at == CITY_DUE
    assert breached.clock.elapsed_seconds == 6 * 3600
    rows = await room.rows("SELECT reached_at, announced_at FROM clock_announcement")
    assert all((row["announced_at"] - row["reached_at"]).total_seconds() < 2 for row in rows)
    overdue = await room.get("/v1/work-orders?overdue=true")
    assert [order["case_id"] for order in overdue["items"]] == [str(case.case_id)]
    clocks = await room.get("/v1/clocks?overdue=true")
    assert [clock["clock"] for clock in clocks["items"]] == ["arrival"]


@pytest.mark.rule("R222")
async def test_waits_of_the_case_do_not_count_and_are_explained(room: ControlRoom) -> None:
    waited = (Wait(reason="consent", since=START, until=START + timedelta(hours=1)),)
    case = cleared(waited=waited)
    hold = uuid4()
    await room.hear(case, held(case, hold_id=hold, at=START + timedelta(hours=1), reason="weather"))
    [clock] = await room.rows("SELECT id, due_at FROM clock")
    assert clock["due_at"] is None
    await room.hear(resumed(case, hold_id=hold, at=START + timedelta(hours=2), reason="weather"))
    [clock] = await room.rows("SELECT id, due_at FROM clock")
    assert clock["due_at"] == START + timedelta(days=1)  # an hour today, four and a half, and half an hour tomorrow
    await room.move_to(START + timedelta(hours=5))
    explained = await room.get(f"/v1/clocks/{clock['id']}")
    told = [(one["why"], one["counted"], one["name"]) for one in explained["intervals"]]
    assert told == [
        ("paused", False, "consent, weather"),
        ("working", True, None),
        ("break", False, None),
        ("working", True, None),
    ]


@pytest.mark.rule("R222")
async def test_arrival_stops_the_clock_and_nothing_is_announced_any_more(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = cleared()
    await room.hear(case)
    await room.accept("T1")
    agreed = await room.agree(case.case_id, starts_at=START + timedelta(hours=4))
    await room.move_to(START + timedelta(hours=4, minutes=10))
    before = await room.said(ClockWarned)
    assert (await room.post(f"/v1/visits/{agreed.json()['id']}/arrival")).status_code == 200
    await room.move_to(CITY_DUE + timedelta(days=1))
    assert await room.said(ClockWarned) == before
    assert await room.said(ClockBreached) == []
    [clock] = await room.rows("SELECT stopped_at FROM clock")
    assert clock["stopped_at"] >= START + timedelta(hours=4, minutes=10)


@pytest.mark.rule("R217")
@pytest.mark.rule("R188")
async def test_a_time_that_the_customer_named_is_a_promise_of_its_own(room: ControlRoom) -> None:
    required_by = START + timedelta(hours=3)
    case = cleared(required_by=required_by)
    await room.hear(case)
    await room.move_to(required_by)
    [warned] = [event for event in await room.said(ClockWarned) if event.clock.clock == "required_by"]
    assert warned.mark == "2h before"
    [breached] = await room.said(ClockBreached)
    assert (breached.clock.clock, breached.clock.due_at) == ("required_by", required_by)


async def test_an_unknown_clock_is_not_found(room: ControlRoom) -> None:
    async with room.client() as client:
        assert (await client.get(f"/v1/clocks/{uuid4()}")).status_code == 404
