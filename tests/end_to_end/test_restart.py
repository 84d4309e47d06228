"""What `make run` started and Ctrl-C ended is found again; the servers have tests of their own for that."""

import time
from pathlib import Path
from uuid import uuid4

import httpx

from testkit.clients import Json, Person, items, text
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import Servers, Suite

PATIENCE = 30.0


def form() -> dict[str, Json]:
    return {
        "customer": {"name": "李建国", "phones": ["13800138000"]},
        "site": {"district": "xuhui", "address": "漕溪北路 1 号"},
        "serial_number": "SN-1",
        "problem_code": "no_heat",
        "description": "不出热水",
    }


def unit() -> dict[str, Json]:
    return {
        "serial_number": "SN-1",
        "product_family": "water_heater",
        "product_model": "RS-60",
        "sold_on": "2020-01-15",
        "warranty_months": 600,
    }


def test_a_suite_that_was_stopped_finds_its_data_again_and_goes_on(
    server_home: Path, postgres: Postgres, rabbitmq: RabbitMQ
) -> None:
    home, given = server_home / "stopped", Servers(postgres=postgres, rabbitmq=rabbitmq, mark=uuid4().hex[:12])
    with Suite.running(home, given=given) as suite:
        Person(suite.client("intake", role="admin")).create("/v1/units", unit())
        token = suite.token("agent")
        with suite.client("intake", role="agent") as agent:
            first = agent.post("/v1/cases", json=form(), headers={"Idempotency-Key": "before-the-night"})
        assert first.status_code == httpx.codes.CREATED
        processes = [service.process for service in suite.services.values()]
    assert not any(process.alive for process in processes)

    with Suite.running(home, given=given) as suite:
        same_token = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=suite.services["intake"].url, headers=same_token) as client:
            again = client.post("/v1/cases", json=form(), headers={"Idempotency-Key": "before-the-night"})
            assert (again.status_code, again.content) == (first.status_code, first.content)
            reader = Person(client)
            (case,) = items(reader.read("/v1/cases"))
            contact = reader.read(f"/v1/customers/{case['customer_id']}/contact", purpose="callback")
            assert contact["name"] == "李建国"
        order = order_of(Person(suite.client("dispatch", role="dispatcher")), case_id=text(case, "id"))
        assert order["case_number"] == case["number"]


def order_of(dispatcher: Person, *, case_id: str) -> dict[str, Json]:
    """The one work order of the case, which may have been under way when the suite was stopped."""
    until = time.monotonic() + PATIENCE
    while not (found := items(dispatcher.read("/v1/work-orders", case_id=case_id))) and time.monotonic() < until:
        time.sleep(0.05)
    (order,) = found
    return order
