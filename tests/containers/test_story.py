"""The whole suite from its images: it becomes ready, and the story of the demo is lived through its front doors."""

import json
import re
import sys
from datetime import datetime

import httpx
import pytest

from testkit.composed import Composed, docker, inspected
from testkit.demo.cast import Cast
from testkit.demo.steps import Shown
from testkit.demo.story import live
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES
from testkit.watcher import Watcher

ASKED = re.compile(r'^http_request_seconds_count{.*route="/v1/', re.MULTILINE)
HANDLED = re.compile(r"^events_handled_total{.*} [1-9]", re.MULTILINE)
METRICS = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8000/metrics').read().decode())"

pytestmark = pytest.mark.timeout(1800)


def test_every_replica_is_ready_and_says_how_long_it_took(stack: Composed, capsys: pytest.CaptureFixture[str]) -> None:
    for service in SERVICES:
        for url in stack.urls(service):
            assert httpx.get(f"{url}/readyz", timeout=PATIENCE_SECONDS).status_code == httpx.codes.OK
    seconds = seconds_to_ready(stack)
    how = f"{stack.replicas} APIs and {stack.replicas} workers of each" if stack.replicas else "one process of each"
    with capsys.disabled():
        sys.stdout.write(f"\ncontainers: {how}: ready {seconds:.0f} s after the first container was made\n")


def test_the_story_is_lived_through_the_front_doors(stack: Composed) -> None:
    shown = Shown(tell=lambda _: None)
    with Watcher(stack.broker_url()) as watcher:
        live(Cast(stack, watcher=watcher, shown=shown))
    assert shown.missing == []


def test_each_replica_took_its_share(stack: Composed) -> None:
    for service in SERVICES:
        for url in stack.urls(service):
            assert ASKED.search(httpx.get(f"{url}/metrics", timeout=PATIENCE_SECONDS).text), (
                f"{url} of {service} was never asked"
            )
        workers = stack.containers(f"{service}-worker" if stack.replicas else service)
        assert len(workers) == (stack.replicas or 1)
        for worker in workers:
            handled = HANDLED.search(docker("exec", worker, "python", "-c", METRICS))
            assert handled, f"a worker of {service} never had anything to do"


def seconds_to_ready(stack: Composed) -> float:
    """From the first container to the last one that was found healthy."""
    ids = stack.compose("ps", "--all", "--quiet").split()
    known = [inspected(one) for one in ids]
    begun = min(instant(str(one["Created"])) for one in known)
    healthy = [found for one in known if (found := first_healthy(one)) is not None]
    return (max(healthy) - begun).total_seconds()


def first_healthy(container: dict[str, object]) -> datetime | None:
    """When the engine found it healthy for the first time that it still knows; None for jobs."""
    health = json.loads(json.dumps(container["State"])).get("Health")
    probes = [probe for probe in health["Log"] if probe["ExitCode"] == 0] if health else []
    return min((instant(probe["End"]) for probe in probes), default=None)


def instant(text: str) -> datetime:
    """As the engine writes it, with nine digits after the second."""
    whole, _, rest = text.partition(".")
    fraction, zone = rest[:6], "+00:00" if text.endswith("Z") else text[-6:]
    return datetime.fromisoformat(f"{whole}.{fraction}{zone}")
