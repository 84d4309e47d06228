"""The whole suite from its images: it becomes ready, and the story of the demo is lived through its front doors."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from testkit.composed import Composed
from testkit.demo.cast import Cast
from testkit.demo.steps import Shown
from testkit.demo.story import live
from testkit.engine import attempt, docker, inspected
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import ROOT, SERVICES
from testkit.watcher import Watcher

ASKED = re.compile(r'^http_request_seconds_count{.*route="/v1/', re.MULTILINE)
HANDLED = re.compile(r"^events_handled_total{.*} [1-9]", re.MULTILINE)
METRICS = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8000/metrics').read().decode())"

PAGE = (ROOT / "docs" / "testing-against-the-suite.md").read_text()
ATTACHED = """
from datetime import timedelta

from shared.contracts import intake
from testkit.contact_centre import TwilioCentre


def test_time_is_moved_and_what_falls_due_is_mailed(aftersales):
    before = aftersales.time.now()
    aftersales.time.advance(timedelta(minutes=1))
    assert aftersales.time.now() >= before + timedelta(minutes=1)
    assert aftersales.mails_to("nobody@example.com") == []
    centre = aftersales.contact_centre(TwilioCentre)
    for event in centre.call("CA" + "7" * 32, caller="+8613900139001"):
        centre.push(event).raise_for_status()
    heard = aftersales.wait_for(intake.CallEnded, where={"outcome": "answered"})
    assert aftersales.person("intake", role="agent").read(f"/v1/calls/{heard.call_id}")["provider"] == "twilio"
"""
PROGRAMS = {
    **{found[1]: found[0] for found in re.finditer(r"# (\w+\.py)\n.*?(?=\n```)", PAGE, re.DOTALL)},
    "test_attached.py": ATTACHED,
}

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


def test_no_container_can_sign_a_token_but_the_one_that_is_asked_for_one(stack: Composed) -> None:
    private = json.loads(stack.key_file.read_text())["d"]
    for container in stack.compose("ps", "--all", "--quiet").split():
        known = json.dumps(inspected(container))
        assert private not in known
        assert not [place for place in files_in(container) if private in Path(place).read_text(errors="replace")]
    for service in SERVICES:
        refused = attempt("exec", stack.containers(service)[0], "python", "-m", service, "token", "--role", "agent")
        assert (refused.returncode, "can verify tokens and not sign them" in refused.stderr) == (78, True)
    token = stack.compose("run", "--rm", "--no-deps", "-T", "token", "--role", "auditor").strip()
    for service in SERVICES:
        heard = httpx.get(f"{stack.services[service].url}/v1/audit", headers={"Authorization": f"Bearer {token}"})
        assert heard.status_code == httpx.codes.OK, (service, heard.text)


def files_in(container: str) -> Iterator[str]:
    """What it sees of this machine's files."""
    mounts = json.loads(docker("inspect", "--format", "{{json .Mounts}}", container))
    for source in (Path(mount["Source"]) for mount in mounts if mount["Type"] == "bind"):
        yield from map(str, [source] if source.is_file() else filter(Path.is_file, source.rglob("*")))


@pytest.mark.parametrize("stack", [None], indirect=True, ids=["together"])
def test_a_team_attaches_to_the_suite_that_runs_and_leaves_it_as_it_is(stack: Composed, tmp_path: Path) -> None:
    """With the options, the test and the service under test of docs/testing-against-the-suite.md."""
    for name, program in PROGRAMS.items():
        (tmp_path / name).write_text(program)
    before = stack.compose("ps", "--all", "--quiet")
    addresses = " ".join(f"{service}={place.url}" for service, place in stack.services.items())
    ended = subprocess.run(  # noqa: S603  # our own tests
        [
            *(sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"),
            *("--aftersales-url", addresses, "--aftersales-broker-url", stack.broker_url()),
            *("--aftersales-mail-url", stack.mail_url, "--aftersales-key-file", str(stack.key_file)),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(PROGRAMS) - 1} passed" in ended.stdout
    assert stack.compose("ps", "--all", "--quiet") == before


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
