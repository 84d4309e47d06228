"""Out of warranty: what the customer says to the fee, and who may waive it."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from shared.contracts import dispatch, intake
from support.company import ANY_VERSION, Company
from support.repairs import Repair
from testkit.clients import Document, Refused, items

THE_LIMIT, ABOVE = "10000.00", "10000.01"
APPROVERS = [(THE_LIMIT, "marketing_vp", "general_manager"), (ABOVE, "general_manager", "marketing_vp")]


def out_of_warranty(company: Company) -> Repair:
    return company.register(company.unit(months=0))


def refused(company: Company, *, price: str) -> tuple[Repair, intake.ApprovalRequested]:
    """A case whose fee the customer does not bear, and what was asked because of it."""
    case = out_of_warranty(company)
    case.step(f"{case.quote(price)}/refusal", {"by": "customer"})
    return case, case.heard(intake.ApprovalRequested)


def decide(company: Company, approval_id: UUID, *, role: str, decision: str) -> Document:
    path = f"/v1/approvals/{approval_id}"
    return company.person("intake", role=role).change(f"{path}/decision", {"decision": decision}, of=path)


def test_out_of_warranty_nothing_is_sent_before_the_customer_agreed(company: Company) -> None:
    technician = company.technician(department="production")
    case = out_of_warranty(company)
    assert case.read()["state"] == "awaiting_quote"
    quote = case.quote("380.00")
    told = [event for event in case.told() if not event.startswith("notifier.")]
    assert told == [event.TYPE for event in (intake.CaseOpened, intake.QuoteOffered)]
    case.step(f"{quote}/acceptance", {"by": "property_company"})
    cleared = case.heard(intake.CaseCleared)
    assert (cleared.basis, [wait.reason for wait in cleared.waited]) == ("quote_accepted", ["consent"])
    assert case.heard(dispatch.TechnicianOffered).technician_id == technician.id
    assert case.order()["department"] == "production"


@pytest.mark.rule("R189")
@pytest.mark.parametrize(("price", "role", "_other"), APPROVERS)
def test_a_waiver_is_asked_of_the_role_that_the_amount_calls_for_and_clears_the_case(
    company: Company, price: str, role: str, _other: str
) -> None:
    company.technician(department="production")
    case, asked = refused(company, price=price)
    assert (asked.approver_role, str(asked.amount)) == (role, price)
    decide(company, asked.approval_id, role=role, decision="approved")
    assert case.heard(intake.CaseCleared).basis == "fee_waived"
    assert case.heard(intake.ApprovalDecided).approver_role == role
    assert case.heard(dispatch.TechnicianOffered).case_id == case.id


@pytest.mark.rule("R190")
@pytest.mark.parametrize(("price", "role", "_other"), APPROVERS)
def test_a_waiver_that_is_rejected_ends_the_case(company: Company, price: str, role: str, _other: str) -> None:
    case, asked = refused(company, price=price)
    decide(company, asked.approval_id, role=role, decision="rejected")
    assert case.heard(intake.CaseCancelled).reason == "waiver_rejected"
    assert case.read()["possible_steps"] == []
    assert dispatch.WorkOrderOpened.TYPE not in case.told()


@pytest.mark.rule("R189")
@pytest.mark.parametrize(("price", "role", "other"), APPROVERS)
def test_no_other_role_decides_a_waiver_not_even_a_higher_one(
    company: Company, price: str, role: str, other: str
) -> None:
    case, asked = refused(company, price=price)
    before = case.read()
    for wrong in (other, "agent", "cs_supervisor", "admin"):
        with pytest.raises(Refused) as problem:
            decide(company, asked.approval_id, role=wrong, decision="approved")
        assert problem.value.answer.status_code == httpx.codes.FORBIDDEN
        assert problem.value.answer.json()["expected"]
    assert case.read() == before
    assert before["state"] == "awaiting_waiver"
    assert items(before, "approvals")[0]["approver_role"] == role


def test_a_decision_is_taken_once(company: Company) -> None:
    case, asked = refused(company, price=THE_LIMIT)
    decide(company, asked.approval_id, role="marketing_vp", decision="approved")
    before = case.read()
    with pytest.raises(Refused) as problem:
        decide(company, asked.approval_id, role="marketing_vp", decision="rejected")
    assert problem.value.answer.status_code == httpx.codes.CONFLICT
    assert case.read() == before


def test_a_quote_that_nobody_answers_expires_and_another_one_may_be_accepted(company: Company) -> None:
    case = out_of_warranty(company)
    late = case.quote("380.00")
    company.time.advance(timedelta(days=3) - timedelta(minutes=2))
    assert case.read()["state"] == "awaiting_consent"
    company.time.advance(timedelta(minutes=2, seconds=1))
    expired = case.read()
    assert (expired["state"], items(expired, "quotes")[0]["state"]) == ("awaiting_quote", "expired")

    answer = company.agent.client.post(f"{case.path}/{late}/acceptance", json={"by": "customer"}, headers=ANY_VERSION)
    assert answer.status_code == httpx.codes.CONFLICT
    assert "offer_quote" in answer.json()["expected"]
    assert case.read() == expired
    case.step(f"{case.quote('400.00')}/acceptance", {"by": "customer"})
    assert case.heard(intake.CaseCleared).basis == "quote_accepted"
