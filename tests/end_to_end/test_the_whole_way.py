"""From the call to the technician at the door."""

from datetime import datetime, timedelta

from shared.contracts import dispatch, intake
from support.calls import answered_call
from support.company import Company
from testkit.clients import Person, text

THE_WAY = [
    "intake.case_opened.v1",
    "intake.case_cleared.v1",
    "dispatch.work_order_opened.v1",
    "dispatch.technician_offered.v1",
    "dispatch.technician_assigned.v1",
    "intake.case_contacted.v1",
    "dispatch.visit_scheduled.v1",
    "dispatch.technician_arrived.v1",
]


def test_a_call_becomes_a_visit_and_its_timeline_tells_it_in_order(company: Company) -> None:
    technician = company.technician()
    number = company.number()
    case = company.register(call_id=answered_call(company, number=number), urgency="urgent")
    assert case.heard(intake.CaseCleared).basis == "warranty"
    assert case.assigned() == technician
    case.step("contact")
    begin = company.at(13, 30)
    visit = case.visit(begin)
    company.time.advance_to(begin + timedelta(minutes=5))
    technician.arrive(visit)
    arrived = case.heard(dispatch.TechnicianArrived)

    assert case.order()["state"] == "arrived"
    assert begin + timedelta(minutes=5) <= arrived.arrived_at < begin + timedelta(minutes=6)
    happenings = case.timeline()
    times = [datetime.fromisoformat(text(one, "happened_at")) for one in happenings]
    assert times == sorted(times)
    assert [one["type"] for one in happenings if one["type"] in THE_WAY] == THE_WAY
    assert {one["service"] for one in happenings} == {"intake", "dispatch"}
    assert case.read()["call_id"] is not None


def test_whoever_prepares_a_visit_reads_the_contact_data_for_that_purpose(company: Company) -> None:
    technician = company.technician()
    number = company.number()
    case = company.register(customer={"name": "李建国", "phones": [number]})
    case.assigned()
    company.time.settle()
    order = case.order()
    at_intake = Person(company.clients.of("intake", role="technician", subject=technician.staff_number))
    contact = at_intake.read(f"/v1/customers/{order['customer_id']}/contact", purpose="visit_preparation")
    assert (contact["name"], contact["phones"]) == ("李建国", [f"+86{number}"])
