"""R44: half an hour at half of what the suite can take: no service grows, and nobody waits longer in the end."""

import asyncio
from collections.abc import Mapping, Sequence
from statistics import quantiles
from time import monotonic

import pytest

from support.crew import Crew
from support.load import Agents
from testkit.suite import Suite

MEASURED_SECONDS = 45
"""How long the suite is driven as hard as it goes, to learn what half of it is."""
WARM_MINUTES = 2
"""What a process needs anyway it has taken by then."""
MEMORY_RATIO = 1.1
DRIFT = 1.10


@pytest.mark.promise("R44")
async def test_at_half_capacity_memory_stays_flat_and_the_slowest_percent_does_not_get_slower(
    suite: Suite, agents: Agents, crew: Crew, request: pytest.FixtureRequest
) -> None:
    minutes = request.config.getoption("--minutes")
    async with crew.working():
        pace = 2 / await capacity(agents)
        warm = min(WARM_MINUTES, minutes / 4) * 60
        await steady(agents, pace=pace, seconds=warm)
        before = memory(suite)
        third = (minutes * 60 - warm) / 3
        waits = [await steady(agents, pace=pace, seconds=third) for _ in range(3)]
        after = memory(suite)
    assert {name: after[name] / before[name] for name in after if after[name] > MEMORY_RATIO * before[name]} == {}
    assert p99(waits[-1]) <= DRIFT * p99(waits[0])


async def capacity(agents: Agents) -> float:
    """Cases a second, as fast as agents can."""
    before, since = len(agents.acknowledged), monotonic()
    while monotonic() < since + MEASURED_SECONDS:
        async with agents.registering(40):
            pass
    return (len(agents.acknowledged) - before) / (monotonic() - since)


async def steady(agents: Agents, *, pace: float, seconds: float) -> Sequence[float]:
    """One case every `pace` seconds, whatever becomes of the others; how long each took from its intended start."""
    waits: list[float] = []
    since = monotonic()

    async def register(intended: float) -> None:
        async with agents.registering(1):
            pass
        waits.append(monotonic() - intended)

    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds / pace)):
            intended = since + number * pace
            await asyncio.sleep(max(0.0, intended - monotonic()))
            group.create_task(register(intended))
    return waits


def memory(suite: Suite) -> Mapping[str, float]:
    """Megabytes of every service."""
    return {name: service.memory_mb() for name, service in suite.services.items()}


def p99(waits: Sequence[float]) -> float:
    """What one in a hundred waited longer than."""
    return quantiles(waits, n=100)[-1]
