"""Promises to the customer: kept, broken at their time, and paused, in working time."""

from datetime import datetime, timedelta

import pytest

from shared.contracts import dispatch, intake
from support.company import Company
from support.repairs import Repair
from testkit.clients import Document, Person, items

LUNCH = timedelta(hours=1)
NIGHT = timedelta(hours=15)
A_MOMENT = timedelta(minutes=2)
"""Business time in which even a slow machine gets everything done that has to be done before, or after, an instant."""
CITY = ("xuhui", timedelta(hours=6))
SUBURB = ("minhang", timedelta(hours=7))


def warnings(case: Repair, of: type[intake.ClockWarned | dispatch.ClockWarned]) -> dict[str, datetime]:
    """Each mark of the case, and when it was said."""
    return {
        heard.event.mark: heard.time
        for heard in case.company.watcher.heard
        if isinstance(heard.event, of) and heard.event.case_id == case.id
    }


def in_time(said: datetime, due: datetime) -> bool:
    return timedelta() <= said - due < A_MOMENT


def explained(reader: Person, mark: intake.ClockBreached | dispatch.ClockBreached) -> Document:
    return reader.read(f"/v1/clocks/{mark.clock.clock_id}")


@pytest.mark.rule("R210")
def test_the_response_clock_warns_and_breaks_on_the_second_and_does_not_count_lunch(company: Company) -> None:
    company.time.advance_to(company.at(11, 20))
    case = company.register()
    opened = case.heard(intake.CaseOpened).opened_at
    company.time.advance_to(opened + timedelta(hours=2) + A_MOMENT)
    breached = case.heard(intake.ClockBreached)
    assert breached.clock.due_at == opened + timedelta(hours=1) + LUNCH
    assert in_time(case.said_at(intake.ClockBreached), breached.clock.due_at)
    marks = warnings(case, intake.ClockWarned)
    assert set(marks) == {"50%", "15m before"}
    assert in_time(marks["50%"], opened + timedelta(minutes=30))
    assert in_time(marks["15m before"], opened + timedelta(minutes=45) + LUNCH)
    told = explained(company.agent, breached)
    assert [(one["why"], one["counted"]) for one in items(told, "intervals")] == [
        ("working", True),
        ("break", False),
        ("working", True),
    ]


@pytest.mark.rule("R210")
def test_the_response_clock_does_not_count_the_night(company: Company) -> None:
    company.time.advance_to(company.at(17))
    case = company.register()
    opened = case.heard(intake.CaseOpened).opened_at
    due = opened + timedelta(hours=1) + NIGHT
    company.time.advance_to(due - A_MOMENT)
    assert intake.ClockBreached.TYPE not in case.told()
    company.time.advance_to(due + A_MOMENT)
    assert case.heard(intake.ClockBreached).clock.due_at == due
    assert in_time(case.said_at(intake.ClockBreached), due)


@pytest.mark.rule("R066")
def test_whoever_calls_back_in_the_last_moment_keeps_the_promise(company: Company) -> None:
    case = company.register()
    due = case.heard(intake.CaseOpened).opened_at + timedelta(hours=1)
    company.time.advance_to(due - A_MOMENT)
    case.step("contact")
    company.time.advance_to(due + timedelta(hours=1))
    assert intake.ClockBreached.TYPE not in case.told()


@pytest.mark.rule("R222")
@pytest.mark.parametrize(("district", "allowed"), [CITY, SUBURB])
def test_the_arrival_clock_counts_from_the_repair_call_and_breaks_on_the_second(
    company: Company, district: str, allowed: timedelta
) -> None:
    company.technician(zones=["city", "suburb"])
    case = company.register(site={"district": district, "address": "一号"})
    case.assigned()
    due = case.heard(intake.CaseOpened).opened_at + allowed + LUNCH
    company.time.advance_to(due + A_MOMENT)
    breached = case.heard(dispatch.ClockBreached)
    assert breached.clock.due_at == due
    assert in_time(case.said_at(dispatch.ClockBreached), due)
    marks = warnings(case, dispatch.ClockWarned)
    assert set(marks) == {"50%", "80%", "30m before"}
    assert in_time(marks["30m before"], due - timedelta(minutes=30))
    overdue = items(company.dispatcher.read("/v1/work-orders", overdue="true", case_id=str(case.id)))
    assert [one["id"] for one in overdue] == [case.order()["id"]]


