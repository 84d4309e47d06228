"""A server that is there and will not have us: commands say which setting is wrong, a service waits and says so."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import pytest
from aio_pika import ExchangeType

from dispatch.__main__ import COMMANDS
from dispatch.app import MIGRATIONS
from shared.database import Database, database
from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.__main__ import main as topology
from shared.messaging.broker import passing_connection
from shared.messaging.topology import UNROUTED
from shared.migrations import head, migrate, raise_floor
from shared.security.tokens import create_key_file, mint_token
from support.control_room import settings_for
from support.forked import as_copy
from support.probing import complaints, live
from support.waiting import eventually
from testkit.check import main as check_the_suite
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.servers.postgres import Postgres
from testkit.servers.processes import RunningProcess, log_tail
from testkit.servers.rabbitmq import RabbitMQ
from testkit.service_process import ServiceProcess
from testkit.suite import SERVICES

WRONG = "never-to-be-shown"
DATABASE_MAY_BE = "; it may be: postgresql://user:password@host:port/database"
BROKER_MAY_BE = "; it may be: amqp://user:password@host:port/vhost, or amqps://"
ON_THE_DATABASE = [["check"], ["audit", "verify"], ["keys", "rotate"], ["erasures", "list"], ["relay", "status"]]
AT_THE_BROKER = [["dead", "list"], ["dead", "replay", UNROUTED]]


def with_password(url: str, password: str) -> str:
    """The same URL with another password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{parts.hostname}:{parts.port}"))


@dataclass(kw_only=True)
class Site:
    """A dispatch that is not started yet: its account at each server, and the environment that it will have."""

    home: Path
    postgres: Postgres
    rabbitmq: RabbitMQ
    name: str
    database_url: str
    broker_url: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        given = {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url} | self.variables
        return {f"DISPATCH_{name}": value for name, value in given.items()}

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The database as its owner opens it."""
        opened = database(self.database_url, service="tests")
        yield opened
        await opened.close()

    def start(self, *arguments: str) -> RunningProcess:
        return as_copy(["dispatch", *arguments], log=self.home / f"{arguments[0]}.log", environment=self.environment)

    async def ends_with_78(self, *arguments: str) -> str:
        """The last line of a process that ends because it is configured wrongly."""
        process = self.start(*arguments)
        assert await asyncio.to_thread(process.wait, within=PATIENCE_SECONDS) == CONFIGURATION_FAULT
        told = log_tail(process.log, lines=1000)
        assert "Traceback" not in told
        assert WRONG not in told
        return told.splitlines()[-1]

    async def database_knows(self, password: str) -> None:
        """From now on, as that of the service."""
        await self.postgres.create_database(self.name, owner=self.name, password=password)

    def broker_knows(self, password: str) -> None:
        """From now on, as that of the service."""
        account = {"password": password, "tags": ""}
        self.rabbitmq.management.put(f"/api/users/{self.name}", json=account).raise_for_status()


@pytest.fixture
async def site(postgres: Postgres, rabbitmq: RabbitMQ, broker_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The schema is there, and all queues are."""
    name = f"refused_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password=name)
    parts = urlsplit(broker_url)
    key_file = create_key_file(tmp_path / "jwt.json")
    settings = settings_for(url, key_file=key_file, broker_url=broker_url)
    given = settings.model_dump(mode="json", exclude_none=True)
    made = Site(
        home=tmp_path,
        postgres=postgres,
        rabbitmq=rabbitmq,
        name=name,
        database_url=url,
        broker_url=urlunsplit(parts._replace(netloc=f"{name}:{name}@{parts.hostname}:{parts.port}")),
        variables={variable.upper(): str(value) for variable, value in given.items() if not variable.endswith("_url")},
    )
    made.broker_knows(name)
    permit(made, rights=".*")
    async with made.database() as opened:
        await migrate(opened, folder=MIGRATIONS)
    yield made
    rabbitmq.management.delete(f"/api/users/{name}").raise_for_status()
    await postgres.drop_database(name)


