"""SIGTERM under load: readiness drops first, the process ends by itself, nothing is lost or done twice."""

import asyncio
import signal

import pytest

from support.books import converge
from support.crew import Crew
from support.load import Agents
from support.probing import metric, readiness_of
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

DRAIN_SECONDS = "5"
"""Long enough for a prober on a busy machine to see that readiness dropped."""
ENDS_SECONDS = 15
"""Within these a process that was asked to end has ended: part of the promise."""
ENDED_AT = ((8, ("intake",)), (16, ("dispatch",)), (24, ("parts", "feedback", "notifier")))
"""How many cases are registered when which services are asked to end."""


async def end(service: ServiceProcess) -> list[int]:
    """Ask the process to end, see that it does so well, and tell what `/readyz` said until then."""
    async with readiness_of(service) as watched:
        while not watched.seen:  # noqa: ASYNC110  # another process cannot be awaited
            await asyncio.sleep(0.02)
        service.process.send(signal.SIGTERM)
        code = await asyncio.to_thread(service.process.wait, within=ENDS_SECONDS)
    assert code == 0
    return watched.seen


async def end_and_restart(*services: ServiceProcess) -> None:
    """All of them at once; whoever asks for readiness learns of it before they listen no more."""
    for service, seen in zip(services, await asyncio.gather(*map(end, services)), strict=True):
        assert seen[:2] == [200, 503], f"readiness of {service.name} did not drop before it stopped listening: {seen}"
    await asyncio.gather(*(asyncio.to_thread(service.restart) for service in services))


async def drain_for_long(service: ServiceProcess) -> None:
    service.environment[f"{service.name.upper()}_DRAIN_SECONDS"] = DRAIN_SECONDS
    await asyncio.to_thread(service.stop)
    await asyncio.to_thread(service.restart)


@pytest.mark.promise("R36")
@pytest.mark.timeout(900)
async def test_a_service_that_is_asked_to_end_finishes_what_it_has_in_hand(
    suite: Suite, agents: Agents, crew: Crew
) -> None:
    so_far = len(agents.acknowledged)
    await asyncio.gather(*map(drain_for_long, suite.services.values()))
    async with crew.working():
        async with agents.registering(32):
            for count, names in ENDED_AT:
                await agents.have_registered(so_far + count)
                await end_and_restart(*(suite.services[name] for name in names))
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await converge(suite, acknowledged=agents.acknowledged)
    for service in suite.services.values():
        assert await metric(service, "inbox_duplicates_total") == 0, f"{service.name} was told something twice"
