"""The files that every overlay is made of: right by themselves, whatever renders them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.exit_codes import CONFIGURATION_FAULT
from shared.health import health_router
from support.manifests import K8S, VERSIONS, Manifest, Pod, base_files, documents, fault_of, of_kind, pods, settings_of
from testkit.suite import ROOT, SERVICES

SERVICE = [
    manifest for path in sorted((K8S / "base" / "service").glob("*.yaml")) for manifest in documents(path.read_text())
]
NOT_OURS_TO_SET = {"TEST_CLOCK"}
STOPS_WITHIN_SECONDS = 15
"""A process ends so long after it was asked to, once it has drained."""


def literals(kustomization: Path) -> dict[str, dict[str, str]]:
    """The values of every config map that a kustomization makes, by its name."""
    made = yaml.safe_load(kustomization.read_text()).get("configMapGenerator", [])
    return {one["name"]: dict(line.split("=", 1) for line in one["literals"]) for one in made}


def templates() -> list[Pod]:
    unnamed = [manifest for manifest in SERVICE if manifest["kind"] in {"Deployment", "Job"}]
    return pods(unnamed)


@pytest.mark.parametrize("path", base_files(), ids=lambda path: str(path.relative_to(K8S)))
def test_every_object_is_one_that_kubernetes_takes(path: Path) -> None:
    found = documents(path.read_text())
    assert found
    assert [fault for one in found for version in VERSIONS if (fault := fault_of(one, version=version))] == []


def test_a_field_that_does_not_exist_is_found() -> None:
    [deployment, *_] = of_kind(SERVICE, "Deployment")
    assert fault_of(deployment | {"spec": deployment["spec"] | {"replica": 2}}, version=VERSIONS[0])
    [scaled] = of_kind(documents((K8S / "scaling" / "worker" / "scaledobject.yaml").read_text()), "ScaledObject")
    assert fault_of(scaled, version=VERSIONS[0]) is None
    assert fault_of(scaled | {"spec": scaled["spec"] | {"minReplicas": 2}}, version=VERSIONS[0])


def test_api_worker_and_migration_are_pods_apart() -> None:
    assert sorted((pod.kind, pod.name, *pod.container["args"]) for pod in templates()) == [
        ("Deployment", "api", "api"),
        ("Deployment", "worker", "worker"),
        ("Job", "migrate", "migrate"),
    ]


@pytest.mark.parametrize("pod", templates(), ids=lambda pod: pod.name)
def test_a_pod_may_do_nothing_that_it_need_not(pod: Pod) -> None:
    of_pod, of_container = pod.spec["securityContext"], pod.container["securityContext"]
    assert of_pod["runAsNonRoot"] is True
    assert of_pod["runAsUser"] >= 10_000
    assert of_pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert of_container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod.spec["automountServiceAccountToken"] is False
    assert pod.spec["enableServiceLinks"] is False
    assert pod.container["resources"]["limits"]["memory"]
    assert {"cpu", "memory"} == pod.container["resources"]["requests"].keys()


@pytest.mark.parametrize("pod", [pod for pod in templates() if pod.kind == "Deployment"], ids=lambda pod: pod.name)
def test_it_is_asked_on_routes_that_exist_and_given_the_time_to_end(pod: Pod) -> None:
    probes: dict[str, Any] = {name: pod.container[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    asked = {name: probe["httpGet"]["path"] for name, probe in probes.items()}
    assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert set(asked.values()) <= {getattr(route, "path", None) for route in health_router({}).routes}
    for service in SERVICES:
        settings = literals(K8S / "base" / service / "kustomization.yaml")["settings"]
        drains, port = int(settings["DRAIN_SECONDS"]), int(settings["HTTP_PORT"])
        assert drains > probes["readiness"]["periodSeconds"]
        assert pod.spec["terminationGracePeriodSeconds"] >= drains + STOPS_WITHIN_SECONDS
        assert pod.container["ports"] == [{"name": "http", "containerPort": port}]


def test_a_migration_is_tried_again_unless_its_settings_are_wrong() -> None:
    [job] = of_kind(SERVICE, "Job")
    [rule] = job["spec"]["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("FailJob", [CONFIGURATION_FAULT])
    assert job["spec"]["backoffLimit"] > 0


@pytest.mark.parametrize("service", SERVICES)
def test_every_value_that_is_set_is_a_setting_of_the_service_and_none_that_it_needs_is_missing(service: str) -> None:
    fields = settings_of(service).model_fields
    known = {name.upper() for name in fields} - NOT_OURS_TO_SET
    required = {name.upper() for name, field in fields.items() if field.is_required()}
    base = literals(K8S / "base" / service / "kustomization.yaml")["settings"]
    overlays = [literals(K8S / "overlays" / name / "kustomization.yaml") for name in ("production", "single")]
    for overlay in overlays:
        names = base.keys() | overlay["installation"].keys() | overlay.get(f"{service}-settings", {}).keys()
        plain = {name.removesuffix("_FILE") if name not in known else name for name in names}
        assert plain <= known
        assert required <= plain
        assert len({"JWT_JWKS_URL", "JWT_KEY_FILE"} & plain) == 1


def test_every_profile_has_its_policies_ready_as_config_maps() -> None:
    for profile in sorted((ROOT / "deploy" / "policies").iterdir()):
        made: list[Manifest] = yaml.safe_load((profile / "kustomization.yaml").read_text())["configMapGenerator"]
        assert {one["name"]: one["files"] for one in made} == {
            f"{path.stem}-policy": [path.name] for path in profile.glob("*.toml")
        }
