"""What a curious person could hear of a running suite without any key: messages, logs, metrics, cells, mails."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from shared.contracts.envelope import Event
from support.footprint import Footprint
from support.waiting import patiently
from testkit.suite import Suite

AT_ONCE = 200


def found(text: str, *, of: Iterable[str]) -> list[str]:
    """Which of the marks stand in a text, as they are or as JSON writes them."""
    return [mark for mark in of if mark in text or json.dumps(mark)[1:-1] in text]


@contextmanager
def everything_said(suite: Suite) -> Iterator[list[str]]:
    """All messages of the exchange `events` during the block, headers and bodies as they are on the wire.

    The list is filled when the block ends.
    """
    queue = f"tap-{uuid4().hex}"
    said: list[str] = []
    with _management(suite) as management:
        management.put(f"/queues/{_vhost(suite)}/{queue}", json={"durable": True}).raise_for_status()
        try:
            binding = {"routing_key": "#"}
            management.post(f"/bindings/{_vhost(suite)}/e/events/q/{queue}", json=binding).raise_for_status()
            yield said
            while messages := _messages(management, suite=suite, queue=queue, ackmode="ack_requeue_false"):
                said += messages
        finally:
            management.delete(f"/queues/{_vhost(suite)}/{queue}").raise_for_status()


@contextmanager
def broken_off(suite: Suite, event: Event, *, queue: str) -> Iterator[None]:
    """The event came to a queue without its end, and lies among its dead letters for as long as the block lasts."""
    dead, default = f"{queue}.dead", f"/exchanges/{_vhost(suite)}/amq.default/publish"
    body = {"payload": event.model_dump_json()[:-1], "payload_encoding": "string", "routing_key": queue}
    with _management(suite) as management:
        told = management.post(default, json={**body, "properties": {"type": event.TYPE, "message_id": str(uuid4())}})
        assert told.raise_for_status().json()["routed"]
        patiently(lambda: _messages(management, suite=suite, queue=dead, ackmode="ack_requeue_true"))
        try:
            yield
        finally:
            management.delete(f"/queues/{_vhost(suite)}/{dead}/contents").raise_for_status()


def dead_letters(suite: Suite) -> list[str]:
    """Whatever waits for a person, in all queues for it; it stays there."""
    with _management(suite) as management:
        queues = management.get(f"/queues/{_vhost(suite)}", params={"columns": "name"}).raise_for_status().json()
        return [
            message
            for queue in queues
            if queue["name"].endswith(".dead")
            for message in _messages(management, suite=suite, queue=queue["name"], ackmode="ack_requeue_true")
        ]


def logs(suite: Suite, *, servers: Path) -> dict[str, str]:
    """What every service wrote, and the database and the broker where they are ours."""
    files = [*suite.home.glob("*.log"), *servers.glob("*/log"), *servers.glob("*/log/*")]
    return {str(file): file.read_text(errors="replace") for file in files if file.is_file()}


def metrics(suite: Suite) -> dict[str, str]:
    """What every service shows to whoever measures."""
    return {
        name: httpx.get(f"{service.url}/metrics").raise_for_status().text for name, service in suite.services.items()
    }


def cells_with(suite: Suite, *, of: Iterable[str]) -> set[str]:
    """The columns of any table of any service that show one of the marks as they are stored."""
    marks = list(of)
    with Footprint(suite) as footprint:
        return {place for place, value in footprint.cells() if found(_as_text(value), of=marks)}


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _messages(management: httpx.Client, *, suite: Suite, queue: str, ackmode: str) -> list[str]:
    asked = {"count": AT_ONCE, "ackmode": ackmode, "encoding": "auto"}
    answer = management.post(f"/queues/{_vhost(suite)}/{queue}/get", json=asked).raise_for_status()
    return [json.dumps(message, ensure_ascii=False) for message in answer.json()]


def _management(suite: Suite) -> httpx.Client:
    parts = urlsplit(suite.management_url)
    address = f"http://{parts.hostname}:{parts.port}/api"
    return httpx.Client(base_url=address, auth=(parts.username or "", parts.password or ""), timeout=30)


def _vhost(suite: Suite) -> str:
    return urlsplit(suite.broker_url).path.strip("/")
