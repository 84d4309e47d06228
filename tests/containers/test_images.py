"""What an image is: small rights, no way to write, and a list of all that is in it."""

import json
import re
from collections.abc import Iterator

import pytest

from testkit.composed import Composed, docker, image
from testkit.suite import ROOT, SERVICES

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("images")]

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES)
HARDENED = ("--read-only", "--cap-drop", "ALL", "--network", "none")


def ask(service: str, script: str) -> str:
    """What a few lines of Python print in the image."""
    return docker("run", "--rm", *HARDENED, "--entrypoint", "python", image(service), "-c", script).strip()


def locked(service: str) -> Iterator[tuple[str, str]]:
    """Names and versions of the service's lock, without what other machines would need."""
    lock = (ROOT / "services" / service / "requirements.lock").read_text()
    for name, version, marker in re.findall(r"^([\w.-]+)==(\S+)( ;.*?)? \\$", lock, re.MULTILINE):
        if "win32'" not in marker or "!=" in marker:
            yield name.lower().replace("_", "-"), version


@EVERY_SERVICE
def test_it_runs_as_nobody_in_particular_and_writes_nowhere(service: str) -> None:
    (config,) = json.loads(docker("image", "inspect", "--format", "[{{json .Config}}]", image(service)))
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", config["User"])
    writable = "import os; print([d for d, _, _ in os.walk('/app') if os.access(d, os.W_OK)], os.getuid() > 0)"
    assert ask(service, writable) == "[] True"


@EVERY_SERVICE
def test_it_says_what_it_is_and_how_to_ask_after_its_health(service: str) -> None:
    (config,) = json.loads(docker("image", "inspect", "--format", "[{{json .Config}}]", image(service)))
    labels = {key.removeprefix("org.opencontainers.image."): text for key, text in config["Labels"].items()}
    assert (labels["title"], labels["licenses"]) == (f"aftersales-{service}", "Apache-2.0")
    assert {"version", "revision", "description"} <= set(labels)
    assert "/readyz" in " ".join(config["Healthcheck"]["Test"])
    assert (config["Entrypoint"], config["Cmd"]) == (["python", "-m", service], ["serve"])


@EVERY_SERVICE
def test_its_bill_of_materials_names_what_was_locked_and_nothing_else(service: str) -> None:
    bill = json.loads(ask(service, "print(open('/app/sbom.cdx.json').read())"))
    listed = {part["name"].lower().replace("_", "-"): part["version"] for part in bill["components"]}
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", f"aftersales-{service}")
    assert listed == dict(locked(service))


@EVERY_SERVICE
def test_all_of_it_is_compiled_and_the_tools_stayed_behind(service: str) -> None:
    script = (
        "import os, pathlib, importlib.util as u;"
        "print([str(f) for f in pathlib.Path('/app').rglob('*.py') if not os.path.exists(u.cache_from_source(f))],"
        " [m for m in ('pip', 'hatchling', 'cyclonedx_py', 'testkit', 'pytest') if u.find_spec(m)])"
    )
    assert ask(service, script) == "[] []"


def test_the_dockerfiles_differ_in_the_services_name_only() -> None:
    def nameless(service: str) -> str:
        text = (ROOT / "services" / service / "Dockerfile").read_text()
        return re.sub(service, "NAME", text, flags=re.IGNORECASE)

    assert {nameless(service) for service in SERVICES} == {nameless("intake")}


def test_every_container_of_compose_is_as_small_in_rights(servers: Composed) -> None:
    configured = json.loads(servers.compose("config", "--format", "json"))["services"]
    ours = {name: one for name, one in configured.items() if one["image"].startswith("aftersales-")}
    assert len(ours) == 2 * len(SERVICES) + 2
    for name, one in ours.items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    published = [port for one in configured.values() for port in one.get("ports", ())]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}