def permit(site: Site, *, rights: str) -> None:
    vhost = urlsplit(site.broker_url).path.removeprefix("/")
    may = {"configure": rights, "write": rights, "read": rights}
    site.rabbitmq.management.put(f"/api/permissions/{vhost}/{site.name}", json=may).raise_for_status()


@dataclass
class Operator:
    """Somebody who types commands in the environment of the service."""

    patch: pytest.MonkeyPatch
    output: pytest.CaptureFixture[str]

    async def told(self, *arguments: str, at: Site) -> str:
        """The one line that a command ends with 78 for."""
        for name, value in at.environment.items():
            self.patch.setenv(name, value)
        self.patch.setattr("sys.argv", ["dispatch", *arguments])
        self.output.readouterr()
        assert await asyncio.to_thread(COMMANDS.run) == CONFIGURATION_FAULT
        return self.line()

    async def declares(self, url: str) -> str:
        """The same for the account that declares the topology."""
        self.patch.setenv("TOPOLOGY_BROKER_URL", url)
        self.patch.setattr("sys.argv", ["shared.messaging", "declare"])
        self.output.readouterr()
        assert await asyncio.to_thread(topology) == CONFIGURATION_FAULT
        return self.line()

    def line(self) -> str:
        """All that was said of what went wrong."""
        [line] = self.output.readouterr().err.splitlines()
        assert WRONG not in line
        return line


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(monkeypatch, capsys)


@pytest.mark.parametrize("arguments", ON_THE_DATABASE, ids=" ".join)
async def test_a_password_that_the_database_does_not_know_is_told_by_every_command_that_asks_it(
    site: Site, operator: Operator, arguments: Sequence[str]
) -> None:
    site.database_url = with_password(site.database_url, WRONG)
    line = await operator.told(*arguments, at=site)
    assert line.startswith("DISPATCH_DATABASE_URL: the database says password authentication failed for user")
    assert line.endswith(f"(SQLSTATE 28P01){DATABASE_MAY_BE}")


async def test_a_database_that_does_not_exist_or_lets_the_account_not_in_is_told(
    site: Site, operator: Operator
) -> None:
    elsewhere = f"{site.name}_2"
    site.database_url = f"{site.database_url.rpartition('/')[0]}/{elsewhere}"
    assert "(SQLSTATE 3D000)" in await operator.told("check", at=site)
    assert "(SQLSTATE 3D000)" in await site.ends_with_78("migrate")
    await site.postgres.create_database(elsewhere, owner=elsewhere, password=elsewhere)
    assert "permission denied" in await operator.told("check", at=site)
    await site.postgres.drop_database(elsewhere)


@pytest.mark.parametrize("arguments", AT_THE_BROKER, ids=" ".join)
async def test_a_password_that_the_broker_does_not_know_is_told_by_every_command_that_asks_it(
    site: Site, operator: Operator, arguments: Sequence[str]
) -> None:
    site.broker_url = with_password(site.broker_url, WRONG)
    line = await operator.told(*arguments, at=site)
    assert line.startswith("DISPATCH_BROKER_URL: the broker says ACCESS_REFUSED")
    assert line.endswith(BROKER_MAY_BE)


async def test_migrations_do_not_wait_for_a_password_to_become_right(site: Site) -> None:
    site.database_url = with_password(site.database_url, WRONG)
    line = await site.ends_with_78("migrate")
    assert line.startswith("DISPATCH_DATABASE_URL: the database says password authentication failed")
    assert line.endswith(DATABASE_MAY_BE)


async def test_migrations_by_an_account_that_may_create_nothing_are_told(site: Site) -> None:
    empty, guest = f"{site.name}_empty", f"{site.name}_guest"
    owned = await site.postgres.create_database(empty, owner=empty, password=empty)
    site.database_url = await site.postgres.create_database(empty, owner=guest, password=guest)
    async with database(owned, service="tests").engine.begin() as connection:
        await connection.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{empty}" TO "{guest}"')
    line = await site.ends_with_78("migrate")
    assert line.startswith("DISPATCH_DATABASE_URL: the database says permission denied")
    await site.postgres.drop_database(empty)


