"""What the pages and compose grant of connections to PostgreSQL is what the processes may open."""

import re
from pathlib import Path

from notifier.courier import CONNECTIONS
from shared.foundation import BEHIND, REQUESTS
from testkit.suite import SERVICES

ROOT = Path(__file__).parents[3]
LISTENS, PROBES = 1, 2
RESERVED = 3
"""For the server's own administrator."""
API, WORKER, SERVE = REQUESTS, BEHIND + LISTENS + PROBES, REQUESTS + BEHIND + LISTENS


def test_the_page_says_how_many_connections_each_mode_may_open() -> None:
    page = (ROOT / "docs/operations/kubernetes.md").read_text()
    assert f"| `api` | {API} |" in page
    assert f"| `worker` | {WORKER}, notifier's {WORKER + CONNECTIONS} |" in page
    assert f"| `serve` | {SERVE}, notifier's {SERVE + CONNECTIONS} |" in page
    service = 2 * API + 6 * WORKER
    assert f"{service} for each service and {service + 6 * CONNECTIONS} for notifier" in page


def test_two_of_everything_fit_into_the_server_of_compose() -> None:
    needed = 2 * (len(SERVICES) * (API + WORKER) + CONNECTIONS)
    found = re.search(r"max_connections=(\d+)", (ROOT / "docker-compose.yml").read_text())
    assert found is not None
    assert needed + RESERVED <= int(found[1])
