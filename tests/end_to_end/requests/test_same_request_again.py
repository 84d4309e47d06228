"""The same request again has the same answer and no second effect (I2, I12)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from support.company import Company
from testkit.clients import Json, items, text

AT_ONCE = 16


def post(company: Company, form: Mapping[str, Json], *, key: str) -> httpx.Response:
    return company.agent.client.post("/v1/cases", json=form, headers={"Idempotency-Key": key})


def cases_of(company: Company, form: Mapping[str, Json]) -> int:
    serial_number = text(dict(form), "serial_number")
    (unit,) = items(company.agent.read("/v1/units", serial_number=serial_number))
    return len(items(company.agent.read("/v1/cases", unit_id=text(unit, "id"))))


def test_the_same_key_and_body_get_the_same_answer_and_one_case(company: Company) -> None:
    form = company.form()
    key = text(form, "serial_number")
    first, again = (post(company, form, key=key) for _ in range(2))
    assert first.status_code == again.status_code == httpx.codes.CREATED
    assert first.content == again.content
    assert [first.headers[name] for name in ("etag", "location")] == [
        again.headers[name] for name in ("etag", "location")
    ]
    assert cases_of(company, form) == 1


def test_the_same_key_with_another_body_is_refused(company: Company) -> None:
    form = company.form()
    key = text(form, "serial_number")
    assert post(company, form, key=key).is_success
    other = post(company, {**form, "urgency": "urgent"}, key=key)
    assert other.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "a new key" in other.json()["expected"]
    assert cases_of(company, form) == 1


def test_two_people_may_use_the_same_key(company: Company) -> None:
    form = company.form()
    key = text(form, "serial_number")
    assert post(company, form, key=key).is_success
    other = company.person("intake", role="agent", subject="somebody-else")
    answer = other.client.post("/v1/cases", json=company.form(), headers={"Idempotency-Key": key})
    assert answer.status_code == httpx.codes.CREATED


def test_many_at_once_with_one_key_make_one_case(company: Company) -> None:
    form = company.form()
    key = text(form, "serial_number")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: post(company, form, key=key), range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {httpx.codes.CREATED}
    assert len({answer.content for answer in answers}) == 1
    assert cases_of(company, form) == 1


def test_a_step_that_is_repeated_under_its_key_is_taken_once(company: Company) -> None:
    case = company.register()
    tag = company.agent.client.get(case.path).headers["ETag"]
    headers = {"Idempotency-Key": f"hold-{case.id}", "If-Match": tag}
    first, again = (
        company.agent.client.post(f"{case.path}/holds", json={"reason": "customer"}, headers=headers) for _ in range(2)
    )
    assert first.status_code == again.status_code == httpx.codes.CREATED
    assert first.content == again.content
    assert len(items(case.read(), "holds")) == 1


def test_of_two_changes_of_the_same_version_one_is_stale(company: Company) -> None:
    case = company.register()
    tag = company.agent.client.get(case.path).headers["ETag"]

    def hold(reason: str) -> int:
        headers = {"If-Match": tag, "Idempotency-Key": f"{reason}-{case.id}"}
        return company.agent.client.post(f"{case.path}/holds", json={"reason": reason}, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(hold, ("customer", "parts")))
    assert codes == [httpx.codes.CREATED, httpx.codes.PRECONDITION_FAILED]
    assert len(items(case.read(), "holds")) == 1
