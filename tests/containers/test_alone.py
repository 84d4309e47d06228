"""One service from its image, with the others absent: its database, its broker, its policy file and nothing else.

Its role and its account are made as docs/operations/accounts.md says, on servers that know nothing of the suite.
"""

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
import pytest

from shared.env_file import values_of
from shared.messaging.definitions import VHOST
from support.waiting import patiently
from testkit.engine import attempt, docker, image, inspected
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.suite import ROOT, SERVICES, policy_file

pytestmark = pytest.mark.timeout(1800)
ANY_ORDER = sorted(SERVICES, key=lambda name: name[::-1])
ADMINISTRATOR = "administrator"
READY = """
import http.client
asked = http.client.HTTPConnection("127.0.0.1", 8000)
asked.request("GET", "/readyz")
print(asked.getresponse().read().decode())
"""
OWN_POLICY = "/etc/aftersales/policy.toml"


@dataclass(frozen=True)
class Bare:
    """A PostgreSQL and a RabbitMQ on a network of their own. `home` gets the passwords, as an installation does."""

    home: Path
    network: str
    password: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    @contextmanager
    def running(cls, home: Path) -> Iterator["Bare"]:
        """The servers, for as long as the block lasts."""
        bare = cls(home=home, network=f"aftersales-test-{secrets.token_hex(4)}")
        docker("network", "create", bare.network)
        try:
            bare.start("postgres", f"POSTGRES_PASSWORD={bare.password}", image="postgres:18")
            administrator = (f"RABBITMQ_DEFAULT_USER={ADMINISTRATOR}", f"RABBITMQ_DEFAULT_PASS={bare.password}")
            bare.start("rabbitmq", *administrator, image="rabbitmq:4-management")
            yield bare
        finally:
            docker("rm", "--force", "--volumes", *(bare.container(name) for name in ("postgres", "rabbitmq")))
            docker("network", "rm", bare.network)

    def container(self, name: str) -> str:
        return f"{self.network}-{name}"

    def start(self, name: str, *environment: str, image: str) -> None:
        """The server `name`, which is its name on the network too."""
        told = [part for one in environment for part in ("--env", one)]
        place = ("--network", self.network, "--network-alias", name, "--name", self.container(name))
        docker("run", "--detach", *place, *told, image)

    def run(self, *arguments: str) -> None:
        """A command of the page in the image of intake."""
        rights = ["--rm", "--network", self.network, "--volume", f"{self.home}:/installation"]
        docker("run", *rights, "--user", f"{os.getuid()}:{os.getgid()}", *arguments)

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        return values_of(self.home / ".env")


