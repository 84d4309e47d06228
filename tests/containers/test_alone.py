"""One service from its image, with the others absent: its database, its broker, its policy file and nothing else."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from support.waiting import patiently
from testkit.composed import Composed, attempt, docker, image, inspected
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.suite import ROOT, SERVICES, policy_file

pytestmark = pytest.mark.timeout(1800)
ANY_ORDER = sorted(SERVICES, key=lambda name: name[::-1])
OPERATOR = "operator"
OWN_POLICY = "/etc/aftersales/policy.toml"


def settings(servers: Composed, service: str) -> dict[str, str]:
    """What the service is told, on the network of the servers; its policy is one that a company mounts."""
    own = {
        "DATABASE_URL": servers.database_url(service, at="postgres:5432"),
        "BROKER_URL": servers.broker_url(OPERATOR, at="rabbitmq:5672"),
        "POLICY_FILE": OWN_POLICY,
        "JWT_JWKS_URL": "http://issuer.example/keys",
        "ENCRYPTION_KEYS": servers.secrets[f"{service.upper()}_ENCRYPTION_KEYS"],
        "BLIND_INDEX_KEY": servers.secrets[f"{service.upper()}_BLIND_INDEX_KEY"],
    }
    post = {
        "SMTP_HOST": "mail.example",
        "SMTP_SENDER": "service@aftersales.example",
        "INTAKE_URL": "http://intake.example",
        "INTAKE_TOKEN": "none",
    }
    everything = own | (post if service == "notifier" else {})
    return {f"{service.upper()}_{name}": value for name, value in everything.items()}


def arguments(
    servers: Composed, service: str, *, environment: Mapping[str, str], policy: Path | None = None
) -> list[str]:
    """How the engine is told to run the image."""
    told = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    mounted = policy or policy_file(service, profile="standard")
    rights = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    return [*rights, "--network", servers.network, "--volume", f"{mounted}:{OWN_POLICY}:ro", *told, image(service)]


@pytest.fixture
def container(servers: Composed, service: str) -> Iterator[str]:
    """The service, running."""
    how = arguments(servers, service, environment=settings(servers, service))
    docker("run", "--rm", *how, "migrate")
    started = docker("run", "--detach", *how).strip()
    yield started
    docker("rm", "--force", started)


@pytest.mark.parametrize("service", ANY_ORDER)
def test_a_service_alone_becomes_healthy(container: str) -> None:
    require_health(container)


@pytest.mark.parametrize("service", ["parts"])
def test_a_service_alone_ends_when_it_is_asked_to(container: str) -> None:
    require_health(container)
    docker("stop", "--time", str(int(PATIENCE_SECONDS)), container)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", container).strip() == "0"


def require_health(container: str) -> None:
    give_up = time.monotonic() + 5 * PATIENCE_SECONDS
    while docker("inspect", "--format", "{{.State.Health.Status}}", container).strip() != "healthy":
        assert time.monotonic() < give_up, docker("logs", container)
        assert inspected(container)["State"], container
        time.sleep(0.5)  # the engine asks only now and then


@pytest.mark.parametrize("service", ANY_ORDER)
def test_the_commands_of_its_page_work_as_they_are_written(servers: Composed, service: str, tmp_path: Path) -> None:
    """All but the first, which builds the image: it is there."""
    page = (ROOT / "services" / service / "README.md").read_text()
    build, script = page.partition("## On its own\n")[2].split("```")[1].strip().split("\n", 1)
    assert build == f"docker build -f services/{service}/Dockerfile -t aftersales-{service}:0.1.0 ."
    name, port = f"{service}-{tmp_path.name}", free_port()
    changed = {
        r"(?<=_DATABASE_URL=).*": servers.database_url(service, at="postgres:5432"),
        r"(?<=_BROKER_URL=).*": servers.broker_url(OPERATOR, at="rabbitmq:5672"),
        f"aftersales-{service}:0.1.0": image(service),
        "deploy/policies": str(ROOT / "deploy" / "policies"),
        "docker run --rm --read-only": f"docker run --rm --read-only --network {servers.network}",
        "run --publish 127.0.0.1:8000:8000": f"run --name {name} --publish 127.0.0.1:{port}:8000",
    }
    for shown, real in changed.items():
        script, count = re.subn(shown, real, script)
        assert count, shown
    script = script.replace("…", "made-up")  # what else is secret, where there is something
    running = subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path)  # noqa: S603, S607  # the page's
    try:
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            patiently(lambda: running.poll() is not None or is_ready(client, port=port))
        assert running.poll() is None
    finally:
        attempt("rm", "--force", name)
        running.wait()


def is_ready(client: httpx.Client, *, port: int) -> bool:
    try:
        return client.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


WRONG = {
    "a setting is missing": ({"DISPATCH_DATABASE_URL": ""}, "DISPATCH_DATABASE_URL: is missing"),
    "a setting is wrong": ({"DISPATCH_BROKER_URL": "http://rabbitmq"}, "DISPATCH_BROKER_URL: "),
    "a file is missing": ({"DISPATCH_DATABASE_URL_FILE": "/nowhere"}, "DISPATCH_DATABASE_URL_FILE: '/nowhere'"),
    "a file cannot be read": (
        {"DISPATCH_JWT_KEY_FILE": "/etc/shadow", "DISPATCH_JWT_JWKS_URL": ""},
        "DISPATCH_JWT_KEY_FILE: it cannot be read",
    ),
    "the policy is missing": ({"DISPATCH_POLICY_FILE": "/nowhere.toml"}, "/nowhere.toml"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_bad_input_is_named_in_one_line(servers: Composed, wrong: str) -> None:
    changed, said = WRONG[wrong]
    environment = settings(servers, "dispatch") | changed
    ended = attempt("run", "--rm", *arguments(servers, "dispatch", environment=environment))
    assert ended.returncode == 78, ended.stderr
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr


def test_a_policy_with_an_error_names_the_file_the_key_and_what_it_may_be(servers: Composed, tmp_path: Path) -> None:
    wrong = tmp_path / "policy.toml"
    wrong.write_text(policy_file("dispatch", profile="standard").read_text() + "\n[colours]\nred = 1\n")
    wrong.chmod(0o644)
    how = arguments(servers, "dispatch", environment=settings(servers, "dispatch"), policy=wrong)
    ended = attempt("run", "--rm", *how)
    assert ended.returncode == 78, ended.stderr
    assert f"{OWN_POLICY}: colours" in ended.stderr
