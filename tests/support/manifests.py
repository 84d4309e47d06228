"""The objects of `deploy/k8s`: as files, rendered by kustomize, and what a pod of them may see and reach."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import validate

from shared.command_line import CommandLine
from shared.settings import ServiceSettings
from testkit.suite import ROOT

K8S = ROOT / "deploy" / "k8s"
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir())
VERSIONS = ("1.32", "1.36")
"""The oldest and the newest Kubernetes that the objects are written for."""
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
TOPOLOGY = "topology"
"""The job that belongs to no service."""
WORKLOADS = ("Deployment", "Job")

type Manifest = dict[str, Any]


def settings_of(service: str) -> type[ServiceSettings]:
    """What a service reads from its environment."""
    commands = import_module(f"{service}.__main__").COMMANDS
    assert isinstance(commands, CommandLine)
    return commands.settings


def documents(text: str) -> list[Manifest]:
    """The objects of a YAML text."""
    return [document for document in yaml.safe_load_all(text) if document]


def base_files() -> list[Path]:
    """Every file of objects, without the kustomizations that put them together."""
    return sorted(path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml")


@cache
def rendered(overlay: str) -> Sequence[Manifest]:
    """All objects of an overlay; skips the test where nothing is there that renders."""
    kustomize, kubectl = shutil.which("kustomize"), shutil.which("kubectl")
    if not (kustomize or kubectl):
        pytest.skip("neither kustomize nor kubectl is installed, so no overlay can be rendered")
    command = [kustomize, "build"] if kustomize else [str(kubectl), "kustomize"]
    done = subprocess.run(  # noqa: S603
        [*command, str(K8S / "overlays" / overlay)], capture_output=True, text=True, check=True
    )
    return documents(done.stdout)


def fault_of(manifest: Manifest, *, version: str) -> str | None:
    """What the API server of a Kubernetes of that version, or KEDA, would not take."""
    kind, api = manifest["kind"], manifest["apiVersion"]
    if not api.startswith("keda.sh/"):
        try:
            validate(manifest, version, strict=True)
        except Exception as error:  # noqa: BLE001  # it raises whatever it meets, also for a kind that does not exist
            return f"{kind} {manifest['metadata']['name']}: {error}"
        return None
    schema = json.loads((K8S / "schemas" / f"{kind.lower()}-{api.replace('.sh/', '-')}.json").read_text())
    return next((error.message for error in Draft202012Validator(schema).iter_errors(manifest)), None)


@dataclass(frozen=True)
class Pod:
    """The pods of one workload."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Manifest

    @property
    def service(self) -> str:
        """Whose it is."""
        return self.labels[NAME]

    @property
    def container(self) -> Manifest:
        """Its only container."""
        [container] = self.spec["containers"]
        assert isinstance(container, dict)
        return container

    @property
    def mounts(self) -> dict[str, Manifest]:
        """Volumes by the path where they are mounted."""
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        return {mount["mountPath"]: volumes[mount["name"]] for mount in self.container["volumeMounts"]}

    def environment(self, manifests: Sequence[Manifest]) -> dict[str, str]:
        """Its environment variables, of the config maps among `manifests`."""
        maps = {one["metadata"]["name"]: one["data"] for one in manifests if one["kind"] == "ConfigMap"}
        return {
            source["prefix"] + key: value
            for source in self.container["envFrom"]
            for key, value in maps[source["configMapRef"]["name"]].items()
        }


def pods(manifests: Sequence[Manifest]) -> list[Pod]:
    """Those of the services: of every Deployment, and of every Job that is a service's own."""
    return [pod for pod in all_pods(manifests) if pod.labels.get(NAME) != TOPOLOGY]


def all_pods(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    """Those of every Deployment and Job."""
    for manifest in manifests:
        if manifest["kind"] in WORKLOADS:
            template = manifest["spec"]["template"]
            yield Pod(
                kind=manifest["kind"],
                name=manifest["metadata"]["name"],
                labels=template["metadata"]["labels"],
                spec=template["spec"],
            )


def of_kind(manifests: Sequence[Manifest], kind: str) -> list[Manifest]:
    """The objects of one kind."""
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes something with these labels."""
    operators = {
        "In": lambda want: labels.get(want["key"]) in want["values"],
        "Exists": lambda want: want["key"] in labels,
    }
    by_value = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return by_value and all(operators[want["operator"]](want) for want in selector.get("matchExpressions", []))


def policies_on(pod: Pod, manifests: Sequence[Manifest], *, direction: str) -> list[Manifest]:
    """The network policies that concern what the pod sends (`Egress`) or gets (`Ingress`)."""
    return [
        policy
        for policy in of_kind(manifests, "NetworkPolicy")
        if selects(policy["spec"]["podSelector"], pod.labels) and direction in policy["spec"]["policyTypes"]
    ]


def ports_out(pod: Pod, manifests: Sequence[Manifest]) -> set[int | str]:
    """The ports of others that the pod may reach."""
    return {
        port["port"]
        for policy in policies_on(pod, manifests, direction="Egress")
        for rule in policy["spec"].get("egress", [])
        for port in rule["ports"]
    }
