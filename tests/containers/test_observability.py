"""The profile `observability`, running: everybody is asked, every rule is understood, every panel has an answer."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import yaml

from testkit.composed import HOST, Composed
from testkit.engine import attempt, docker
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.suite import ROOT, SERVICES

pytestmark = pytest.mark.timeout(1800)

STAND_IN = Path(__file__).parent / "standins" / "prometheus.Dockerfile"
DASHBOARDS = {
    board["uid"]: board
    for board in (json.loads(file.read_text()) for file in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")))
}
QUERIES = {
    f"{board['title']}: {panel['title']}: {target['refId']}": target["expr"]
    for board in DASHBOARDS.values()
    for panel in board["panels"]
    for target in panel["targets"]
}
EVERYBODY = len(SERVICES) + len(("rabbitmq",))


def image_of(service: str) -> str:
    """What the profile starts unless somebody names another image."""
    said = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][service]["image"]
    return str(said.partition(":-")[2].removesuffix("}"))


def is_to_be_had(image: str) -> bool:
    return attempt("image", "inspect", image).returncode == 0 or attempt("pull", "--quiet", image).returncode == 0


@pytest.fixture(scope="module")
def watched(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The suite, one process of each service, with Prometheus."""
    said = {"PROMETHEUS_PORT": str(free_port()), "GRAFANA_PORT": str(free_port())}
    if not is_to_be_had(image_of("prometheus")):
        said["PROMETHEUS_IMAGE"] = "aftersales-test-prometheus"
        docker("build", "--quiet", "--tag", said["PROMETHEUS_IMAGE"], "--file", str(STAND_IN), str(STAND_IN.parent))
    names = (*SERVICES, "mail", "prometheus")
    with Composed.running(tmp_path_factory.mktemp("watched") / "home", names=names, said=said) as composed:
        yield composed


@pytest.fixture(scope="module")
def prometheus(watched: Composed) -> Iterator[httpx.Client]:
    """Prometheus, once it has asked everybody."""
    with httpx.Client(base_url=f"http://{HOST}:{watched.said['PROMETHEUS_PORT']}", timeout=PATIENCE_SECONDS) as client:
        until(lambda: len(targets(client)) == EVERYBODY and "unknown" not in targets(client).values())
        yield client


def until(is_so: Callable[[], bool]) -> None:
    """Neither tells when it is so far: Prometheus asks every five seconds, Grafana starts."""
    give_up = time.monotonic() + 5 * PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.5)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/health").is_success
    except httpx.HTTPError:
        return False


def targets(client: httpx.Client) -> dict[str, str]:
    try:
        found = client.get("/api/v1/targets").raise_for_status().json()["data"]["activeTargets"]
    except httpx.HTTPError:
        return {}
    return {one["scrapeUrl"]: f"{one['health']} {one['lastError']}".strip() for one in found}


def test_everybody_is_asked_and_answers(prometheus: httpx.Client) -> None:
    found = targets(prometheus)
    assert len(found) == EVERYBODY
    assert set(found.values()) == {"up"}


def test_every_alert_is_understood(prometheus: httpx.Client) -> None:
    groups = prometheus.get("/api/v1/rules").raise_for_status().json()["data"]["groups"]
    loaded = {rule["name"]: rule.get("lastError", "") for group in groups for rule in group["rules"]}
    written = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    assert loaded == {rule["alert"]: "" for group in written for rule in group["rules"]}


@pytest.mark.parametrize("query", QUERIES)
def test_every_panel_is_answered(query: str, prometheus: httpx.Client) -> None:
    answer = prometheus.get("/api/v1/query", params={"query": QUERIES[query]})
    assert answer.json()["status"] == "success", answer.text
    assert not answer.json().get("warnings"), answer.text


@pytest.mark.parametrize("query", [name for name, expr in QUERIES.items() if "rate(" not in expr])
def test_a_panel_of_what_is_now_shows_something(query: str, prometheus: httpx.Client) -> None:
    """Counters of what never happened have no series; gauges have one as soon as a service has looked."""
    until(lambda: bool(prometheus.get("/api/v1/query", params={"query": QUERIES[query]}).json()["data"]["result"]))


def test_dashboards_are_where_grafana_looks_and_ask_the_source_that_it_is_given() -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]["volumes"]
    mounts = dict(volume.split(":")[1::-1] for volume in composed)
    provisioning = ROOT / mounts["/etc/grafana/provisioning"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/aftersales.yml").read_text())["providers"]
    assert (ROOT / mounts[provider["options"]["path"]]).resolve() == ROOT / "deploy/grafana/dashboards"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    asked = {panel["datasource"]["uid"] for board in DASHBOARDS.values() for panel in board["panels"]}
    assert asked == {source["uid"]}


def test_grafana_has_every_dashboard_and_reaches_its_source(watched: Composed, prometheus: httpx.Client) -> None:
    if not is_to_be_had(image_of("grafana")):
        pytest.skip(f"Grafana was not tried: there is no image {image_of('grafana')} here, and none can be pulled")
    watched.up("grafana")
    login = ("admin", watched.secrets["GRAFANA_PASSWORD"])
    base = f"http://{HOST}:{watched.said['GRAFANA_PORT']}"
    with httpx.Client(base_url=base, auth=login, timeout=PATIENCE_SECONDS) as grafana:
        until(lambda: answers(grafana))
        for uid in DASHBOARDS:
            assert grafana.get(f"/api/dashboards/uid/{uid}").raise_for_status().json()["meta"]["provisioned"]
        for query, expr in QUERIES.items():
            answer = grafana.get(f"/api/datasources/proxy/uid/prometheus/api/v1/query?query={quote(expr)}")
            assert answer.json()["status"] == "success", (query, answer.text)
