"""What a customer is called, how he is reached, what he says and signs is read by nobody who may not (I14)."""

from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from shared.contracts import dispatch, feedback, intake, parts
from support.canaries import CONTACT, Canary, readable
from support.canary_story import erased, whole_story, wrong_requests
from support.collector import Collector
from support.company import Company
from support.overheard import broken_off, cells_with, dead_letters, everything_said, found, logs, metrics
from support.restoring import copies, erased_again
from testkit.clients import Document, Json, Person, items

NAME, ADDRESS = "金丝雀九七三一", "金丝雀路九七三一号"
REPORT = "parts.payment.raw"
"""What a payment provider signed, which nobody may change: his own words about who paid."""
KEPT = {
    ("name", "intake.customer.name"),
    ("email", "intake.customer.email"),
    ("number", "intake.customer_phone.number"),
    ("number", "intake.call.caller"),
    ("number", "intake.call_event.told"),
    ("number", "intake.call_event.raw"),
    ("address", "intake.site.address"),
    ("description", "intake.repair_case.description"),
    ("solution", "intake.case_quote.solution"),
    ("explanation", "dispatch.words.text"),
    ("findings", "dispatch.words.text"),
    ("signer", "dispatch.words.text"),
    ("signature", "dispatch.words.text"),
    ("opinion", "dispatch.words.text"),
    ("item", "dispatch.words.text"),
    ("repair-card", "dispatch.words.text"),
    ("answer", "feedback.survey.comment"),
    ("notes", "feedback.revisit.notes"),
    ("name", REPORT),
    ("number", REPORT),
    ("problem", "parts.supplier_case.problem"),
    ("course", "parts.supplier_report.course"),
}
"""Where each thing of a customer lies sealed, besides the answers that are kept to be given again."""
ANSWERS = ".idempotent_answer.answer"
TOLD = (
    intake.CallReceived,
    parts.PartsIssued,
    parts.DepositPaid,
    parts.DepositRefunded,
    parts.SupplierCaseRaised,
    parts.SupplierNotified,
    parts.SupplierServiceReported,
    dispatch.VisitUnfinished,
    dispatch.ItemReturned,
    feedback.SurveyAnswered,
    intake.CaseReopened,
    intake.CaseClosed,
    intake.CustomerErased,
)


def test_nothing_of_a_customer_stands_anywhere_in_plain_text_and_nothing_at_all_once_he_is_erased_even_in_old_copies(
    company: Company, collector: Collector, server_home: Path, tmp_path: Path
) -> None:
    customer, supervisor = Canary(number=company.number()), Canary(number=company.number())
    joins(company, supervisor)
    with everything_said(company.suite) as said, ExitStack() as stack:
        wrong_requests(company, customer)
        case = whole_story(company, customer)
        unreadable = broken_off(company.suite, case.heard(intake.CaseOpened), queue="notifier.on_case_opened")
        stack.enter_context(unreadable)
        kept = readable(company.suite, marks=customer.marks)
        assert without_answers(kept) == KEPT
        assert {place.partition(".")[0] for what, place in kept if what in CONTACT and place != REPORT} == {"intake"}
        assert in_plain_text(company, collector, canaries=(customer, supervisor), servers=server_home) == set()

        with copies(company.suite) as restored:
            erased(company, case)
            assert readable(company.suite, marks=customer.marks) == set()
            assert in_plain_text(company, collector, canaries=(customer, supervisor), servers=server_home) == set()

            assert readable(company.suite, marks=customer.marks, copies=restored) == kept
            told = erased_again(company.suite, restored=restored, home=tmp_path)
            assert readable(company.suite, marks=customer.marks, copies=restored) == set()
            assert found(told, of=(*customer.traces, *supervisor.traces)) == []
    assert [type_.TYPE for type_ in TOLD if not any(type_.TYPE in message for message in said)] == []
    assert [message for message in said if found(message, of=(*customer.traces, *supervisor.traces))] == []
    own = {("name", "notifier.staff_member.name"), ("email", "notifier.staff_member.email")}
    assert without_answers(readable(company.suite, marks=supervisor.marks)) == own
    assert company.mails_to(supervisor.email)


def without_answers(kept: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What is kept for its own sake, and not to give the same answer again."""
    return {(what, place) for what, place in kept if not place.endswith(ANSWERS)}


def joins(company: Company, supervisor: Canary) -> None:
    """Somebody joins the staff who is told of everything that goes wrong."""
    record: dict[str, Json] = {"staff_number": f"s-{company.number()}", "role": "cs_supervisor", "status": "active"}
    record |= {"name": supervisor.text("name"), "email": supervisor.email, "language": "zh-CN"}
    company.admins["notifier"].create("/v1/staff", record)


def in_plain_text(
    company: Company, collector: Collector, *, canaries: tuple[Canary, ...], servers: Path
) -> set[tuple[str, str]]:
    """Where a mark shows without a key: in cells, logs, metrics, dead letters, exported traces, mails to others."""
    suite, marks = company.suite, [mark for canary in canaries for mark in canary.traces]
    written, measured, sent = logs(suite, servers=servers), metrics(suite), list(collector.received)
    letters = dead_letters(suite)
    assert len(written) >= len(suite.services)
    assert letters
    assert all(len(text) > 1000 for text in measured.values())
    assert {span.service for span in collector.spans} == set(suite.services)
    to_others = {
        mail.to
        for mail in suite.mails.mails
        for canary in canaries
        if mail.to != canary.email and found(mail.subject + mail.text + mail.html, of=canary.traces)
    }
    places = [
        *(("log", name) for name, text in written.items() if found(text, of=marks)),
        *(("metrics", name) for name, text in measured.items() if found(text, of=marks)),
        *(("dead letter", letter) for letter in letters if found(letter, of=marks)),
        *(("trace", repr(body)) for body in sent if any(mark.encode() in body for mark in marks)),
        *(("cell", place) for place in cells_with(suite, of=marks)),
        *(("mail", to) for to in to_others),
    ]
    return set(places)


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
    assert found(answer.text, of=(NAME, ADDRESS)) == []


@pytest.mark.parametrize("role", ["dispatcher", "auditor", "admin", "marketing_vp"])
def test_others_see_the_customer_masked_only(company: Company, order: Document, role: str) -> None:
    client = company.clients.of("intake", role=role)
    path = f"/v1/customers/{order['customer_id']}"
    assert client.get(f"{path}/contact", headers={"X-Purpose": "callback"}).status_code == httpx.codes.FORBIDDEN
    shown = client.get(path)
    assert shown.is_success
    assert found(shown.text, of=(NAME, ADDRESS)) == []
    assert "****" in shown.json()["label"]