@pytest.fixture(scope="module")
def servers(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Servers on which roles and accounts were made as the page says."""
    with Bare.running(tmp_path_factory.mktemp("bare")) as bare:
        make_accounts(bare)
        make_roles(bare)
        yield bare


def make_accounts(bare: Bare) -> None:
    in_python = ("--entrypoint", "python")
    bare.run(*in_python, image("intake"), "-m", "shared.installation", "/installation/.env", "/installation/secrets")
    at = f"TOPOLOGY_MANAGEMENT_URL=http://{ADMINISTRATOR}:{bare.password}@rabbitmq:15672"
    told = ("--env", at, "--env", "TOPOLOGY_ACCOUNTS_FILE=/installation/secrets/accounts.json")
    bare.run(*told, *in_python, image("intake"), "-m", "shared.messaging", "load")


def make_roles(bare: Bare) -> None:
    """With the script of the page, from a machine that has psql: the one of the server, here."""
    script = ROOT / "deploy" / "postgres" / "10-services.sh"
    where = {"PGHOST": "postgres", "PGUSER": "postgres", "PGPASSWORD": bare.password}
    passwords = {name: value for name, value in bare.secrets.items() if name.endswith("_DATABASE_PASSWORD")}
    told = [part for name, value in (where | passwords).items() for part in ("--env", f"{name}={value}")]
    mounted = ("--volume", f"{script}:/services.sh:ro", "--entrypoint", "bash")
    give_up = time.monotonic() + 5 * PATIENCE_SECONDS
    ready = ("exec", bare.container("postgres"), "pg_isready", "--quiet", "--host", "127.0.0.1")
    while attempt(*ready).returncode != 0:
        assert time.monotonic() < give_up, docker("logs", bare.container("postgres"))
        time.sleep(0.2)  # a server that starts tells nobody
    bare.run(*told, *mounted, "postgres:18", "/services.sh")


def settings(servers: Bare, service: str) -> dict[str, str]:
    """What the service is told, on the network of the servers; its policy is one that a company mounts."""
    database, broker = (servers.secrets[f"{service.upper()}_{what}_PASSWORD"] for what in ("DATABASE", "BROKER"))
    own = {
        "DATABASE_URL": f"postgresql://{service}:{database}@postgres:5432/{service}",
        "BROKER_URL": f"amqp://{service}:{broker}@rabbitmq:5672/{VHOST}",
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


def arguments(servers: Bare, service: str, *, environment: Mapping[str, str], policy: Path | None = None) -> list[str]:
    """How the engine is told to run the image."""
    told = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    mounted = policy or policy_file(service, profile="standard")
    rights = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    return [*rights, "--network", servers.network, "--volume", f"{mounted}:{OWN_POLICY}:ro", *told, image(service)]


@pytest.fixture
def container(servers: Bare, service: str) -> Iterator[str]:
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
def test_a_service_with_the_account_of_another_says_which_right_it_lacks(servers: Bare, service: str) -> None:
    environment = settings(servers, service)
    environment["PARTS_BROKER_URL"] = settings(servers, "feedback")["FEEDBACK_BROKER_URL"]
    docker("run", "--rm", *arguments(servers, service, environment=environment), "migrate")
    started = docker("run", "--detach", *arguments(servers, service, environment=environment)).strip()
    try:
        require(
            started, lambda: "refused for user 'feedback'" in attempt("exec", started, "python", "-c", READY).stdout
        )
        assert docker("inspect", "--format", "{{.State.Health.Status}}", started).strip() != "healthy"
    finally:
        docker("rm", "--force", started)


@pytest.mark.parametrize("service", ["parts"])
def test_a_service_alone_ends_when_it_is_asked_to(container: str) -> None:
    require_health(container)
    docker("stop", "--time", str(int(PATIENCE_SECONDS)), container)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", container).strip() == "0"


def require_health(container: str) -> None:
    require(
        container, lambda: docker("inspect", "--format", "{{.State.Health.Status}}", container).strip() == "healthy"
    )


def require(container: str, is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 5 * PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up, docker("logs", container)
        assert inspected(container)["State"], container
        time.sleep(0.5)  # the engine asks only now and then


@pytest.mark.parametrize("service", ANY_ORDER)
def test_the_commands_of_its_page_work_as_they_are_written(servers: Bare, service: str, tmp_path: Path) -> None:
    """All but the first, which builds the image: it is there."""
    page = (ROOT / "services" / service / "README.md").read_text()
    build, script = page.partition("## On its own\n")[2].split("```")[1].strip().split("\n", 1)
    assert build == f"docker build -f services/{service}/Dockerfile -t aftersales-{service}:0.1.0 ."
    name, port = f"{service}-{tmp_path.name}", free_port()
    own = {key.removeprefix(service.upper()): value for key, value in settings(servers, service).items()}
    changed = {
        r"(?<=_DATABASE_URL=).*": own["_DATABASE_URL"],
        r"(?<=_BROKER_URL=).*": own["_BROKER_URL"],
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
def test_bad_input_is_named_in_one_line(servers: Bare, wrong: str) -> None:
    changed, said = WRONG[wrong]
    environment = settings(servers, "dispatch") | changed
    ended = attempt("run", "--rm", *arguments(servers, "dispatch", environment=environment))
    assert ended.returncode == 78, ended.stderr
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr


def test_a_policy_with_an_error_names_the_file_the_key_and_what_it_may_be(servers: Bare, tmp_path: Path) -> None:
    wrong = tmp_path / "policy.toml"
    wrong.write_text(policy_file("dispatch", profile="standard").read_text() + "\n[colours]\nred = 1\n")
    wrong.chmod(0o644)
    how = arguments(servers, "dispatch", environment=settings(servers, "dispatch"), policy=wrong)
    ended = attempt("run", "--rm", *how)
    assert ended.returncode == 78, ended.stderr
    assert f"{OWN_POLICY}: colours" in ended.stderr
