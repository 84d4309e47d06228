"""What an image is: small rights, no way to write, and a list of all that is in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.composed import Composed
from testkit.engine import TAG, CommandFailed, docker, image
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


@EVERY_SERVICE
def test_its_labels_say_which_version_and_revision_it_was_built_from(service: str) -> None:
    labels = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", image(service)))
    assert labels["org.opencontainers.image.version"] == TAG
    assert labels["org.opencontainers.image.revision"] == "as-tested"


def test_a_mirror_of_base_image_and_packages_is_told_from_outside(tmp_path: Path) -> None:
    pip_conf = tmp_path / "pip.conf"
    args = {
        "PYTHON_IMAGE": "mirror.example/python:3.13",
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://other.example/simple",
        "PIP_TRUSTED_HOST": "mirror.example",
    }
    told = Composed(home=tmp_path / "home", said=args | {"AFTERSALES_PIP_CONF": str(pip_conf)})
    config = json.loads(told.compose("config", "--format", "json"))
    built = {name: one["build"] for name, one in config["services"].items() if "build" in one}
    assert built.keys() == {*SERVICES, "mail"}
    for one in built.values():
        assert one["args"].items() >= args.items()
        assert [secret["source"] for secret in one["secrets"]] == ["pip.conf"]
        dockerfile = (ROOT / one["dockerfile"]).read_text()
        assert all(re.search(rf"^ARG .*\b{name}\b", dockerfile, re.MULTILINE) for name in one["args"])
    assert config["secrets"]["pip.conf"]["file"] == str(pip_conf)


def test_an_image_is_built_from_the_mirror_that_was_told(tmp_path: Path) -> None:
    told = Composed(home=tmp_path / "home", said={"PYTHON_IMAGE": "mirror.invalid/python:3.13-slim"})
    with pytest.raises(CommandFailed, match=r"mirror\.invalid"):
        told.compose("build", "parts")


def test_the_dockerfiles_differ_in_the_services_name_only() -> None:
    def nameless(service: str) -> str:
        text = (ROOT / "services" / service / "Dockerfile").read_text()
        return re.sub(service, "NAME", text, flags=re.IGNORECASE)

    assert {nameless(service) for service in SERVICES} == {nameless("intake")}


def test_every_container_of_compose_is_as_small_in_rights(servers: Composed) -> None:
    configured = json.loads(servers.compose("config", "--format", "json"))["services"]
    ours = {name: one for name, one in configured.items() if one["image"].startswith("aftersales-")}
    assert len(ours) == 2 * len(SERVICES) + len(("mail", "rights", "topology"))
    for name, one in ours.items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    published = [port for one in configured.values() for port in one.get("ports", ())]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def test_only_what_signs_tokens_is_given_the_private_key(tmp_path: Path) -> None:
    composed = Composed(home=tmp_path / "home", replicas=2)
    configured = json.loads(composed.compose("--profile", "*", "config", "--format", "json"))["services"]
    given = {
        name
        for name, one in configured.items()
        for volume in one.get("volumes", ())
        if volume["source"] == str(composed.key_file) or composed.key_file.is_relative_to(volume["source"])
    }
    assert given == {"token"}
    assert configured["token"]["network_mode"] == "none"


def test_compose_believes_the_test_and_not_the_shell_it_runs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "aftersales")
    monkeypatch.setenv("AFTERSALES_INSTALLATION", "/srv/aftersales")
    monkeypatch.setenv("INTAKE_PORT", "8001")
    composed = Composed(home=tmp_path / "home")
    config = composed.compose("config", "--format", "json")
    assert json.loads(config)["name"] == composed.project
    assert {one["name"] for one in json.loads(config)["volumes"].values()} >= {f"{composed.project}_postgres"}
    assert "/srv/aftersales" not in config
    assert '"published": "8001"' not in config
