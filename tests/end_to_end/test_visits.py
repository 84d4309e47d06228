"""No technician is in two places at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest

from support.company import Company
from support.repairs import Repair
from testkit.clients import Json, Refused, items

AT_ONCE = 8


def two_orders_of_one_technician(company: Company) -> tuple[Repair, Repair]:
    company.technician()
    first, second = company.register(), company.register()
    first.assigned()
    second.assigned()
    return first, second


def agree(case: Repair, begin: datetime, *, key: str) -> httpx.Response:
    client = case.company.dispatcher.client
    headers = {"Idempotency-Key": key}
    return client.post(f"/v1/work-orders/{case.order()['id']}/visits", json=case.company.window(begin), headers=headers)


def test_of_two_who_book_the_same_hour_at_once_one_is_told_what_is_free(company: Company) -> None:
    cases = two_orders_of_one_technician(company)
    begin = company.at(14)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            pool.submit(agree, cases[number % 2], begin, key=f"{cases[0].id}-{number}") for number in range(AT_ONCE)
        ]
        answers = [one.result() for one in asked]
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [httpx.codes.CREATED] + [httpx.codes.CONFLICT] * (AT_ONCE - 1)
    visits = [items(company.dispatcher.read("/v1/visits", work_order_id=str(case.order()["id"]))) for case in cases]
    assert sorted(map(len, visits)) == [0, 1]
    assert sorted(str(case.order()["state"]) for case in cases) == ["assigned", "scheduled"]

    loser = next(case for case in cases if case.order()["state"] == "assigned")
    again = agree(loser, begin, key=f"{loser.id}-again")
    assert again.status_code == httpx.codes.CONFLICT
    proposed = again.json()["expected"].split("such as ")[1].split("/")[0]
    loser.visit(datetime.fromisoformat(proposed))


def test_visits_may_touch_and_not_overlap_also_when_one_is_moved(company: Company) -> None:
    first, second = two_orders_of_one_technician(company)
    begin = company.at(14)
    visit = first.visit(begin)
    second.visit(begin + timedelta(hours=1))
    moved: dict[str, Json] = {**company.window(begin + timedelta(minutes=30)), "reason": "customer"}
    path = f"/v1/visits/{visit['id']}"
    before = company.dispatcher.read(path)
    with pytest.raises(Refused) as problem:
        company.dispatcher.change(f"{path}/reschedule", moved, of=path)
    assert problem.value.answer.status_code == httpx.codes.CONFLICT
    assert "a window that is free" in problem.value.answer.json()["expected"]
    assert company.dispatcher.read(path) == before
    company.dispatcher.change(f"{path}/reschedule", {**company.window(company.at(10)), "reason": "customer"}, of=path)


def test_only_the_technician_of_a_visit_arrives(company: Company) -> None:
    technician, other = company.technician(), company.technician()
    case = company.register()
    assert case.assigned() == technician
    visit = case.visit(company.time.now() + timedelta(minutes=1))
    with pytest.raises(Refused) as problem:
        other.arrive(visit)
    assert problem.value.answer.status_code == httpx.codes.FORBIDDEN
    assert case.order()["state"] == "scheduled"


def test_whoever_is_out_gets_no_turn_until_he_is_back(company: Company) -> None:
    technician = company.technician()
    case = company.register()
    case.assigned()
    visit = case.visit(company.time.now() + timedelta(minutes=1))
    technician.arrive(visit)
    waits = company.register()
    assert waits.order()["state"] == "waiting"
    path = f"/v1/visits/{visit['id']}"
    technician.person.change(f"{path}/return", {}, of=path)
    assert waits.assigned() == technician
