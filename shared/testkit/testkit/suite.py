"""The whole suite as processes of this machine: servers, one process per service, keys, tokens.

Used by `make demo`, `make run` and the end-to-end tests. Everything it starts it ends, by its own process ids.
"""

import asyncio
import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from shared.migrations import migrate_when_possible
from shared.security.tokens import create_key_file, mint_token
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.service_process import ServiceProcess, Starter, as_program
from testkit.smtp_sink import SmtpSink

CARRIED = Path(__file__).parent / "carried"
"""What a wheel has of the files that the suite starts from: policies, migrations, compose files."""
ROOT = CARRIED if CARRIED.is_dir() else Path(__file__).parents[3]
SERVICES = ("intake", "dispatch", "parts", "feedback", "notifier")
ISSUER = AUDIENCE = "aftersales"
DAY = 24 * 3600
MONTH = 30 * DAY
MAIL_SENDER = "service@aftersales.example"
ATTEMPT_SECONDS = 5
"""How long one attempt at sending a mail may take here, where no server is far away."""

type Clock = Literal["on", "off"]
type Progress = Callable[[str], None]


@dataclass(frozen=True)
class Secrets:
    """Passwords and keys of one installation, made once and kept in a file that only its owner reads."""

    database_password: str
    encryption_keys: str
    blind_index_key: str

    @classmethod
    def of(cls, file: Path) -> "Secrets":
        """Those of the file; new ones where there is none."""
        if not file.exists():
            made = cls(
                database_password=secrets.token_urlsafe(24),
                encryption_keys=f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
                blind_index_key=base64.b64encode(secrets.token_bytes(32)).decode(),
            )
            file.touch(mode=0o600)
            file.write_text(json.dumps(made.__dict__))
        return cls(**json.loads(file.read_text()))


@dataclass(frozen=True)
class Servers:
    """Servers that run already, on which a suite lives under names of its own: `mark` ends them."""

    postgres: Postgres
    rabbitmq: RabbitMQ
    mark: str

    def name(self, what: str) -> str:
        """The name of a database or virtual host there."""
        return f"{what}_{self.mark}"


