"""A cancelled case stops everything, wherever it is."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from shared.contracts import dispatch, intake
from support.company import ANY_VERSION, Company
from support.repairs import Repair
from testkit.clients import items


def waiting(company: Company) -> Repair:
    case = company.register()
    case.heard(dispatch.AssignmentFailed)
    return case


def offered(company: Company) -> Repair:
    company.technician()
    case = company.register()
    case.heard(dispatch.TechnicianOffered)
    return case


def assigned(company: Company) -> Repair:
    company.technician()
    case = company.register()
    case.assigned()
    return case


def scheduled(company: Company) -> Repair:
    case = assigned(company)
    case.visit(company.at(14))
    return case


def arrived(company: Company) -> Repair:
    technician = company.technician()
    case = company.register()
    case.assigned()
    technician.arrive(case.visit(company.time.now() + timedelta(minutes=1)))
    return case


def awaiting_quote(company: Company) -> Repair:
    return company.register(company.unit(months=0))


def awaiting_consent(company: Company) -> Repair:
    case = awaiting_quote(company)
    case.quote("380.00")
    return case


def awaiting_waiver(company: Company) -> Repair:
    case = awaiting_quote(company)
    case.step(f"{case.quote('380.00')}/refusal", {"by": "customer"})
    return case


def require_nothing_follows(case: Repair) -> None:
    """No clock, offer or retry of the case has a life of its own."""
    told = case.told()
    case.company.time.advance(timedelta(days=4))
    assert case.told() == told


@pytest.mark.parametrize("reach", [waiting, offered, assigned, scheduled, arrived])
def test_a_cancelled_case_cancels_its_work_order(company: Company, reach: Callable[[Company], Repair]) -> None:
    case = reach(company)
    assert case.order()["state"] == reach.__name__
    case.cancel()
    cancelled = case.heard(dispatch.WorkOrderCancelled)
    assert cancelled.reason == "customer_withdrew"
    assert cancelled.cancelled_at == case.heard(intake.CaseCancelled).cancelled_at
    order = case.order()
    assert (order["state"], order["possible_steps"]) == ("cancelled", [])
    assert not items(company.dispatcher.read("/v1/offers", work_order_id=str(order["id"]), state="pending"))
    visits = items(company.dispatcher.read("/v1/visits", work_order_id=str(order["id"])))
    assert {visit["state"] for visit in visits} <= {"released"}
    require_nothing_follows(case)


@pytest.mark.parametrize("reach", [awaiting_quote, awaiting_consent, awaiting_waiver])
def test_a_case_that_is_cancelled_before_it_is_cleared_opens_no_work_order(
    company: Company, reach: Callable[[Company], Repair]
) -> None:
    case = reach(company)
    assert case.read()["state"] == reach.__name__
    case.cancel()
    cancelled = case.read()
    assert (cancelled["state"], cancelled["possible_steps"]) == ("cancelled", [])
    assert {one["state"] for one in items(cancelled, "quotes")} <= {"withdrawn", "refused"}
    assert {one["state"] for one in items(cancelled, "approvals")} <= {"withdrawn"}
    assert dispatch.WorkOrderOpened.TYPE not in case.told()
    require_nothing_follows(case)


def test_the_technician_of_a_cancelled_visit_is_free_in_that_hour(company: Company) -> None:
    technician = company.technician()
    withdrawn, other = company.register(), company.register()
    withdrawn.assigned()
    other.assigned()
    begin = company.at(14)
    withdrawn.visit(begin)
    withdrawn.cancel()
    withdrawn.heard(dispatch.WorkOrderCancelled)
    assert other.visit(begin)["technician_id"] == str(technician.id)


def test_whoever_is_asked_for_a_cancelled_order_is_free_for_the_next_one(company: Company) -> None:
    technician = company.technician()
    asked, waits = company.register(), company.register()
    asked.heard(dispatch.TechnicianOffered)
    waits.heard(dispatch.AssignmentFailed)
    asked.cancel()
    assert asked.heard(dispatch.OfferDeclined).reason == "withdrawn"
    assert waits.heard(dispatch.TechnicianOffered).technician_id == technician.id


@pytest.mark.parametrize("step", ["contact", "holds", "quotes", "cancellation"])
def test_a_cancelled_case_stays_as_it_is(company: Company, step: str) -> None:
    case = awaiting_quote(company)
    case.cancel()
    before = case.read()
    line = {"kind": "labour", "text": "检修", "price": "1.00"}
    bodies = {
        "contact": {},
        "holds": {"reason": "customer"},
        "quotes": {"solution": "更换主板", "lines": [line]},
        "cancellation": {"reason": "mistake"},
    }
    headers = {**ANY_VERSION, "Idempotency-Key": f"{step}-{case.id}"}
    answer = company.agent.client.post(f"{case.path}/{step}", json=bodies[step], headers=headers)
    assert answer.status_code == httpx.codes.CONFLICT
    assert "stays as it is" in answer.json()["expected"]
    assert case.read() == before
