"""Every overlay as it is applied: taken by Kubernetes, understood by the services, open for nobody else."""

import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from shared.messaging import __main__ as declaring
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.observability.metrics import metrics_router, process_registry
from shared.security.encryption import new_key
from shared.settings import load_settings
from support.manifests import (
    COMPONENT,
    NAME,
    OVERLAYS,
    TOPOLOGY,
    VERSIONS,
    Manifest,
    Pod,
    all_pods,
    fault_of,
    of_kind,
    pods,
    policies_on,
    ports_out,
    rendered,
    selects,
    settings_of,
)
from testkit.suite import ROOT, SERVICES, policy_file

PAGE = ROOT / "docs" / "operations" / "kubernetes.md"
SECRETS = Path("/run/secrets/aftersales")
NAMES, DATABASE, ISSUER, BROKER, MAIL, INTAKE = {53}, {5432}, {443}, {5671, 5672}, {587}, {"http"}
SEND_LINKS = {"feedback", "notifier"}
EVERY_OVERLAY = pytest.mark.parametrize("overlay", OVERLAYS)


@EVERY_OVERLAY
@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_one_that_kubernetes_takes(overlay: str, version: str) -> None:
    manifests = rendered(overlay)
    assert [fault for one in manifests if (fault := fault_of(one, version=version))] == []
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests]
    assert len(names) == len(set(names))
    assert len({one["metadata"].get("namespace") for one in manifests if one["kind"] != "Namespace"}) == 1


@EVERY_OVERLAY
def test_a_service_starts_with_the_environment_that_its_pods_have(
    overlay: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = {
        "database-url": "postgresql://intake@db/intake",
        "broker-url": "amqps://intake@mq/aftersales",
        "encryption-keys": f"k1:{new_key()}",
        "blind-index-key": new_key(),
        "intake-token": "token",
        "smtp-password": "word",
    }
    for name, text in secret.items():
        (tmp_path / name).write_text(text)
    for pod in pods(rendered(overlay)):
        model, prefix = settings_of(pod.service), f"{pod.service.upper()}_"
        known = {f"{prefix}{field}".upper() for field in model.model_fields}
        with monkeypatch.context() as environment:
            for variable, value in pod.environment(rendered(overlay)).items():
                assert variable in known or variable.removesuffix("_FILE") in known
                mounted = variable.endswith("_FILE") and variable not in known
                if mounted:
                    assert Path(value).parent == SECRETS
                    assert f"`{Path(value).name}`" in PAGE.read_text()
                environment.setenv(variable, str(tmp_path / Path(value).name) if mounted else value)
            settings = load_settings(model)
        assert settings.database_url == secret["database-url"]
        assert settings.http_host == "0.0.0.0"  # noqa: S104
        if pod.service in SEND_LINKS:
            assert "127.0.0.1" not in settings.public_url
        assert str(settings.policy_file.parent) in pod.mounts
        assert settings.jwt_jwks_url, "a pod verifies tokens"
        assert settings.jwt_key_file is None, "no pod signs them"


@EVERY_OVERLAY
def test_every_map_that_a_pod_names_is_there_and_every_secret_is_in_the_page(overlay: str) -> None:
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(rendered(overlay), "ConfigMap")}
    for pod in pods(rendered(overlay)):
        file = Path(pod.environment(rendered(overlay))[f"{pod.service.upper()}_POLICY_FILE"])
        policy = maps[pod.mounts[str(file.parent)]["configMap"]["name"]]
        assert policy == {file.name: policy_file(pod.service, profile="standard").read_text()}
        secret = pod.mounts[str(SECRETS)]["secret"]
        assert secret["secretName"] == f"{pod.service}-secrets"
        assert secret["defaultMode"] == 0o440
    assert not of_kind(rendered(overlay), "Secret"), "a secret has no place in a repository"
    assert "`<service>-secrets`" in PAGE.read_text()
    for one in of_kind(rendered(overlay), "TriggerAuthentication"):
        [asked] = one["spec"]["secretTargetRef"]
        assert f"`{asked['name']}`" in PAGE.read_text()
        assert f"`{asked['key']}`" in PAGE.read_text()


