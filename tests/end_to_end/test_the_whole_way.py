"""From the call to the technician at the door."""

from datetime import datetime, timedelta

import httpx

from shared.contracts import dispatch, intake
from support.company import Company
from testkit.clients import Json, Person, items, text
from testkit.contact_centre import ZammadCentre

SECRET = "switchboard-token-of-the-tests"
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


def call(company: Company, *, number: str) -> str:
    """Somebody calls, an agent answers; the id of the call as the agent finds it."""
    source: dict[str, Json] = {"name": f"s-{number}", "adapter": "zammad", "secret": SECRET, "country": "CN"}
    source["public_base"] = company.suite.services["intake"].url
    made = company.admins["intake"].create("/v1/push-sources", source)
    centre = ZammadCentre(company.suite.push_client(), f"/v1/push/zammad/{made['id']}/{SECRET}")
    for event in ZammadCentre.call(f"call-{number}", caller=number):
        assert centre.push(event).status_code == httpx.codes.OK
    (found,) = items(company.agent.read("/v1/calls", number=number))
    return text(found, "id")


def test_a_call_becomes_a_visit_and_its_timeline_tells_it_in_order(company: Company) -> None:
    technician = company.technician()
    number = company.number()
    case = company.register(call_id=call(company, number=number), urgency="urgent")
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
