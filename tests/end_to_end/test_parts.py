"""Parts: reserved, drawn for a started order, ordered against a deposit, never promised before they are there."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from shared.contracts import dispatch, intake, parts
from support.company import Company
from support.repairs import OnSite
from testkit.clients import Json, Person, Refused

DAY = timedelta(days=1)


def lines(code: str, quantity: int = 1) -> list[Json]:
    return [{"part_code": code, "quantity": quantity}]


def pay(company: Company, required: parts.DepositRequired) -> None:
    path = f"/v1/deposits/{required.deposit_id}"
    company.storekeeper.change(f"{path}/payment", {"amount": str(required.amount), "method": "cash"}, of=path)


def place(company: Company, required: parts.DepositRequired) -> str:
    """Every signature, and the supplier's promise for tomorrow; the path of the claim order."""
    path = f"/v1/claim-orders/{required.claim_order_id}"
    for role in ("workshop_manager", "aftersales_director"):
        if company.storekeeper.read(path)["state"] == "awaiting_approval":
            company.person("parts", role=role).change(f"{path}/approval", {"decision": "approve"}, of=path)
    expected = (company.time.now() + DAY).isoformat()
    company.storekeeper.change(f"{path}/placement", {"supplier": "恒通配件", "expected_at": expected}, of=path)
    return path


@pytest.mark.rule("R314")
def test_a_known_part_is_reserved_issued_once_the_order_is_started_and_consumed(company: Company) -> None:
    technician = company.technician()
    code = company.part(on_hand=2)
    case = company.register(parts=lines(code))
    case.heard(parts.PartsReserved)
    assert company.stock(code)["available"] == 1
    assert case.assigned() == technician
    with pytest.raises(Refused) as refused:
        case.issue(code, to=technician)
    assert refused.value.answer.status_code == httpx.codes.CONFLICT

    begin = company.time.now() + timedelta(minutes=30)
    visit = UUID(str(case.visit(begin)["id"]))
    company.time.advance_to(begin)
    technician.work.step(visit, "preparation")
    case.heard(dispatch.WorkOrderStarted)
    case.issue(code, to=technician)
    technician.work.go(visit)
    technician.work.complete(visit, resolution="part_replaced", fitted=lines(code))
    company.time.settle()
    left = company.stock(code)
    assert (left["on_hand"], left["reserved"], left["available"]) == (1, 0, 1)


@pytest.mark.rule("R320", "R321", "R327")
def test_a_short_part_waits_for_the_deposit_and_the_visit_waits_for_the_part(company: Company) -> None:
    technician = company.technician()
    code = company.part(on_hand=0)
    case = company.register(parts=lines(code))
    required = case.heard(parts.DepositRequired)
    case.assigned()
    company.time.settle()
    with pytest.raises(Refused) as refused:
        case.visit(company.at(14))
    assert refused.value.answer.status_code == httpx.codes.CONFLICT
    pay(company, required)
    order = place(company, required)
    company.time.settle()
    with pytest.raises(Refused):
        case.visit(company.at(14))
    company.time.advance(DAY)
    company.storekeeper.change(f"{order}/arrival", {}, of=order)
    case.heard(parts.PartsReserved)
    company.time.settle()

    begin = company.time.now() + timedelta(minutes=30)
    visit = UUID(str(case.visit(begin)["id"]))
    company.time.advance_to(begin)
    technician.work.step(visit, "preparation")
    case.heard(dispatch.WorkOrderStarted)
    case.issue(code, to=technician)
    technician.work.go(visit)
    technician.work.complete(visit, resolution="part_replaced", fitted=lines(code))
    assert case.heard(parts.DepositRefunded).reason == "fitted"
    order_id = UUID(str(case.order()["id"]))
    assert "sign" in case.missing()
    technician.work.sign_off(order_id)
    case.heard(dispatch.WorkOrderSignedOff)
    company.time.settle()
    assert case.step("closure")["state"] == "closed"


