"""Visits that do not end as planned: unfinished ones, and things that go to the workshop."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared.contracts import dispatch, parts
from support.company import Company
from testkit.clients import Json

WORDS: dict[str, Json] = {"signer": "客户本人", "signature": "c2lnbmVk"}


@pytest.mark.rule("R261")
def test_an_unfinished_visit_is_agreed_again_and_asks_for_what_was_missing(company: Company) -> None:
    company.technician()
    code = company.part(on_hand=1)
    case = company.register()
    on_site = case.at_the_unit()
    missing: list[Json] = [{"part_code": code, "quantity": 1}]
    on_site.technician.work.leave_unfinished(on_site.visit_id, reason="parts_missing", parts=missing)
    on_site.technician.work.come_back(on_site.visit_id)
    assert case.heard(dispatch.VisitUnfinished).reason == "parts_missing"
    case.heard(parts.PartsReserved)
    company.time.settle()

    begin = company.time.now() + timedelta(minutes=30)
    visit = UUID(str(case.visit(begin)["id"]))
    company.time.advance_to(begin)
    work = on_site.technician.work
    work.step(visit, "preparation")
    case.issue(code, to=on_site.technician)
    work.go(visit)
    work.complete(visit, resolution="part_replaced", fitted=missing)
    work.sign_off(on_site.order_id)
    case.heard(dispatch.WorkOrderSignedOff)
    assert [one for one in case.told() if one == "dispatch.hours_posted.v1"] == ["dispatch.hours_posted.v1"] * 2
    assert company.stock(code)["on_hand"] == 0
    assert case.step("closure")["state"] == "closed"


@pytest.mark.rule("R303", "R306", "R307")
def test_what_is_taken_in_comes_back_against_its_receipt(company: Company) -> None:
    company.technician()
    case = company.register()
    on_site = case.at_the_unit()
    promised = (company.time.now() + timedelta(days=2)).isoformat()
    taking: dict[str, Json] = {"description": "热水器一台", "promised_at": promised, **WORDS}
    on_site.technician.work.step(on_site.visit_id, "take-in", taking)
    taken = case.heard(dispatch.ItemTakenIn)
    path = f"/v1/items/{taken.item_id}"
    card: dict[str, Json] = {"work_minutes": 90, "fitted": [], "findings": "更换密封圈"}
    person = on_site.technician.person
    person.change(f"{path}/repair", card, of=path)
    workshop = company.person("dispatch", role="workshop_manager")
    workshop.change(f"{path}/inspection", {"result": "passed"}, of=path)
    back: dict[str, Json] = {"receipt_number": taken.receipt_number, "opinion": "satisfied", **WORDS}
    person.change(f"{path}/return", back, of=path)
    case.heard(dispatch.ItemReturned)
    assert case.heard(dispatch.WorkOrderSignedOff).opinion == "satisfied"
    company.time.settle()
    assert case.step("closure")["state"] == "closed"
