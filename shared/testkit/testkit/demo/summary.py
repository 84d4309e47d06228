"""What came of the story, read through the lists that people look at."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from testkit.clients import Document, Json, Person, items, text
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

SHOWN = 3
"""Of many looks for a technician, so many are shown."""


@dataclass(frozen=True)
class Summary:
    """Rows for people; megabytes when nothing was done yet, seconds from start to ready and of them the imports."""

    calls: list[dict[str, str]]
    cases: list[dict[str, str]]
    work_orders: list[dict[str, str]]
    stock: list[dict[str, str]]
    deposits: list[dict[str, str]]
    surveys: list[dict[str, str]]
    mails: list[dict[str, str]]
    memory_mb: Mapping[str, float]
    ready_seconds: Mapping[str, float]
    import_seconds: Mapping[str, float]


def summary_of(suite: Suite, *, memory_mb: Mapping[str, float]) -> Summary:
    """Ask the services for their lists, and the mail server for what it was handed."""
    agent = Person(suite.client("intake", role="agent"))
    dispatcher = Person(suite.client("dispatch", role="dispatcher"))
    storekeeper = Person(suite.client("parts", role="storekeeper"))
    caller = Person(suite.client("feedback", role="agent"))
    names = {text(one, "id"): text(one, "name") for one in items(dispatcher.read("/v1/technicians"))}
    return Summary(
        calls=[
            _row(call, number="customer_label", provider="provider", state="state", outcome="outcome")
            for call in items(agent.read("/v1/calls"))
        ],
        cases=[
            _row(case, number="number", customer="customer_label", warranty="warranty", state="state")
            for case in items(agent.read("/v1/cases"))
        ],
        work_orders=[
            _work_order(order, dispatcher=dispatcher, names=names)
            for order in items(dispatcher.read("/v1/work-orders"))
        ],
        stock=[
            _row(one, part="part_code", on_hand="on_hand", reserved="reserved", available="available")
            for one in items(storekeeper.read("/v1/stock"))
        ],
        deposits=[
            _row(one, amount="amount", state="state", work_order="work_order_id")
            for one in items(storekeeper.read("/v1/deposits"))
        ],
        surveys=[
            _row(one, customer="customer_label", state="state", asked="requested_at", answered="answered_at")
            for one in items(caller.read("/v1/surveys"))
        ],
        mails=[{"to": mail.to, "subject": mail.subject} for mail in suite.mails.mails],
        memory_mb=memory_mb,
        ready_seconds={name: service.ready_seconds for name, service in suite.services.items()},
        import_seconds={name: _gauge(service, "import_seconds") for name, service in suite.services.items()},
    )


def _gauge(service: ServiceProcess, name: str) -> float:
    """What the process says of itself at `/metrics`."""
    told = httpx.get(f"{service.url}/metrics").raise_for_status().text
    return next(float(line.split()[1]) for line in told.splitlines() if line.startswith(f"{name} "))


def _row(document: Document, **columns: str) -> dict[str, str]:
    return {column: _word(document[field]) for column, field in columns.items()}


def _work_order(order: Document, *, dispatcher: Person, names: Mapping[str, str]) -> dict[str, str]:
    looks = items(dispatcher.read(f"/v1/work-orders/{order['id']}/rota-log"), field="looks")
    told = [f"{len(looks)} looks, the last {SHOWN} of them:"] if len(looks) > SHOWN else []
    for number, turn in list(enumerate(looks, 1))[-SHOWN:]:
        taken = names.get(_word(turn["technician_id"]), "nobody")
        skipped = turn["passed_over"]
        reasons = [_reason(one, names=names) for one in skipped] if isinstance(skipped, list) else []
        told.append(f"{number}. {taken} ({', '.join(reasons)})")
    row = _row(order, number="number", zone="zone", state="state", technician="technician_id")
    return row | {"technician": names.get(row["technician"], ""), "passed_over": "\n".join(told)}


def _reason(one: Json, *, names: Mapping[str, str]) -> str:
    skipped = dict(one) if isinstance(one, Mapping) else {}
    return f"{names.get(_word(skipped['technician_id']), '?')}: {_word(skipped['reason'])}"


def _word(value: Json) -> str:
    return "" if value is None else str(value)