@EVERY_OVERLAY
def test_a_pod_reaches_what_it_needs_and_nothing_else(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        mode = pod.container["args"][0]
        asks, works = mode in {"api", "serve"}, mode in {"worker", "serve"}
        sends = works and pod.service == "notifier"
        seeks = sends or (asks and pod.service == "parts")  # a contact, which intake alone knows
        expected = NAMES | DATABASE | (ISSUER if asks else set()) | (BROKER if works else set())
        sought = (MAIL if sends else set()) | (INTAKE if seeks else set())
        assert ports_out(pod, rendered(overlay)) == expected | sought, pod.name
        settings = pod.environment(rendered(overlay))
        if sends:
            assert int(settings["NOTIFIER_SMTP_PORT"]) in MAIL
        if seeks:
            [intake] = [one for one in pods(rendered(overlay)) if one.name == "intake-api"]
            assert takes_from(intake, pod, manifests=rendered(overlay))
            assert (
                f"http://{service_of(intake, manifests=rendered(overlay))}"
                == settings[f"{pod.service.upper()}_INTAKE_URL"]
            )


def takes_from(taker: Pod, sender: Pod, *, manifests: Sequence[Manifest]) -> bool:
    return any(
        selects(peer["podSelector"], sender.labels)
        for policy in policies_on(taker, manifests, direction="Ingress")
        for rule in policy["spec"].get("ingress", [])
        for peer in rule["from"]
        if "podSelector" in peer and "namespaceSelector" not in peer
    )


def service_of(pod: Pod, *, manifests: Sequence[Manifest]) -> str:
    [name] = [
        one["metadata"]["name"]
        for one in of_kind(manifests, "Service")
        if selects({"matchLabels": one["spec"]["selector"]}, pod.labels)
    ]
    assert isinstance(name, str)
    return name


@EVERY_OVERLAY
def test_a_pod_is_reached_by_gateway_and_monitoring_only_but_intake_by_notifier_too(overlay: str) -> None:
    gateway, monitoring, notifier = "gateway", "monitoring", "notifier"
    for pod in pods(rendered(overlay)):
        let_in = {
            peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            if "namespaceSelector" in peer
            else peer["podSelector"]["matchExpressions"][0]["values"][0]
            for policy in policies_on(pod, rendered(overlay), direction="Ingress")
            for rule in policy["spec"].get("ingress", [])
            for peer in rule["from"]
        }
        answers = pod.labels[COMPONENT] == "api"
        expected = ({monitoring} if pod.kind == "Deployment" else set()) | ({gateway} if answers else set())
        assert let_in == expected | ({notifier} if answers and pod.service == "intake" else set()), pod.name


@EVERY_OVERLAY
def test_selectors_take_the_pods_of_one_workload_each(overlay: str) -> None:
    every = list(pods(rendered(overlay)))
    for one in rendered(overlay):
        match one["kind"]:
            case "Deployment" | "PodDisruptionBudget":
                selector = one["spec"]["selector"]
            case "Service":
                selector = {"matchLabels": one["spec"]["selector"]}
            case _:
                continue
        [pod] = [pod for pod in every if selects(selector, pod.labels)]
        assert one["metadata"]["name"] == pod.name


@EVERY_OVERLAY
def test_images_are_those_of_the_service_and_can_be_found_in_a_registry(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        assert re.fullmatch(rf".+/aftersales-{pod.service}:.+", pod.container["image"])


def test_workers_and_apis_run_apart_in_production_and_together_where_one_process_is_enough() -> None:
    def modes(overlay: str) -> set[tuple[str, str]]:
        return {(pod.service, pod.container["args"][0]) for pod in pods(rendered(overlay))}

    assert modes("production") == {(service, mode) for service in SERVICES for mode in ("api", "worker", "migrate")}
    assert modes("single") == {(service, mode) for service in SERVICES for mode in ("serve", "migrate")}
    assert modes("one-service") == {("intake", mode) for mode in ("api", "worker", "migrate")}
    replicas = [one["spec"].get("replicas") for one in of_kind(rendered("production"), "Deployment")]
    assert sorted(replicas, key=str) == [2] * len(SERVICES) + [None] * len(SERVICES), "KEDA alone counts the workers"


@pytest.mark.parametrize("overlay", ["production", "single"])
def test_a_job_of_no_service_declares_the_topology_and_reaches_the_broker_only(
    overlay: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    [pod] = [pod for pod in all_pods(rendered(overlay)) if pod.labels[NAME] == TOPOLOGY]
    assert pod.container["command"] == ["python", "-m", declaring.__name__.removesuffix(".__main__")]
    assert pod.container["args"] == ["declare"]
    (tmp_path / "broker-url").write_text("amqps://topology@mq/aftersales")
    for variable in pod.container["env"]:
        file = Path(variable["value"])
        assert file.parent == SECRETS
        monkeypatch.setenv(variable["name"], str(tmp_path / file.name))
    assert load_settings(declaring.TopologySettings).broker_url == "amqps://topology@mq/aftersales"
    assert f"`{pod.mounts[str(SECRETS)]['secret']['secretName']}`" in PAGE.read_text()
    assert ports_out(pod, rendered(overlay)) == NAMES | BROKER
    [of_service] = [one for one in pods(rendered(overlay)) if one.name == "intake-migrate"]
    for part in ("securityContext", "automountServiceAccountToken", "enableServiceLinks", "restartPolicy"):
        assert pod.spec[part] == of_service.spec[part]
    assert pod.container["securityContext"] == of_service.container["securityContext"]
    assert pod.container["image"] == of_service.container["image"]


def test_one_service_brings_nothing_of_the_others() -> None:
    others = "|".join(service for service in SERVICES if service != "intake")
    named = [one["metadata"]["name"] for one in rendered("one-service")]
    assert [name for name in named if re.match(others, name)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_is_scaled_by_the_queues_of_its_handlers(service: str) -> None:
    queues, _ = triggers(service)
    looked_at = re.compile(queues["metadata"]["queueName"])
    for other in SERVICES:
        for queue in CATALOGUE_TOPOLOGY.queues(other):
            assert bool(looked_at.search(queue.name)) == (other == service)
            assert not looked_at.search(queue.retry)
            assert not looked_at.search(queue.dead)
    [authentication] = [
        one
        for one in of_kind(rendered("production"), "TriggerAuthentication")
        if one["metadata"]["name"] == queues["authenticationRef"]["name"]
    ]
    assert authentication["metadata"]["labels"][NAME] == service


@pytest.mark.parametrize("service", SERVICES)
async def test_a_worker_is_scaled_by_metrics_that_it_shows(service: str) -> None:
    _, outbox = triggers(service)

    async def fine() -> None:
        return None

    registry = process_registry()
    DeliveryMetrics(registry, service=service)
    process = FastAPI()
    process.include_router(metrics_router(registry, service=service, checks={"consumers": fine}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(process), base_url="http://worker") as client:
        shown = (await client.get("/metrics")).text
    series = re.findall(r"(\w+){([^}]*)}", outbox["metadata"]["query"])
    assert [name for name, _ in series] == ["outbox_oldest_age_seconds", "ready"]
    for name, labels in series:
        lines = [line for line in shown.splitlines() if line.startswith(f"{name}{{")]
        assert any(all(label in line for label in labels.split(",")) for line in lines), name


def triggers(service: str) -> list[Manifest]:
    """How the workers of a service are scaled: by its queues, and by its outbox."""
    [scaled] = [
        one
        for one in of_kind(rendered("production"), "ScaledObject")
        if one["spec"]["scaleTargetRef"]["name"] == f"{service}-worker"
    ]
    found = scaled["spec"]["triggers"]
    assert [trigger["type"] for trigger in found] == ["rabbitmq", "prometheus"]
    assert isinstance(found, list)
    return found
