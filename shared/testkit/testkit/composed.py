"""The suite in containers, started with the repository's own compose files under a project name of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import override
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from shared.env_file import values_of
from shared.installation import AUDIENCE, ISSUER, install
from shared.messaging.accounts import OPERATOR_ACCOUNT
from shared.messaging.definitions import VHOST
from shared.security.tokens import mint_token
from testkit.attached import At, MailPage
from testkit.engine import TAG, CommandFailed, Project, docker
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.suite import ROOT, SERVICES

APART = "docker-compose.replicas.yml"
REPLICAS = 2
HOST = "127.0.0.1"


@dataclass
class Composed:
    """One project. `replicas` of each API and worker, or one process that does both where it is None.

    `said` are variables of the compose files beside those that keep it apart from everything else.
    """

    home: Path
    replicas: int | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    project: str = field(default_factory=lambda: f"aftersales-test-{uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        install(self.env_file, folder=self._folder)
        self.secrets = values_of(self.env_file)
        self._ports = {name: free_ports(self.replicas or 1) for name in SERVICES}
        self.postgres_port, self.rabbitmq_port, self._management_port, mail = (free_port() for _ in range(4))
        self.mail_url = f"http://{HOST}:{mail}"
        settings = {
            **self.said,
            "AFTERSALES_VERSION": TAG,
            "AFTERSALES_INSTALLATION": str(self._folder),
            "AFTERSALES_TEST_CLOCK": "on",
            "POSTGRES_PORT": str(self.postgres_port),
            "RABBITMQ_PORT": str(self.rabbitmq_port),
            "RABBITMQ_MANAGEMENT_PORT": str(self._management_port),
            "MAIL_PORT": str(mail),
            "REPLICAS": str(self.replicas or 1),
            **{f"{name.upper()}_PORT": str(ports[0]) for name, ports in self._ports.items()},
            **{f"{name.upper()}_PORTS": f"{ports[0]}-{ports[-1]}" for name, ports in self._ports.items()},
        }
        self._settings_file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    @classmethod
    @contextmanager
    def running(
        cls,
        home: Path,
        *,
        names: Sequence[str] = (),
        replicas: int | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Iterator["Composed"]:
        """A project for as long as the block lasts: these containers of it, or all. Raises `CommandFailed`."""
        composed = cls(home=home, replicas=replicas, said=said or {})
        try:
            try:
                composed.up(*names) if names else composed.up_whole()
            except CommandFailed as failed:
                raise CommandFailed(f"{failed}\n{composed.logs()}") from None
            yield composed
        finally:
            composed.down()

    # ---------------------------------------------------------------- the containers

    @property
    def env_file(self) -> Path:
        return self.home / "env"

    @property
    def network(self) -> str:
        return f"{self.project}_default"

    @property
    def key_file(self) -> Path:
        return self._folder / "jwt-key.json"

    def compose(self, *arguments: str) -> str:
        """A command of compose on this project."""
        return docker(*self._project_of().docker_compose_command()[1:], *arguments)

    def build(self) -> None:
        """Build the images, of which the engine keeps what did not change."""
        self.compose("build", "--quiet")

    def up(self, *names: str) -> None:
        """Start these, and what they need, and wait until they are healthy."""
        self._project_of(*names).start()

    def up_whole(self) -> None:
        """Start everything."""
        workers = [f"{name}-worker" for name in SERVICES] if self.replicas else []
        self.up(*SERVICES, *workers, "mail")

    def down(self) -> None:
        """End everything and forget the data."""
        self.compose("--profile", "*", "down", "--volumes")

    def containers(self, service: str) -> list[str]:
        """The ids of the containers of a service of compose, running or not."""
        return self.compose("ps", "--all", "--quiet", service).split()

    def logs(self) -> str:
        """What everybody said last."""
        return self.compose("logs", "--no-color", "--tail", "40")

    # ---------------------------------------------------------------- the suite in them

    @property
    def services(self) -> dict[str, At]:
        """Where each service is reached, the first of its replicas."""
        return {name: At(f"http://{HOST}:{ports[0]}") for name, ports in self._ports.items()}

    def urls(self, service: str) -> list[str]:
        """Where each replica of its API is reached."""
        return [f"http://{HOST}:{port}" for port in self._ports[service]]

    @property
    def mails(self) -> MailPage:
        """The mail server's page."""
        return MailPage(self.mail_url)

    def broker_url(self, account: str = OPERATOR_ACCOUNT, *, at: str | None = None) -> str:
        """How an account reaches the broker, from outside unless `at` says from where."""
        place = at or f"{HOST}:{self.rabbitmq_port}"
        return f"amqp://{account}:{self.secrets[f'{account.upper()}_BROKER_PASSWORD']}@{place}/{VHOST}"

    @property
    def management_url(self) -> str:
        """The broker's management plugin, for its administrator."""
        password = self.secrets[f"{OPERATOR_ACCOUNT.upper()}_BROKER_PASSWORD"]
        return f"http://{OPERATOR_ACCOUNT}:{password}@{HOST}:{self._management_port}"

    def database_url(self, service: str, *, at: str | None = None) -> str:
        """How a service reaches its database, from outside unless `at` says from where."""
        place = at or f"{HOST}:{self.postgres_port}"
        return f"postgresql://{service}:{self.secrets[f'{service.upper()}_DATABASE_PASSWORD']}@{place}/{service}"

    def token(self, role: str, *, subject: str | None = None, scope: str | None = None) -> str:
        """A token of somebody with a role; of a machine with these scopes."""
        subject = subject or f"{role}-1"
        return mint_token(self.key_file, subject=subject, role=role, issuer=ISSUER, audience=AUDIENCE, scope=scope)

    def client(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """One that shows a token of the role, and asks each replica in turn."""
        token = self.token(role, subject=subject, scope=scope)
        return self._client(service, headers={"Authorization": f"Bearer {token}"})

    def push_client(self) -> httpx.Client:
        """One without a token."""
        return self._client("intake", headers={})

    @property
    def _folder(self) -> Path:
        return self.home / "installation"

    @property
    def _settings_file(self) -> Path:
        return self.home / "settings"

    def _project_of(self, *names: str) -> Project:
        files = ["docker-compose.yml", *([APART] if self.replicas else [])]
        settled = [str(self.env_file), str(self._settings_file)]
        return Project(ROOT, compose_file_name=files, env_file=settled, services=list(names), name=self.project)

    def _client(self, service: str, *, headers: Mapping[str, str]) -> httpx.Client:
        urls = self.urls(service)
        return httpx.Client(base_url=urls[0], headers=headers, timeout=PATIENCE_SECONDS, transport=InTurn(urls))


class InTurn(httpx.HTTPTransport):
    """Sends one request after the other to the next of several replicas, as a balancer would."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__()
        self._ports: Iterator[int | None] = cycle(urlsplit(url).port for url in urls)

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=next(self._ports))
        return super().handle_request(request)


def free_ports(count: int) -> list[int]:
    """So many ports in a row, ours until this process ends."""
    while True:
        first = free_port()
        try:
            return [first, *(free_port(within=range(port, port + 1)) for port in range(first + 1, first + count))]
        except LookupError:
            continue
