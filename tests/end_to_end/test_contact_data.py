"""What a customer is called, how he is reached, what he says and signs is read by nobody who may not (I14)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from shared.contracts import dispatch, feedback, intake
from support.calls import answered_call
from support.canaries import Canary, decryptable
from support.company import Company
from support.footprint import Footprint
from support.repairs import Repair
from testkit.clients import Document, Json, Person, items

NAME, ADDRESS = "金丝雀九七三一", "金丝雀路九七三一号"
QUARTER = timedelta(minutes=15)


@contextmanager
def everything_said(company: Company) -> Iterator[list[str]]:
    """All messages of the exchange `events` during the block, headers and bodies as they are on the wire."""
    parts = urlsplit(company.suite.management_url)
    vhost, queue = urlsplit(company.suite.broker_url).path.strip("/"), f"canary-{uuid4().hex}"
    said: list[str] = []
    with httpx.Client(
        base_url=f"http://{parts.hostname}:{parts.port}/api", auth=(parts.username or "", parts.password or "")
    ) as management:
        management.put(f"/queues/{vhost}/{queue}", json={"durable": True}).raise_for_status()
        binding = {"routing_key": "#"}
        management.post(f"/bindings/{vhost}/e/events/q/{queue}", json=binding).raise_for_status()
        yield said
        asked = {"count": 1000, "ackmode": "ack_requeue_false", "encoding": "auto"}
        messages = management.post(f"/queues/{vhost}/{queue}/get", json=asked).raise_for_status().json()
        said += [json.dumps(message, ensure_ascii=False) for message in messages]
        management.delete(f"/queues/{vhost}/{queue}").raise_for_status()


def wrong_requests(company: Company, canary: Canary, *, serial_number: str) -> None:
    """Requests that are refused, with everything of his in places where it does not belong."""
    wrong = company.form(serial_number, customer=canary.customer, site=canary.site)
    wrong |= {"urgency": canary.number, canary.text("name"): canary.text("address")}
    agent = company.agent.client
    assert agent.post("/v1/cases", json=wrong, headers={"Idempotency-Key": uuid4().hex}).is_client_error
    nowhere = {"number": canary.number, "name": canary.text("name"), canary.text("parameter"): "1"}
    assert agent.get("/v1/customers", params=nowhere).is_client_error
    survey = f"{company.suite.services['feedback'].url}/survey/{canary.token}"
    assert httpx.post(survey, data={"comment": canary.text("comment")}).is_client_error


def live(company: Company, canary: Canary) -> Repair:
    """Call, fee, visit, repair, signature, survey, revisit, closure, and requests that go wrong."""
    company.technician(department="production")
    serial_number = company.unit(months=0)
    wrong_requests(company, canary, serial_number=serial_number)
    case = company.register(
        serial_number,
        customer=canary.customer,
        site=canary.site,
        description=canary.text("description"),
        call_id=answered_call(company, number=canary.number),
    )
    line: Json = [{"kind": "part", "text": "内胆", "price": "380.00"}]
    quote = items(case.step("quotes", {"solution": canary.text("solution"), "lines": line}), "quotes")[0]
    case.step(f"quotes/{quote['id']}/acceptance", {"by": "customer"})
    assert items(company.agent.read("/v1/customers", name=canary.text("name")))
    assert items(company.agent.read("/v1/customers", number=canary.number))
    on_site = case.at_the_unit()
    technician = on_site.technician.work
    technician.complete(on_site.visit_id)
    order = f"/v1/work-orders/{on_site.order_id}"
    technician.person.change(f"{order}/sign-off", canary.words, of=order)
    case.heard(dispatch.WorkOrderSignedOff)
    answer_survey(company, canary)
    called_back(company, case, canary=canary)
    company.time.settle()
    case.step("closure")
    company.time.settle()
    return case


def answer_survey(company: Company, canary: Canary) -> None:
    """He answers by the link in his mail."""
    while not (links := [link for mail in company.mails_to(canary.email) for link in mail.links if "/survey/" in link]):
        company.time.advance(QUARTER)
    answer = dict.fromkeys(("attitude", "technique", "arrival_time", "promises"), "satisfied")
    with httpx.Client(timeout=30) as browser:
        assert browser.post(links[0], data=answer | {"comment": canary.text("comment")}).is_success


def called_back(company: Company, case: Repair, *, canary: Canary) -> None:
    """An agent calls him the next day and writes down what he says."""
    company.time.advance_to(company.at(11, days=1))
    path = f"/v1/revisits/{case.heard(feedback.RevisitDue).revisit_id}"
    notes: dict[str, Json] = {"outcome": "satisfied", "notes": canary.text("notes")}
    company.caller.change(f"{path}/completion", notes, of=path)


def traces(found: str, *, of: tuple[str, ...]) -> list[str]:
    """The canaries that stand in a text, as they are or as JSON writes them."""
    return [canary for canary in of if canary in found or json.dumps(canary)[1:-1] in found]


def test_nothing_of_a_customer_stands_anywhere_in_plain_text_and_nothing_at_all_once_he_is_erased(
    company: Company,
) -> None:
    canary = Canary(number=company.number())
    with everything_said(company) as said:
        case = live(company, canary)
    types = {event.TYPE for event in (intake.CallReceived, intake.CaseClosed, feedback.SurveyAnswered)}
    assert all(any(type_ in message for message in said) for type_ in types)
    assert [message for message in said if traces(message, of=canary.marks)] == []
    assert silent(company, marks=canary.marks)
    sealed = decryptable(company.suite, marks=canary.marks)
    assert {
        "intake.customer.name",
        "dispatch.words.text",
        "feedback.survey.comment",
        "feedback.revisit.notes",
    } <= sealed

    path = f"/v1/customers/{case.read()['customer_id']}"
    company.admins["intake"].client.post(f"{path}/erasure", json={"reason": "customer_request"}).raise_for_status()
    company.time.settle()
    gone = company.agent.client.get(f"{path}/contact", params={"purpose": "callback"})
    assert gone.status_code == httpx.codes.GONE
    assert decryptable(company.suite, marks=canary.marks) == set()
    assert silent(company, marks=canary.marks)


def silent(company: Company, *, marks: tuple[str, ...]) -> bool:
    """Whether no log, metric, dead letter or database cell of any service shows a canary; fails where one does."""
    for service in company.suite.services.values():
        log = service.log.read_text()
        assert len(log) > 1000
        assert traces(log, of=marks) == []
        assert traces(httpx.get(f"{service.url}/metrics").text, of=marks) == []
    with Footprint(company.suite) as footprint:
        cells = footprint.cells()
    assert {place for place, value in cells if traces(as_text(value), of=marks)} == set()
    return True


def as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.fixture
def order(company: Company) -> Document:
    """The order of a customer who is known by name, number and address."""
    company.technician()
    customer: dict[str, Json] = {"name": NAME, "phones": [company.number()]}
    case = company.register(customer=customer, site={"district": "xuhui", "address": ADDRESS})
    case.assigned()
    company.time.settle()
    return case.order()


def test_a_technician_reads_the_contact_data_for_a_purpose_and_that_is_written_down(
    company: Company, order: Document
) -> None:
    (technician,) = company.technicians
    client = company.clients.of("intake", role="technician", subject=technician.staff_number)
    path = f"/v1/customers/{order['customer_id']}/contact"
    without = client.get(path)
    assert without.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "purpose" in without.json()["expected"]

    answer = client.get(path, headers={"X-Purpose": "visit_preparation"})
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json()["name"], answer.json()["sites"][0]["address"]) == (NAME, ADDRESS)
    auditor = Person(company.clients.of("intake", role="auditor"))
    (entry,) = items(auditor.read("/v1/audit", subject=f"customer/{order['customer_id']}", action="contact_shown"))
    assert (entry["actor_id"], entry["actor_role"]) == (technician.staff_number, "technician")
    assert entry["purpose"] == "visit_preparation"


def test_a_technician_reads_nothing_of_customers_whose_orders_are_not_his(company: Company, order: Document) -> None:
    client = company.clients.of("intake", role="technician", subject="a-colleague")
    path = f"/v1/customers/{order['customer_id']}/contact"
    answer = client.get(path, headers={"X-Purpose": "visit_preparation"})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert traces(answer.text, of=(NAME, ADDRESS)) == []


@pytest.mark.parametrize("role", ["dispatcher", "auditor", "admin", "marketing_vp"])
def test_others_see_the_customer_masked_only(company: Company, order: Document, role: str) -> None:
    client = company.clients.of("intake", role=role)
    path = f"/v1/customers/{order['customer_id']}"
    assert client.get(f"{path}/contact", headers={"X-Purpose": "callback"}).status_code == httpx.codes.FORBIDDEN
    shown = client.get(path)
    assert shown.is_success
    assert traces(shown.text, of=(NAME, ADDRESS)) == []
    assert "****" in shown.json()["label"]
