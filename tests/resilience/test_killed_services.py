"""kill -9 of each service in the middle of 200 stories: what was acknowledged has each effect exactly once."""

import asyncio
from datetime import timedelta

import pytest

from support.books import converge
from support.crew import Crew
from support.load import MORNING, Agents, jump
from testkit.checker.aftercare import DELIVERED
from testkit.service_process import ServiceProcess
from testkit.suite import SERVICES, Suite

CASES = 200
EACH_AFTER = CASES // (len(SERVICES) + 3)
"""A service is killed whenever so many more cases are registered."""


async def kill_and_restart(*services: ServiceProcess) -> None:
    """All of them at once, as when the power fails."""
    for service in services:
        service.kill()
    await asyncio.gather(*(asyncio.to_thread(service.restart) for service in services))


@pytest.mark.timeout(1200)
async def test_services_killed_in_the_middle_of_200_cases_lose_and_double_nothing(
    suite: Suite, agents: Agents, crew: Crew
) -> None:
    so_far = len(agents.acknowledged)
    agents.answers.clear()
    async with crew.working():
        async with agents.registering(CASES):
            for number, service in enumerate(suite.services.values(), start=1):
                await agents.have_registered(so_far + number * EACH_AFTER)
                await kill_and_restart(service)
            await agents.have_registered(so_far + (len(SERVICES) + 1) * EACH_AFTER)
            await asyncio.to_thread(jump, suite, to=MORNING + timedelta(minutes=45))  # offers expire, clocks warn
            await kill_and_restart(*suite.services.values())
        assert len(agents.acknowledged) == so_far + CASES
        assert set(agents.answers) - {"200", "201"}, "nobody noticed that intake was away"
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await asyncio.to_thread(jump, suite, to=MORNING + timedelta(hours=2, minutes=30))  # surveys go out, promises break
    await kill_and_restart(*(suite.services[name] for name in ("feedback", "notifier")))
    books = await converge(suite, acknowledged=agents.acknowledged)
    assert {order.state for order in books.orders} == {"signed_off", "cancelled"}
    assert {message.state for message in books.messages} <= {DELIVERED, "withdrawn"}
    told = (books.lines, books.deposits, books.revisits, books.surveys, books.escalations, books.mails)
    assert all(told), "the stories left something out"


@pytest.mark.timeout(600)
async def test_the_same_key_still_gets_the_same_answer(suite: Suite, agents: Agents) -> None:
    async with agents.registering(1):
        pass
    for key, form, first in agents.written[::10]:
        again = await agents.insist("/v1/cases", form, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["ETag"] == first.headers["ETag"]
    await converge(suite, acknowledged=agents.acknowledged)
