"""A private RabbitMQ node from the system's package, or a broker that is there already.

Node name, ports, data, log, plugins and the port mapper are its own, so that a broker of the system is left alone.
"""

import os
import secrets
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.servers.processes import ChildProcess, ServerDidNotStart, end_leftover, listens

SERVERS = (
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    Path("/opt/homebrew/sbin/rabbitmq-server"),
    Path("/usr/local/sbin/rabbitmq-server"),
)
NODE = "aftersales@localhost"
# loopback only, and no busy waiting on a machine that others use too
ERLANG_ARGUMENTS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none"
COUNT_SECONDS = 60
"""How often a queue tells the management API what it holds: hundreds of idle ones would do so every five seconds."""


class RabbitMQ:
    """A broker with an administrator; gives virtual hosts through the management API.

    `url` is `amqp://user:password@host:port/`, `management_url` `http://user:password@host:port`.
    """

    def __init__(self, url: str, management_url: str) -> None:
        self.url = url
        self.management_url = management_url
        parts = urlsplit(management_url)
        self.management = httpx.Client(
            base_url=f"{parts.scheme}://{parts.hostname}:{parts.port}",
            auth=(parts.username or "guest", parts.password or "guest"),
            timeout=20,
        )

    @classmethod
    def start(cls, home: Path) -> "PrivateRabbitMQ":
        """Start a private node with its data under `home`; data of an earlier run is found again."""
        return PrivateRabbitMQ(home)

    def stop(self) -> None:
        """A broker that was there before us stays."""

    def create_vhost(self, name: str) -> str:
        """A virtual host that the administrator may use, made where it is missing; the AMQP URL to reach it."""
        user = urlsplit(self.url).username or "guest"
        self.management.put(f"/api/vhosts/{quote(name, safe='')}").raise_for_status()
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.management.put(f"/api/permissions/{quote(name, safe='')}/{user}", json=everything).raise_for_status()
        return self.url.rstrip("/") + "/" + quote(name, safe="")

    def delete_vhost(self, name: str) -> None:
        """Forget a virtual host with all its queues."""
        self.management.delete(f"/api/vhosts/{quote(name, safe='')}").raise_for_status()


class PrivateRabbitMQ(RabbitMQ):
    """Our own Erlang node and its own port mapper, both ended by their process ids.

    The counts of a queue in the management API are up to `count_seconds` old.
    """

    def __init__(self, home: Path, *, count_seconds: int = COUNT_SECONDS) -> None:
        self._home = home.absolute()
        self._home.mkdir(parents=True, exist_ok=True)
        self._server = _server()
        self._port, self._management_port, distribution_port, mapper_port = (free_port() for _ in range(4))
        self._environment = self._prepare(distribution_port=distribution_port, mapper_port=mapper_port)
        counting = f"-rabbit quorum_tick_interval {count_seconds * 1000}"
        self._environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = f"{ERLANG_ARGUMENTS} {counting}"
        password = self._password()
        place = f"aftersales:{password}@127.0.0.1"
        super().__init__(f"amqp://{place}:{self._port}/", f"http://{place}:{self._management_port}")
        self._end_leftovers()
        mapper = [_port_mapper(), "-address", "127.0.0.1", "-port", str(mapper_port)]
        self._mapper = ChildProcess(mapper, log=self._home / "epmd.log", environment=self._environment)
        (self._home / "epmd.pid").write_text(str(self._mapper.pid))
        while not listens(mapper_port):  # a node that finds no mapper would start one that outlives us
            self._mapper.require_alive()
            time.sleep(0.01)
        self._node = self._run()

    def stop(self) -> None:
        """End the node, then its port mapper; the data stays."""
        self._node.stop(within=40)
        self._mapper.stop()

    def crash(self) -> None:
        """Kill the node's virtual machine."""
        self._node.kill()

    def freeze(self) -> None:
        """Have the node stand still: connections stay, nothing is confirmed or delivered."""
        self._node.freeze()

    def thaw(self) -> None:
        """Let it go on."""
        self._node.thaw()

    def forget(self) -> None:
        """Wipe the data directory of a node that was crashed: accounts, topology and messages are gone."""
        shutil.rmtree(self._home / "data")

    def keep_definitions(self) -> None:
        """Have accounts, virtual hosts and topology as they are now loaded whenever the node boots."""
        definitions = self._home / "definitions.json"
        definitions.touch(mode=0o600)
        definitions.write_text(self.management.get("/api/definitions").raise_for_status().text)
        with (self._home / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"load_definitions = {definitions}\n")

    def restart(self) -> None:
        """Start the node again on the same ports after `crash`."""
        self._node = self._run()

    def _run(self) -> ChildProcess:
        command = [str(self._server)]
        node = ChildProcess(command, log=self._home / "log" / "console.log", environment=self._environment)
        (self._home / "node.pid").write_text(str(node.pid))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            node.require_alive()
            if time.monotonic() > deadline:
                raise ServerDidNotStart(f"RabbitMQ did not answer within {PATIENCE_SECONDS:.0f} s, see {node.log}")
            time.sleep(0.1)
        return node

    def _answers(self) -> bool:
        if not (listens(self._port) and listens(self._management_port)):
            return False
        try:
            return self.management.get("/api/health/checks/virtual-hosts").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _prepare(self, *, distribution_port: int, mapper_port: int) -> dict[str, str]:
        (self._home / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self._home / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\n"
            f"management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {self._management_port}\n"
            f"default_user = aftersales\n"
            f"default_pass = {self._password()}\n"
            f"log.console = true\n"
            f"log.console.level = warning\n"
            f"log.file = false\n"
            f"raft.wal_max_size_bytes = 16777216\n"
        )
        (self._home / "rabbitmq.conf").chmod(0o600)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),  # the Erlang cookie lies there
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(mapper_port),
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_CONFIG_FILE": str(self._home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self._home / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._home / "data"),
            "RABBITMQ_LOG_BASE": str(self._home / "log"),
            "RABBITMQ_PID_FILE": str(self._home / "rabbitmq.pid"),
            "RUNNING_UNDER_SYSTEMD": "true",  # no shell between us and the node: our signals reach the virtual machine
        }

    def _password(self) -> str:
        secret = self._home / "password"
        if not secret.exists():
            secret.write_text(secrets.token_hex(16))
            secret.chmod(0o600)
        return secret.read_text()

    def _end_leftovers(self) -> None:
        for name, marker, by in (("node", str(self._home), signal.SIGTERM), ("epmd", "epmd", signal.SIGTERM)):
            pid_file = self._home / f"{name}.pid"
            if pid_file.exists():
                end_leftover(int(pid_file.read_text()), marker=marker, by=by)


def _server() -> Path:
    for server in SERVERS:
        if server.exists():
            return server
    raise ServerDidNotStart("RabbitMQ is not installed: run 'make setup', which installs the system's package")


def _port_mapper() -> str:
    mapper = shutil.which("epmd")
    if mapper is None:
        raise ServerDidNotStart("epmd is not installed: it comes with Erlang, which the RabbitMQ package needs")
    return mapper