async def test_the_topology_is_not_declared_by_whom_the_broker_refuses(site: Site, operator: Operator) -> None:
    def is_told(line: str, why: str) -> bool:
        return line.startswith(f"TOPOLOGY_BROKER_URL: {why}") and line.endswith(BROKER_MAY_BE)

    refused = await operator.declares(with_password(site.broker_url, WRONG))
    assert is_told(refused, "the broker says ACCESS_REFUSED")
    nowhere = await operator.declares(f"{site.broker_url}-nowhere")
    assert is_told(nowhere, "there is no such virtual host, or the account may not enter it")
    permit(site, rights="^$")
    powerless = await operator.declares(site.broker_url)
    assert is_told(powerless, f"the broker refuses access to exchange '{UNROUTED}'")


async def test_the_check_of_the_whole_suite_names_the_service_whose_server_refuses(
    site: Site, operator: Operator
) -> None:
    for service in SERVICES:
        operator.patch.setenv(f"{service.upper()}_DATABASE_URL", site.database_url)
    operator.patch.setenv("PARTS_DATABASE_URL", with_password(site.database_url, WRONG))
    operator.patch.setenv("CHECK_BROKER_URL", site.broker_url)
    assert await asyncio.to_thread(check_the_suite, []) == CONFIGURATION_FAULT
    assert operator.line().startswith("PARTS_DATABASE_URL: the database says password authentication failed")


@pytest.fixture
def other_vhost(rabbitmq: RabbitMQ) -> Iterator[str]:
    name = f"other-{uuid4().hex}"
    yield rabbitmq.create_vhost(name)
    rabbitmq.delete_vhost(name)


async def test_something_else_of_the_same_name_at_the_broker_is_told(
    site: Site, operator: Operator, other_vhost: str
) -> None:
    async with passing_connection(other_vhost, name="tests") as connection:
        await (await connection.channel()).declare_exchange(UNROUTED, ExchangeType.DIRECT, durable=True)
    line = await operator.declares(other_vhost)
    assert line.startswith("TOPOLOGY_BROKER_URL: the broker says PRECONDITION_FAILED - inequivalent arg 'type'")
    site.broker_url = other_vhost
    assert "the broker says PRECONDITION_FAILED" in await operator.told("dead", "replay", UNROUTED, at=site)


@asynccontextmanager
async def running(site: Site, mode: str) -> AsyncIterator[ServiceProcess]:
    port = free_port()
    site.variables["HTTP_PORT"] = str(port)
    process = ServiceProcess(
        name="dispatch",
        environment=site.environment,
        log=site.home / f"{mode}.log",
        port=port,
        mode=mode,
        start_as=as_copy,
    )
    process.start()
    try:
        await eventually(lambda: live(process))
        yield process
    finally:
        await asyncio.to_thread(process.stop)


@pytest.mark.parametrize("mode", ["serve", "worker", "api"])
async def test_a_service_stays_up_says_which_passwords_are_refused_and_works_once_the_servers_know_them(
    site: Site, mode: str
) -> None:
    site.database_url = with_password(site.database_url, WRONG)
    site.broker_url = with_password(site.broker_url, WRONG)
    async with running(site, mode) as process:
        found = await complaints(process)
        assert found["database"] == found["migrations"]
        assert found["database"].startswith("DISPATCH_DATABASE_URL: the database says password authentication failed")
        assert found["database"].endswith(DATABASE_MAY_BE)
        if mode != "worker":
            assert await asked(process, site=site) == httpx.codes.SERVICE_UNAVAILABLE
        await site.database_knows(WRONG)
        if mode != "api":  # which has nothing to do with the broker
            line = await eventually(lambda: refused_by_broker(process))
            assert line.startswith("DISPATCH_BROKER_URL: the broker says ACCESS_REFUSED")
            assert line.endswith(BROKER_MAY_BE)
            site.broker_knows(WRONG)
        await eventually(lambda: is_ready(process))
        if mode != "worker":
            assert await asked(process, site=site) == httpx.codes.OK
    assert WRONG not in process.log.read_text()
    assert "Traceback" not in process.log.read_text()


