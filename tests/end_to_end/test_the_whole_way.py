"""From the call to the technician at the door."""

from datetime import datetime
from uuid import UUID

from shared.contracts import intake
from support.calls import answered_call
from support.company import Company
from support.customers import call_the_day_after, link_in_the_mail, tick
from testkit.clients import Json, Person, text

THE_WAY = [
    "intake.case_opened.v1",
    "intake.case_cleared.v1",
    "dispatch.work_order_opened.v1",
    "dispatch.parts_requested.v1",
    "parts.parts_reserved.v1",
    "dispatch.technician_offered.v1",
    "dispatch.technician_assigned.v1",
    "intake.case_contacted.v1",
    "dispatch.visit_scheduled.v1",
    "dispatch.work_order_started.v1",
    "parts.parts_issued.v1",
    "dispatch.technician_departed.v1",
    "dispatch.technician_arrived.v1",
    "dispatch.work_order_completed.v1",
    "dispatch.work_order_signed_off.v1",
    "intake.case_resolved.v1",
    "feedback.survey_requested.v1",
    "feedback.survey_answered.v1",
    "feedback.revisit_due.v1",
    "feedback.revisit_completed.v1",
    "intake.case_closed.v1",
]


def test_a_call_becomes_a_satisfied_customer_and_the_timeline_tells_it_in_order(company: Company) -> None:
    technician = company.technician()
    number, part = company.number(), company.part(on_hand=1)
    line: list[Json] = [{"part_code": part, "quantity": 1}]
    case = company.register(call_id=answered_call(company, number=number), urgency="urgent", parts=line)
    assert case.heard(intake.CaseCleared).basis == "warranty"
    assert case.assigned() == technician
    case.step("contact")
    company.time.settle()
    begin = company.at(13, 30)
    visit = UUID(text(case.visit(begin), "id"))
    company.time.advance_to(begin)
    technician.work.step(visit, "preparation")
    case.issue(part, to=technician)
    technician.work.go(visit)
    order_id = UUID(text(case.order(), "id"))
    technician.work.finish(visit, order_id=order_id, resolution="part_replaced", fitted=line)
    assert case.order()["state"] == "signed_off"
    assert tick(link_in_the_mail(company, case), degree="very_satisfied").is_success
    call_the_day_after(company, case)
    case.step("closure")

    happenings = case.timeline()
    times = [datetime.fromisoformat(text(one, "happened_at")) for one in happenings]
    assert times == sorted(times)
    told = [one["type"] for one in happenings if one["type"] in THE_WAY]
    assert sorted(map(str, told)) == sorted(THE_WAY)
    assert {one["service"] for one in happenings} == {"intake", "dispatch", "parts", "feedback", "notifier"}
    closed = case.read()
    assert closed["call_id"] is not None
    assert closed["state"] == "closed"


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
