"""What was stopped finds its data again and goes on where it was."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx

from shared.contracts import dispatch
from support.company import Company
from support.repairs import Repair
from testkit.suite import Secrets, Suite


def stop_and_start(suite: Suite) -> None:
    """As Ctrl-C and a second `make run` do, on the same ports."""
    services = suite.services.values()
    with ThreadPoolExecutor() as pool:
        assert set(pool.map(lambda service: service.stop(), services)) == {0}
    assert not any(service.process.alive for service in services)
    for service in services:
        service.restart()


def test_a_suite_that_was_stopped_finds_its_data_again_and_goes_on(company: Company) -> None:
    technician = company.technician()
    form, key = company.form(customer={"name": "李建国", "phones": [company.number()]}), company.unit()
    before = company.time.now()
    first = company.agent.client.post("/v1/cases", json=form, headers={"Idempotency-Key": key})
    assert first.status_code == httpx.codes.CREATED

    stop_and_start(company.suite)
    assert company.time.now() > before
    again = company.agent.client.post("/v1/cases", json=form, headers={"Idempotency-Key": key})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    case = Repair(company=company, id=UUID(first.json()["id"]))
    assert case.assigned() == technician
    assert case.told().count(dispatch.WorkOrderOpened.TYPE) == 1
    contact = company.agent.read(f"/v1/customers/{case.read()['customer_id']}/contact", purpose="callback")
    assert contact["name"] == "李建国"


def test_a_second_run_has_the_keys_of_the_first(company: Company) -> None:
    suite = company.suite
    second = Suite(suite.home, profile="standard", test_clock="on", progress=lambda _: None, given=None)
    with httpx.Client(
        base_url=suite.services["intake"].url, headers={"Authorization": f"Bearer {second.token('agent')}"}
    ) as client:
        assert client.get("/v1/cases").status_code == httpx.codes.OK
    assert Secrets.of(suite.home / "secrets.json").encryption_keys in suite.services["intake"].environment.values()