async def refused_by_broker(process: ServiceProcess) -> str:
    """All that keeps it from being ready by now, if that is the broker."""
    found = await complaints(process)
    line = found.get("consumers", "")
    return line if set(found) == {"consumers"} and line.startswith("DISPATCH_BROKER_URL") else ""


async def is_ready(process: ServiceProcess) -> bool:
    return not await complaints(process)


async def asked(process: ServiceProcess, *, site: Site) -> int:
    """What a dispatcher who asks for work orders gets."""
    issuer, audience = site.variables["JWT_ISSUER"], site.variables["JWT_AUDIENCE"]
    token = mint_token(site.home / "jwt.json", subject="li", role="dispatcher", issuer=issuer, audience=audience)
    async with httpx.AsyncClient(base_url=process.url, timeout=PATIENCE_SECONDS) as client:
        answer = await client.get("/v1/work-orders", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_schema_contracted_past_this_build_is_told_by_commands_and_by_readiness(
    site: Site, operator: Operator
) -> None:
    async with site.database() as opened, opened.engine.begin() as connection:
        await connection.run_sync(lambda sync: raise_floor(sync, revision="9998"))
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ends_at = head(MIGRATIONS)
    line = (
        f"DISPATCH_DATABASE_URL: its schema is at 9999, contracted past this build, which ends at {ends_at}:"
        f" run a build that brings 9998 or later{DATABASE_MAY_BE}"
    )
    for arguments in ON_THE_DATABASE:
        assert await operator.told(*arguments, at=site) == line
    assert await site.ends_with_78("migrate") == line
    async with running(site, "api") as process:
        assert await complaints(process) == {"migrations": line}


UNREADABLE = {
    "it may not be read yet": (
        "REVOKE SELECT ON alembic_version FROM CURRENT_USER",
        "worker waits for the database",
        "GRANT SELECT ON alembic_version TO CURRENT_USER",
    ),
    "nobody thought of it": (
        "ALTER TABLE alembic_version RENAME COLUMN version_num TO version",
        "a loop of the worker failed and begins again",
        "ALTER TABLE alembic_version RENAME COLUMN version TO version_num",
    ),
}


@pytest.mark.parametrize("why", UNREADABLE)
async def test_a_worker_that_cannot_read_the_schema_works_as_soon_as_it_can(site: Site, why: str) -> None:
    spoil, told, mend = UNREADABLE[why]
    await execute(spoil, at=site)
    async with running(site, "worker") as process:
        await eventually(lambda: logged(told, by=process))
        assert "migrations" in await complaints(process)
        await execute(mend, at=site)
        await eventually(lambda: is_ready(process))


async def test_a_schema_that_may_not_be_read_is_told_by_migrate_and_by_readiness(site: Site) -> None:
    await execute("REVOKE SELECT ON alembic_version FROM CURRENT_USER", at=site)
    line = await site.ends_with_78("migrate")
    assert line.startswith("DISPATCH_DATABASE_URL: the database says permission denied for table alembic_version")
    async with running(site, "api") as process:
        assert await complaints(process) == {"migrations": line}


async def execute(statement: str, *, at: Site) -> None:
    async with at.database() as opened, opened.engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def logged(line: str, *, by: ServiceProcess) -> bool:
    return line in by.log.read_text()


async def test_a_port_in_use_and_an_address_of_another_machine_are_told(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        site.variables["HTTP_PORT"] = str(port)
        told = [await site.ends_with_78(mode) for mode in ("serve", "api", "worker")]
        in_use = f"DISPATCH_HTTP_PORT: cannot listen on 127.0.0.1:{port} (Address already in use)"
        assert set(told) == {f"{in_use}; it may be: any free port"}
    site.variables["HTTP_HOST"] = "192.0.2.1"
    told_host = await site.ends_with_78("api")
    assert told_host.startswith(f"DISPATCH_HTTP_HOST: cannot listen on 192.0.2.1:{port} (")
    assert told_host.endswith("; it may be: an address of this machine, or 0.0.0.0")
