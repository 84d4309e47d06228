"""SIGTERM under load: readiness drops first, the process ends by itself, nothing is lost or done twice."""

import asyncio
import signal

import pytest

from support.books import converge
from support.load import Agents, technicians_answering
from support.probing import metric, readiness_of
from testkit.patience import PATIENCE_SECONDS
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

DRAIN_SECONDS = "5"
"""Long enough for a prober on a busy machine to see that readiness dropped."""


async def end(service: ServiceProcess) -> list[int]:
    """Ask the process to end, see that it does so well, and tell what `/readyz` said until then."""
    async with readiness_of(service) as watched:
        while not watched.seen:  # noqa: ASYNC110  # another process cannot be awaited
            await asyncio.sleep(0.02)
        service.process.send(signal.SIGTERM)
        code = await asyncio.to_thread(service.process.wait, within=PATIENCE_SECONDS)
    assert code == 0
    return watched.seen


@pytest.mark.timeout(900)
async def test_a_service_that_is_asked_to_end_finishes_what_it_has_in_hand(suite: Suite, agents: Agents) -> None:
    so_far = len(agents.acknowledged)
    for service in suite.services.values():
        service.environment[f"{service.name.upper()}_DRAIN_SECONDS"] = DRAIN_SECONDS
        await asyncio.to_thread(service.stop)
        await asyncio.to_thread(service.restart)
    async with technicians_answering(suite), agents.registering(60):
        for name, count in (("intake", 15), ("dispatch", 35)):
            await agents.have_registered(so_far + count)
            seen = await end(suite.services[name])
            assert seen[:2] == [200, 503], f"readiness of {name} did not drop before it stopped listening: {seen}"
            await asyncio.to_thread(suite.services[name].restart)
    await converge(suite, acknowledged=agents.acknowledged)
    for service in suite.services.values():
        assert await metric(service, "inbox_duplicates_total") == 0, f"{service.name} was told something twice"
