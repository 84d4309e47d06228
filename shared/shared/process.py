"""How a service runs: `python -m <service> serve | api | worker | migrate`, and its operator's commands.

`serve` is `api` and `worker` in one process. Each mode may run in several replicas, in any order, before its servers
are up: what cannot be reached yet is tried again, and `/readyz` says so meanwhile. `openapi` prints the document of the
service's routes and needs no server.
"""

import argparse
import asyncio
import errno
import json
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, override

import uvicorn
import uvloop
from fastapi import FastAPI

from shared.database import Database
from shared.erasure import Erasures
from shared.exit_codes import CONFIGURATION_FAULT
from shared.http.connection import connections
from shared.lasting import lasting
from shared.messaging.republish import Republishing
from shared.messaging.unit_of_work import Works
from shared.observability.metrics import ClientMetrics
from shared.policy import PolicyError

GRACE_SECONDS = 10
"""How long requests under way may take after the process was asked to end."""

SENT_AHEAD = 32 * 1024
"""Bytes that the system takes from a connection before the service reads them: so much of each may arrive at once."""


class Worker(Protocol):
    """What works in the background: relay, deadlines, consumers, audit chain."""

    async def start(self) -> None:
        """Begin, without waiting for servers that are not up yet."""

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as its composition root wired it.

    `api` holds all routes, `probes` only health, readiness and metrics, for a process that only works. `drain` makes
    readiness false, and for `drain_seconds` the process still listens, so that whoever asks sends no more. A client has
    `client_seconds` for the head of a request, and to take something more of an answer; `clients` counts who was let
    go. `close` gives back what the service holds open. `database`, `works`, `republishing` and `erasures` are for the
    operator's commands; a service that keeps nothing of customers has no `erasures`.
    """

    name: str
    host: str
    port: int
    api: FastAPI
    probes: FastAPI
    worker: Worker
    migrate: Callable[[], Coroutine[None, None, None]]
    drain: Callable[[], None]
    drain_seconds: float
    client_seconds: float
    clients: ClientMetrics
    close: Callable[[], Awaitable[None]]
    database: Database
    works: Works
    republishing: Republishing
    erasures: Erasures | None = None


type Mode = Callable[[Service, asyncio.Event], Awaitable[None]]
type Command = Callable[[Sequence[str]], int]
"""An operator's command: its arguments to an exit code."""


def main(name: str, *, build: Callable[[], Service], commands: Mapping[str, Command]) -> int:
    """Run the mode or command that the command line names; 0 when it went well.

    `build` reads the settings, so that a command that needs none of them works without.
    """
    modes: dict[str, Mode] = {
        "serve": _serve,
        "api": _api,
        "worker": _worker,
        "migrate": _migrate,
        "openapi": _openapi,
    }
    parser = argparse.ArgumentParser(prog=f"python -m {name}")
    parser.add_argument("mode", choices=[*modes, *commands])
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    if chosen.mode in commands:
        return commands[chosen.mode](chosen.arguments)
    if chosen.arguments:
        parser.error(f"{chosen.mode} takes no further arguments, got {' '.join(chosen.arguments)}")
    try:
        with lasting():
            service = build()
    except PolicyError as error:
        sys.stderr.write(f"{error}\n")
        return CONFIGURATION_FAULT
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(modes[chosen.mode], service))
    return 0


async def _run(mode: Mode, service: Service) -> None:
    asked_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_end.set)
    try:
        await mode(service, asked_to_end)
    finally:
        await service.close()


async def _serve(service: Service, asked_to_end: asyncio.Event) -> None:
    await _work_and_answer(service, service.api, asked_to_end)


async def _worker(service: Service, asked_to_end: asyncio.Event) -> None:
    await _work_and_answer(service, service.probes, asked_to_end)


async def _api(service: Service, asked_to_end: asyncio.Event) -> None:
    await _answer(service, service.api, asked_to_end)


async def _migrate(service: Service, asked_to_end: asyncio.Event) -> None:
    ending = asyncio.create_task(asked_to_end.wait())
    migrating = asyncio.create_task(service.migrate())
    await asyncio.wait((migrating, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not migrating.done():
        migrating.cancel()
        raise SystemExit(f"{service.name}: ended before the schema was up to date; nothing was changed")
    await migrating
    sys.stdout.write(f"{service.name}: the schema is up to date\n")


async def _openapi(service: Service, _asked_to_end: asyncio.Event) -> None:
    sys.stdout.write(json.dumps(service.api.openapi(), indent=2, ensure_ascii=False) + "\n")


async def _work_and_answer(service: Service, app: FastAPI, asked_to_end: asyncio.Event) -> None:
    await service.worker.start()
    stopping = asyncio.create_task(_stop_worker(service, asked_to_end))
    try:
        await _answer(service, app, asked_to_end)
    finally:
        asked_to_end.set()
        await stopping


async def _stop_worker(service: Service, asked_to_end: asyncio.Event) -> None:
    await asked_to_end.wait()
    await service.worker.stop()


async def _answer(service: Service, app: FastAPI, asked_to_end: asyncio.Event) -> None:
    _allow_many_connections()
    config = uvicorn.Config(
        app,
        http=connections(seconds=service.client_seconds, clients=service.clients),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    answering = asyncio.create_task(server.serve(sockets=[_listen(service)]))
    ending = asyncio.create_task(asked_to_end.wait())
    await asyncio.wait((answering, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    service.drain()
    if not answering.done():
        await asyncio.sleep(service.drain_seconds)  # time for whoever probes to see the 503
    server.should_exit = True
    await answering


def _allow_many_connections() -> None:
    """A connection is a file, and of those many systems let a program open 1,024 unless it asks for more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _listen(service: Service) -> socket.socket:
    family = socket.AF_INET6 if ":" in service.host else socket.AF_INET
    try:
        listening = socket.create_server((service.host, service.port), family=family, backlog=2048)
    except OSError as error:
        is_place = error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror)
        named, may_be = ("HOST", "an address of this machine, or 0.0.0.0") if is_place else ("PORT", "any free port")
        reason = str(error.strerror).partition(" (while")[0]  # what follows repeats the place
        why = f"cannot listen on {service.host}:{service.port} ({reason})"
        sys.stderr.write(f"{service.name.upper()}_HTTP_{named}: {why}; it may be: {may_be}\n")
        raise SystemExit(CONFIGURATION_FAULT) from None
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SENT_AHEAD)
    return listening


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: they would end the process before the worker has finished."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