@pytest.mark.rule("R222")
def test_a_technician_at_the_door_in_time_stops_the_arrival_clock(company: Company) -> None:
    technician = company.technician()
    case = company.register()
    case.assigned()
    begin = company.at(15)
    visit = case.visit(begin)
    company.time.advance_to(begin + timedelta(minutes=5))
    technician.arrive(visit)
    company.time.advance(timedelta(days=1))
    assert dispatch.ClockBreached.TYPE not in case.told()


@pytest.mark.rule("R222")
def test_time_in_which_the_customer_considers_the_fee_is_not_the_technicians(company: Company) -> None:
    company.technician(department="production")
    case = company.register(company.unit(months=0))
    quote = case.quote("380.00")
    company.time.advance(timedelta(hours=2))
    case.step(f"{quote}/acceptance", {"by": "customer"})
    (wait,) = case.heard(intake.CaseCleared).waited
    case.assigned()
    opened = case.heard(intake.CaseOpened).opened_at
    due = opened + timedelta(hours=6) + LUNCH + (wait.until - wait.since)
    if due.astimezone(company.hours.time_zone) > company.at(17, 30):
        due += NIGHT
    company.time.advance_to(due + A_MOMENT)
    breached = case.heard(dispatch.ClockBreached)
    assert breached.clock.due_at == due
    assert [
        one["name"] for one in items(explained(company.dispatcher, breached), "intervals") if one["why"] == "paused"
    ] == ["consent"]


def test_waiting_for_the_customer_pauses_both_clocks_until_he_is_there_again(company: Company) -> None:
    company.technician()
    case = company.register()
    case.assigned()
    company.time.advance(timedelta(minutes=5))
    release = case.hold("customer")
    company.time.advance(timedelta(hours=1))
    case.step(release)
    waited = case.heard(intake.CaseResumed).resumed_at - case.heard(intake.CaseHeld).held_at
    opened = case.heard(intake.CaseOpened).opened_at
    company.time.advance_to(opened + timedelta(hours=8) + A_MOMENT * 2)
    response, arrival = case.heard(intake.ClockBreached), case.heard(dispatch.ClockBreached)
    assert response.clock.due_at == opened + timedelta(hours=1) + waited
    assert arrival.clock.due_at == opened + timedelta(hours=6) + LUNCH + waited
    for reader, breached in ((company.agent, response), (company.dispatcher, arrival)):
        paused = [one for one in items(explained(reader, breached), "intervals") if one["why"] == "paused"]
        assert [(one["name"], one["counted"]) for one in paused] == [("customer", False)]


def test_waiting_for_parts_pauses_the_arrival_clock_only(company: Company) -> None:
    company.technician()
    case = company.register()
    case.assigned()
    release = case.hold("parts")
    company.time.advance(timedelta(hours=1, minutes=30))
    case.step(release)
    opened = case.heard(intake.CaseOpened).opened_at
    assert case.heard(intake.ClockBreached).clock.due_at == opened + timedelta(hours=1)
    waited = case.heard(intake.CaseResumed).resumed_at - case.heard(intake.CaseHeld).held_at
    due = opened + timedelta(hours=6) + LUNCH + waited
    if due.astimezone(company.hours.time_zone) > company.at(17, 30):
        due += NIGHT
    company.time.advance_to(due + A_MOMENT)
    assert case.heard(dispatch.ClockBreached).clock.due_at == due


@pytest.mark.rule("R188")
def test_a_time_that_the_customer_named_is_a_promise_by_the_clock(company: Company) -> None:
    company.technician()
    named = company.at(21)
    case = company.register(required_by=named.isoformat(), urgency="emergency")
    case.assigned()
    assert case.order()["required_by"]
    company.time.advance_to(named + A_MOMENT)
    broken = {
        heard.event.clock.clock: heard.time
        for heard in company.watcher.heard
        if isinstance(heard.event, dispatch.ClockBreached) and heard.event.case_id == case.id
    }
    assert in_time(broken["required_by"], named)
    assert in_time(warnings(case, dispatch.ClockWarned)["2h before"], named - timedelta(hours=2))
