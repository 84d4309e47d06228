"""All that can happen to one customer, with something of his in every request that has room for it."""

from uuid import UUID, uuid4

import httpx

from shared.contracts import dispatch, intake, parts
from support.calls import answered_call
from support.canaries import Canary
from support.canary_at_the_store import paid_and_called_off
from support.company import Company
from support.customers import call_the_day_after, link_in_the_mail, tick
from support.repairs import HALF_AN_HOUR, OnSite, Repair, Technician
from testkit.at_work import TAKEN
from testkit.clients import Json, items


def whole_story(company: Company, canary: Canary) -> Repair:
    """Call, fee, part, two visits, signature, survey, call back, reopening, workshop, closure; deposit, supplier."""
    technician = company.technician(department="production")
    code = company.part(on_hand=1)
    case = registered(company, canary, parts=[{"part_code": code, "quantity": 1}])
    consented(case, canary=canary)
    company.time.settle()
    first = case.at_the_unit()
    left_unfinished(first, canary=canary)
    part_drawn(company, case, code=code, to=technician)
    second = case.visited_by(technician, begin=company.time.now() + HALF_AN_HOUR)
    repaired(second, code=code, canary=canary)
    answered_badly(company, case, canary=canary)
    call_the_day_after(company, case, notes=canary.text("notes"))
    case.step("further-visit")
    technician.accept(case.heard(dispatch.TechnicianOffered, turn=2))
    case.heard(dispatch.TechnicianAssigned, turn=2)
    company.time.settle()
    taken_to_the_workshop(company, case, technician=technician, canary=canary)
    company.time.settle()
    case.step("closure")
    company.time.settle()
    paid_and_called_off(company, canary, of=case)
    return case


def wrong_requests(company: Company, canary: Canary) -> None:
    """Requests that are refused, with everything of his in places where it does not belong."""
    wrong = company.form(company.unit(), customer=canary.customer, site=canary.site)
    wrong |= {"urgency": canary.number, canary.text("name"): canary.text("address")}
    agent = company.agent.client
    assert agent.post("/v1/cases", json=wrong, headers={"Idempotency-Key": uuid4().hex}).is_client_error
    nowhere = {"number": canary.number, "name": canary.text("name"), canary.text("parameter"): "1"}
    assert agent.get("/v1/customers", params=nowhere).is_client_error
    assert agent.get(f"/v1/customers/{canary.token}").is_client_error
    survey = f"{company.suite.services['feedback'].url}/survey/{canary.token}"
    assert httpx.post(survey, data={"comment": canary.text("answer")}).is_client_error
    order = f"/v1/work-orders/{uuid4()}/sign-off"
    headers = {"Idempotency-Key": uuid4().hex, "If-Match": "*"}
    no_opinion: dict[str, Json] = {**canary.opinion, "opinion": canary.text("opinion")}
    assert company.dispatcher.client.post(order, json=no_opinion, headers=headers).is_client_error


def registered(company: Company, canary: Canary, **more: Json) -> Repair:
    """He calls, is registered on the call for a unit out of warranty, and is found again by name and number."""
    case = company.register(
        company.unit(months=0),
        customer=canary.customer,
        site=canary.site,
        description=canary.text("description"),
        call_id=answered_call(company, number=canary.number),
        **more,
    )
    assert items(company.agent.read("/v1/customers", name=canary.text("name")))
    assert items(company.agent.read("/v1/customers", number=canary.number))
    return case


def consented(case: Repair, *, canary: Canary) -> None:
    """He agrees to a fee."""
    lines: Json = [{"kind": "part", "text": "内胆", "price": "380.00"}]
    quote = items(case.step("quotes", {"solution": canary.text("solution"), "lines": lines}), "quotes")[0]
    case.step(f"quotes/{quote['id']}/acceptance", {"by": "customer"})


def left_unfinished(on_site: OnSite, *, canary: Canary) -> None:
    """Not today, for a reason that is explained to him."""
    report: dict[str, Json] = {"reason": "customer_away", "explanation": canary.text("explanation"), **TAKEN}
    work = on_site.technician.work
    work.step(on_site.visit_id, "unfinished", report)
    work.come_back(on_site.visit_id)
    on_site.case.heard(dispatch.VisitUnfinished)
    on_site.case.company.time.settle()


def part_drawn(company: Company, case: Repair, *, code: str, to: Technician) -> None:
    """What was reserved for the case is issued."""
    path = f"/v1/requests/{case.heard(parts.PartsReserved).request_id}"
    issue: dict[str, Json] = {"lines": [{"part_code": code, "quantity": 1}], "issued_to": to.staff_number}
    company.storekeeper.change(f"{path}/issues", issue, of=path)
    company.time.settle()


def repaired(on_site: OnSite, *, code: str, canary: Canary) -> None:
    """Repaired, signed for, and back."""
    work, order = on_site.technician.work, f"/v1/work-orders/{on_site.order_id}"
    report: dict[str, Json] = {"findings": canary.text("findings"), "resolution": "part_replaced", **TAKEN}
    report |= {"fitted": [{"part_code": code, "quantity": 1}], "test_run": "passed"}
    work.step(on_site.visit_id, "completion", report)
    work.person.change(f"{order}/sign-off", canary.opinion, of=order)
    work.come_back(on_site.visit_id)
    on_site.case.heard(dispatch.WorkOrderSignedOff)


def answered_badly(company: Company, case: Repair, *, canary: Canary) -> None:
    """He answers by the link in his mail; his case is opened again."""
    answer = tick(link_in_the_mail(company, case), degree="very_dissatisfied", comment=canary.text("answer"))
    assert answer.is_success
    case.heard(intake.CaseReopened)
    company.time.settle()


def taken_to_the_workshop(company: Company, case: Repair, *, technician: Technician, canary: Canary) -> None:
    """The unit is taken in against his signature, repaired, and returned against another one."""
    on_site = case.visited_by(technician, begin=company.at(14))
    taken_in: dict[str, Json] = {"description": canary.text("item"), **canary.signed}
    technician.work.step(on_site.visit_id, "take-in", taken_in)
    technician.work.come_back(on_site.visit_id)
    taken = case.heard(dispatch.ItemTakenIn)
    path = f"/v1/items/{taken.item_id}"
    card: dict[str, Json] = {"work_minutes": 90, "fitted": [], "findings": canary.text("repair-card")}
    technician.person.change(f"{path}/repair", card, of=path)
    workshop = company.person("dispatch", role="workshop_manager")
    workshop.change(f"{path}/inspection", {"result": "passed"}, of=path)
    back: dict[str, Json] = {"receipt_number": taken.receipt_number, **canary.opinion}
    technician.person.change(f"{path}/return", back, of=path)
    case.heard(dispatch.ItemReturned)


def erased(company: Company, case: Repair) -> UUID:
    """He asks for everything of his to be destroyed; his id."""
    customer_id = UUID(str(case.read()["customer_id"]))
    path = f"/v1/customers/{customer_id}"
    company.admins["intake"].client.post(f"{path}/erasure", json={"reason": "customer_request"}).raise_for_status()
    company.time.settle()
    gone = company.agent.client.get(f"{path}/contact", params={"purpose": "callback"})
    assert gone.status_code == httpx.codes.GONE
    return customer_id
