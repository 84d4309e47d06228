"""Looking at a process from outside: is it alive, is it ready, and what do its metrics say."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from testkit.patience import PATIENCE_SECONDS
from testkit.service_process import ServiceProcess

LOOK_SECONDS = 0.02


async def live(process: ServiceProcess) -> bool:
    """Whether `/healthz` says that the process lives."""
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        try:
            return (await client.get(f"{process.url}/healthz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


async def complaints(process: ServiceProcess) -> Mapping[str, str]:
    """What keeps the process from being ready: check to problem; empty where it is ready."""
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        answer = await client.get(f"{process.url}/readyz")
    checks = answer.json()["checks"]
    found = {name: check["problem"] for name, check in checks.items() if not check["ok"]}
    assert (answer.status_code == httpx.codes.OK) == (not found)
    return found


async def metric(process: ServiceProcess, name: str) -> float:
    """The value of a metric that the process shows once."""
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        shown = (await client.get(f"{process.url}/metrics")).text
    [line] = [line for line in shown.splitlines() if line.startswith(f"{name}{{")]
    return float(line.rpartition(" ")[2])


@dataclass
class Watched:
    """What `/readyz` answered, one after the other, without repetitions: a status, or 0 where nobody listened."""

    seen: list[int] = field(default_factory=list)

    def note(self, status: int) -> None:
        if self.seen[-1:] != [status]:
            self.seen.append(status)


@asynccontextmanager
async def readiness_of(process: ServiceProcess) -> AsyncIterator[Watched]:
    """Ask for readiness all the time while the block lasts, on a new connection each time as a prober does."""
    watched = Watched()
    watching = asyncio.create_task(_watch(process, watched=watched))
    try:
        yield watched
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(process: ServiceProcess, *, watched: Watched) -> None:
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits) as client:
        while True:
            try:
                watched.note((await client.get(f"{process.url}/readyz")).status_code)
            except httpx.TransportError:
                watched.note(0)
            await asyncio.sleep(LOOK_SECONDS)