class Suite:
    """Servers and services of one installation, whose data lies under `home`; servers that are `given` stay running.

    `start_as` is how its processes begin.
    """

    def __init__(
        self,
        home: Path,
        *,
        profile: str = "standard",
        test_clock: Clock = "off",
        progress: Progress = lambda _: None,
        given: Servers | None = None,
        start_as: Starter = as_program,
    ) -> None:
        self.home = home.absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self._profile = profile
        self._test_clock = test_clock
        self._progress = progress
        self._given = given
        self._start_as = start_as
        self._secrets = Secrets.of(self.home / "secrets.json")
        self._key_file = create_key_file(self.home / "jwt-key.json")
        self.services: dict[str, ServiceProcess] = {}
        self._processes: list[ServiceProcess] = []
        self._servers: list[Postgres | RabbitMQ] = []
        self._database_urls: dict[str, str] = {}
        self.mails = SmtpSink(free_port())

    @classmethod
    @contextmanager
    def running(
        cls,
        home: Path,
        *,
        profile: str = "standard",
        test_clock: Clock = "off",
        progress: Progress = lambda _: None,
        given: Servers | None = None,
        start_as: Starter = as_program,
    ) -> Iterator["Suite"]:
        """The suite, ready to use, for as long as the block lasts."""
        suite = cls(home, profile=profile, test_clock=test_clock, progress=progress, given=given, start_as=start_as)
        try:
            suite.start()
            yield suite
        finally:
            suite.stop()

    def start(self) -> None:
        """Start the servers, bring the schemas up to date, start the services, wait until all are ready."""
        self.start_servers()
        self._progress("bringing the schemas up to date")
        self.migrate()
        self.start_services()

    def start_services(self) -> None:
        """Start one process of every service and wait until all are ready."""
        with ThreadPoolExecutor(
            max_workers=os.process_cpu_count()
        ) as pool:  # a processor each: its seconds are its own
            list(pool.map(self._start_service, self.services.values()))

    def start_servers(self) -> None:
        """Start the servers, and make a database and a process, not started yet, for every service."""
        given = self._given
        self.mails.start()
        self.postgres, self.rabbitmq = (given.postgres, given.rabbitmq) if given else self._start_servers()
        self.broker_url = self.rabbitmq.create_vhost(self._named("aftersales"))
        self.management_url = self.rabbitmq.management_url
        with ThreadPoolExecutor() as pool:
            for name, url in zip(SERVICES, pool.map(self._create_database, SERVICES), strict=True):
                self._database_urls[name] = url
                self.services[name] = self.process(name)

    def migrate(self) -> None:
        """Bring all schemas up to date, as `python -m <service> migrate` would, without five processes for it."""
        for name in SERVICES:
            folder = ROOT / "services" / name / "migrations"
            asyncio.run(migrate_when_possible(self._database_urls[name], service=name, folder=folder))

    def run(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of a service, from its start to its end: `migrate`, `dead list` …"""
        command = [sys.executable, "-m", service, *arguments]
        environment = self.services[service].environment
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def process(self, name: str, *, mode: str = "serve") -> ServiceProcess:
        """One more process of a service on a port of its own, to be started by the caller; it ends with the suite."""
        port = free_port()
        environment = {**os.environ, **self._settings(name, port=port)}
        log = self.home / f"{name}.log"
        process = ServiceProcess(
            name=name, environment=environment, log=log, port=port, mode=mode, start_as=self._start_as
        )
        self._processes.append(process)
        return process

    def database_url(self, service: str) -> str:
        """How the service reaches its database."""
        return self._database_urls[service]

    def stop(self) -> None:
        """End the services, then the servers; the data stays."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(ServiceProcess.stop, self._processes))
        self.mails.stop()
        for server in self._servers:
            server.stop()

    def token(
        self, role: str, *, subject: str | None = None, scope: str | None = None, lifetime_seconds: int = DAY
    ) -> str:
        """A token for development, good for a day: `role`, and the person it stands for."""
        return mint_token(
            self._key_file,
            subject=subject or f"{role}-1",
            role=role,
            issuer=ISSUER,
            audience=AUDIENCE,
            scope=scope,
            lifetime_seconds=lifetime_seconds,
        )

    def client(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """An HTTP client that shows a token of the role."""
        token = self.token(role, subject=subject, scope=scope)
        return httpx.Client(
            base_url=self.services[service].url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )

    def push_client(self) -> httpx.Client:
        """An HTTP client without a token, as contact centres have: their pushes prove themselves."""
        return httpx.Client(base_url=self.services["intake"].url, timeout=PATIENCE_SECONDS)

    def _start_service(self, service: ServiceProcess) -> None:
        self._progress(f"starting {service.name}")
        service.restart()

    def _named(self, what: str) -> str:
        return self._given.name(what) if self._given else what

    def _start_servers(self) -> tuple[Postgres, RabbitMQ]:
        self._progress("starting PostgreSQL and RabbitMQ")
        with ThreadPoolExecutor() as pool:
            rabbitmq = pool.submit(self._start_rabbitmq)
            return self._start_postgres(), rabbitmq.result()

    def _start_postgres(self) -> Postgres:
        url = os.environ.get("AFTERSALES_POSTGRES_URL")
        server = Postgres(url) if url else Postgres.start(self.home / "postgres")
        self._servers.append(server)
        return server

    def _start_rabbitmq(self) -> RabbitMQ:
        url = os.environ.get("AFTERSALES_RABBITMQ_URL")
        management_url = os.environ.get("AFTERSALES_RABBITMQ_MANAGEMENT_URL", "http://guest:guest@127.0.0.1:15672")
        server = RabbitMQ(url, management_url) if url else RabbitMQ.start(self.home / "rabbitmq")
        self._servers.append(server)
        return server

    def _create_database(self, service: str) -> str:
        name = self._named(service)
        return asyncio.run(self.postgres.create_database(name, owner=name, password=self._secrets.database_password))

    def _settings(self, name: str, *, port: int) -> dict[str, str]:
        settings = {
            "DATABASE_URL": self._database_urls[name],
            "BROKER_URL": self.broker_url,
            "POLICY_FILE": str(policy_file(name, profile=self._profile)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "JWT_KEY_FILE": str(self._key_file),
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "ENCRYPTION_KEYS": self._secrets.encryption_keys,
            "BLIND_INDEX_KEY": self._secrets.blind_index_key,
            "TEST_CLOCK": self._test_clock,
        }
        match name:
            case "notifier":
                settings |= self._post_settings()
            case "parts":  # a supplier notice says where he is needed
                settings["INTAKE_URL"] = self.services["intake"].url
            case _:
                pass
        return prefixed(name, settings)

    def _post_settings(self) -> dict[str, str]:
        """How notifier reaches the mail server, and intake, who knows where customers are reached."""
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.mails.port),
            "SMTP_SENDER": MAIL_SENDER,
            "INTAKE_URL": self.services["intake"].url,
            "INTAKE_TOKEN": self.token("machine", subject="notifier", scope="contacts:read", lifetime_seconds=MONTH),
            "ATTEMPT_SECONDS": str(ATTEMPT_SECONDS),
        }


def policy_file(service: str, *, profile: str) -> Path:
    """The policy of a service under a profile."""
    return ROOT / "deploy" / "policies" / profile / f"{service}.toml"


def prefixed(service: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as the environment variables of the service: `INTAKE_DATABASE_URL` …"""
    return {f"{service.upper()}_{name}": value for name, value in settings.items()}
