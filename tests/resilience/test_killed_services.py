"""kill -9 of each service in the middle of 200 running cases: what was acknowledged has each effect exactly once."""

import asyncio
from datetime import timedelta

import pytest

from support.books import converge
from support.load import MORNING, Agents, jump, technicians_answering
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

CASES = 200


async def kill_and_restart(*services: ServiceProcess) -> None:
    """All of them at once, as when the power fails."""
    for service in services:
        service.kill()
    await asyncio.gather(*(asyncio.to_thread(service.restart) for service in services))


@pytest.mark.timeout(900)
async def test_services_killed_in_the_middle_of_200_cases_lose_and_double_nothing(suite: Suite, agents: Agents) -> None:
    intake, dispatch = suite.services["intake"], suite.services["dispatch"]
    so_far = len(agents.acknowledged)
    agents.answers.clear()
    async with technicians_answering(suite), agents.registering(CASES):
        await agents.have_registered(so_far + 40)
        await kill_and_restart(intake)
        await agents.have_registered(so_far + 80)
        await kill_and_restart(dispatch)
        await agents.have_registered(so_far + 120)
        await asyncio.to_thread(jump, suite, to=MORNING + timedelta(minutes=45))  # offers expire, clocks warn
        await kill_and_restart(intake, dispatch)
    assert len(agents.acknowledged) == so_far + CASES
    assert agents.answers["ConnectError"] > 0, "nobody noticed that intake was away"
    await converge(suite, acknowledged=agents.acknowledged)


async def test_the_same_key_still_gets_the_same_answer(suite: Suite, agents: Agents) -> None:
    async with agents.registering(1):
        pass
    for key, form, first in agents.written[::10]:
        again = await agents.insist("/v1/cases", form, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["ETag"] == first.headers["ETag"]
    await converge(suite, acknowledged=agents.acknowledged)
