"""What one intake process accepts over HTTP, durable before each answer, against the same without a database."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

from uvloop import run

from benchmarks.figures import Figure, Goal, Pair
from benchmarks.ground import Ground, answering, answering_without_database
from benchmarks.http_load import closed_loop, request
from benchmarks.no_database import SECRET
from testkit.clients import Person, text
from testkit.suite import Suite

CONNECTIONS = 64
UNITS = 50
EVENTS = (
    {"event": "newCall", "queue": "repairs"},
    {"event": "answer", "user": "Li Na", "answeringNumber": "8001"},
    {"event": "hangup", "cause": "normalClearing", "answeringNumber": "8001"},
)
"""What an exchange tells of an answered call."""


def accept(ground: Ground) -> Figure:
    """Signed pushes of new calls."""
    return Figure(
        name="accept_push",
        what="accept a signed call push, one intake process, 64 connections, durable before the answer",
        against="the same endpoint answering without a database",
        unit="requests/s",
        goal=Goal(must=">= 0.30", after=">= 0.6"),
        runs=_measure(ground, requests_to=lambda suite: pushes(push_path(suite))),
    )


def register(ground: Ground) -> Figure:
    """Repairs of new customers."""
    return Figure(
        name="register_case",
        what="register a case over HTTP, one intake process, 64 connections, durable before the answer",
        against="the same endpoint answering without a database",
        unit="requests/s",
        goal=Goal(must=">= 0.10", after=">= 0.3"),
        runs=_measure(ground, requests_to=lambda suite: registrations(suite.token("agent"))),
    )


def push_path(suite: Suite) -> str:
    """A new push source; where it pushes to."""
    source = {"name": f"bench-{uuid4().hex[:8]}", "adapter": "zammad", "secret": SECRET, "country": "CN"}
    with suite.client("intake", role="admin") as client:
        made = Person(client).create("/v1/push-sources", source | {"public_base": suite.services["intake"].url})
    return f"/v1/push/zammad/{text(made, 'id')}"


def pushes(path: str) -> Iterator[bytes]:
    """Signed pushes about calls of three pushes each; between two about one call come those of all others."""
    for block in count():
        calls = [(uuid4().hex, f"137{(block * CONNECTIONS + line) % 10**8:08d}") for line in range(CONNECTIONS)]
        for told in EVENTS:
            for call_id, caller in calls:
                event = {"callId": call_id, "from": caller, "to": "4008001234", "direction": "in", **told}
                body = json.dumps(event).encode()
                signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                headers = (("Content-Type", "application/json"), ("X-Hub-Signature-256", f"sha256={signature}"))
                yield request("POST", path, headers=headers, body=body)


def registrations(token: str) -> Iterator[bytes]:
    """A new customer with a repair each, on one of the units of `set_up`."""
    for number in count():
        form = {
            "customer": {"name": f"顾客 {number}", "phones": [f"136{number % 10**8:08d}"]},
            "site": {"district": "xuhui", "address": f"漕溪北路 {number} 号"},
            "serial_number": f"BENCH-{number % UNITS}",
            "problem_code": "no_function",
            "description": "开机无反应",
        }
        headers = (
            ("Content-Type", "application/json"),
            ("Authorization", f"Bearer {token}"),
            ("Idempotency-Key", uuid4().hex),
        )
        yield request("POST", "/v1/cases", headers=headers, body=json.dumps(form).encode())


def set_up(suite: Suite) -> None:
    """Units in warranty for as long as anybody measures."""
    sheet = ["serial_number,product_family,product_model,sold_on,warranty_months"]
    sheet += [f"BENCH-{number},water_heater,RS-60,2020-01-15,600" for number in range(UNITS)]
    with suite.client("intake", role="admin") as client:
        Person(client).upload("/v1/units/import", "\n".join(sheet))


def _measure(ground: Ground, *, requests_to: Callable[[Suite], Iterator[bytes]]) -> list[Pair]:
    seconds = ground.sizes.load_seconds
    with ground.suite() as suite:
        durable = suite.services["intake"] = answering(suite)
        bare = answering_without_database(suite)
        set_up(suite)
        requests = requests_to(suite)

        def per_second(port: int, *, seconds: float) -> float:
            load = closed_loop(port, requests=requests, connections=CONNECTIONS, seconds=seconds)
            return run(load).per_second

        for process in (durable, bare):  # warm
            per_second(process.port, seconds=1)
        return [
            Pair(value=per_second(durable.port, seconds=seconds), reference=per_second(bare.port, seconds=seconds))
            for _ in range(ground.sizes.runs)
        ]
