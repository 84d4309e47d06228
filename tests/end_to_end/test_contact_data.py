"""What a customer is called, where he lives, how he is reached and what he says stays in intake, sealed (I14)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from shared.contracts import dispatch, intake
from support.calls import SECRET, answered_call
from support.company import Company
from support.footprint import Footprint
from support.repairs import Repair
from testkit.clients import Document, Json, Person, items

NAME, ADDRESS = "金丝雀九七三一", "金丝雀路九七三一号"
SAID, SOLUTION = "金丝雀说热水器漏水", "给金丝雀更换内胆"


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


def live(company: Company, *, number: str) -> Repair:
    """Call, case, quote, refusal, waiver, order, visit, hold, cancellation, and requests that go wrong."""
    company.technician(department="production")
    customer: dict[str, Json] = {"name": NAME, "phones": [number]}
    more: dict[str, Json] = {"customer": customer, "site": {"district": "xuhui", "address": ADDRESS}}
    more |= {"description": SAID, "call_id": answered_call(company, number=number)}
    serial_number = company.unit(months=0)
    wrong = company.form(serial_number, **more) | {"urgency": number, NAME: ADDRESS}
    key = {"Idempotency-Key": uuid4().hex}
    assert company.agent.client.post("/v1/cases", json=wrong, headers=key).is_client_error
    case = company.register(serial_number, **more)
    line: Json = [{"kind": "part", "text": "内胆", "price": "380.00"}]
    quote = items(case.step("quotes", {"solution": SOLUTION, "lines": line}), "quotes")[0]
    case.step(f"quotes/{quote['id']}/acceptance", {"by": "customer"})
    assert items(company.agent.read("/v1/customers", name=NAME))
    assert items(company.agent.read("/v1/customers", number=number))
    case.assigned()
    case.visit(company.at(15))
    case.step(case.hold("customer"))
    case.cancel()
    case.heard(dispatch.WorkOrderCancelled)
    return case


def traces(found: str, *, of: tuple[str, ...]) -> list[str]:
    """The canaries that stand in a text, as they are or as JSON writes them."""
    return [canary for canary in of if canary in found or json.dumps(canary)[1:-1] in found]


def test_nothing_of_a_customer_leaves_intake_or_stands_anywhere_in_plain_text(company: Company) -> None:
    number = company.number()
    canaries = (NAME, ADDRESS, SAID, SOLUTION, number, SECRET)
    with everything_said(company) as said:
        case = live(company, number=number)
        company.time.settle()
    types = {event.TYPE for event in (intake.CallReceived, intake.CaseCleared, dispatch.VisitScheduled)}
    assert all(any(type_ in message for message in said) for type_ in types)
    assert [message for message in said if traces(message, of=canaries)] == []
    for service in company.suite.services.values():
        log = service.log.read_text()
        assert len(log) > 1000
        assert traces(log, of=canaries) == []
        assert traces(httpx.get(f"{service.url}/metrics").text, of=canaries) == []
    with Footprint(company.suite) as footprint:
        cells = footprint.cells()
    assert str(case.id) in {str(value) for _, value in cells}
    assert {place for place, value in cells if traces(as_text(value), of=canaries)} == set()


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