@pytest.mark.rule("R314", "R321")
def test_what_was_taken_in_by_whoever_never_said_that_he_began_gets_its_part_and_the_deposit_comes_back(
    company: Company,
) -> None:
    technician = company.technician()
    code = company.part(on_hand=0)
    case = company.register()
    case.assigned()
    begin = company.time.now() + timedelta(minutes=30)
    visit = UUID(str(case.visit(begin)["id"]))
    company.time.advance_to(begin)
    technician.work.step(visit, "arrival")
    on_site = OnSite(case=case, technician=technician, visit_id=visit)
    item = on_site.take_in(promised=company.time.now() + 5 * DAY)
    technician.person.create(f"/v1/work-orders/{on_site.order_id}/parts-requests", {"lines": lines(code)})
    required = case.heard(parts.DepositRequired)
    pay(company, required)
    order = place(company, required)
    company.time.advance(DAY)
    company.storekeeper.change(f"{order}/arrival", {}, of=order)
    case.issue(code, to=technician)
    on_site.give_back(item, fitted=lines(code))
    assert case.heard(parts.DepositRefunded).reason == "fitted"
    assert case.order()["state"] == "signed_off"
    left = company.stock(code)
    assert (left["on_hand"], left["reserved"], left["available"]) == (0, 0, 0)


def test_a_declined_deposit_ends_the_request_and_says_so(company: Company) -> None:
    company.technician()
    code = company.part(on_hand=0)
    case = company.register(parts=lines(code))
    path = f"/v1/deposits/{case.heard(parts.DepositRequired).deposit_id}"
    company.storekeeper.change(f"{path}/decline", {}, of=path)
    assert case.heard(parts.PartsUnavailable).reason == "deposit_declined"
    case.cancel()
    case.heard(dispatch.WorkOrderCancelled)


def test_a_cancelled_case_gives_back_the_parts_and_the_deposit(company: Company) -> None:
    company.technician()
    there, short = company.part(on_hand=3), company.part(on_hand=0)
    case = company.register(parts=[*lines(there, 2), *lines(short)])
    pay(company, case.heard(parts.DepositRequired))
    case.heard(parts.DepositPaid)
    case.cancel()
    assert case.heard(parts.DepositRefunded).reason == "cancelled"
    case.heard(parts.PartsReleased)
    assert company.stock(there)["available"] == 3


def test_only_one_of_two_cases_gets_the_last_piece(company: Company) -> None:
    code = company.part(on_hand=1)
    first, second = company.register(parts=lines(code)), company.register(parts=lines(code))
    company.time.settle()
    told = [case.told() for case in (first, second)]
    assert sorted("parts.parts_reserved.v1" in types for types in told) == [False, True]
    assert sorted("parts.parts_short.v1" in types for types in told) == [False, True]


def test_a_wrong_amount_or_a_second_payment_is_refused(company: Company) -> None:
    case = company.register(parts=lines(company.part(on_hand=0)))
    required = case.heard(parts.DepositRequired)
    path = f"/v1/deposits/{required.deposit_id}"
    with pytest.raises(Refused) as wrong:
        company.storekeeper.change(f"{path}/payment", {"amount": "0.01", "method": "cash"}, of=path)
    assert wrong.value.answer.status_code in {httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY}
    pay(company, required)
    with pytest.raises(Refused) as twice:
        pay(company, required)
    assert twice.value.answer.status_code == httpx.codes.CONFLICT
    assert "intake.case_cancelled.v1" not in case.told()


def test_nobody_but_those_who_may_approves_a_claim_order(company: Company) -> None:
    case = company.register(parts=lines(company.part(on_hand=0)))
    required = case.heard(parts.DepositRequired)
    pay(company, required)
    path = f"/v1/claim-orders/{required.claim_order_id}"
    with pytest.raises(Refused) as refused:
        Person(company.clients.of("parts", role="storekeeper")).change(
            f"{path}/approval", {"decision": "approve"}, of=path
        )
    assert refused.value.answer.status_code == httpx.codes.FORBIDDEN
    assert case.heard(intake.CaseOpened).parts[0].quantity == 1
