"""Whether services grow: their memory after a while of work at half load, against soon after the beginning."""

import asyncio
from collections.abc import Iterator
from itertools import count
from time import perf_counter

from uvloop import run

from benchmarks.figures import Figure, Goal, Pair
from benchmarks.ground import Ground
from benchmarks.working_day import Company, at_work, hire
from testkit.suite import Suite

MEASURING_SECONDS = 20.0
AGENTS = 8
TECHNICIANS = 60


def memory(ground: Ground) -> Figure:
    """One run: the service that grew most."""
    with ground.running_suite() as suite:
        hire(suite, technicians=TECHNICIANS)
        soon, late = run(_work(ground, suite=suite))
    grown = max(soon, key=lambda name: late[name] / soon[name])
    minutes = ground.sizes.memory_to_seconds / 60
    return Figure(
        name="memory",
        what=f"memory of each service after {minutes:.3g} minutes at half load (most grown: {grown})",
        against=f"after {ground.sizes.memory_from_seconds / 60:.2g}",
        unit="MB",
        goal=Goal(must="<= 1.1"),
        runs=[Pair(value=late[grown], reference=soon[grown])],
    )


async def _work(ground: Ground, *, suite: Suite) -> tuple[dict[str, float], dict[str, float]]:
    """Megabytes by service, at both times."""
    sizes = ground.sizes
    numbers = count()
    async with at_work(suite) as company:
        most = await _most_per_second(
            company, numbers=numbers, seconds=min(MEASURING_SECONDS, sizes.memory_from_seconds)
        )
        begun = perf_counter()
        await _go_on(company, numbers=numbers, per_second=most / 2, until=begun + sizes.memory_from_seconds)
        soon = _megabytes(suite)
        await _go_on(company, numbers=numbers, per_second=most / 2, until=begun + sizes.memory_to_seconds)
        return soon, _megabytes(suite)


async def _most_per_second(company: Company, *, numbers: Iterator[int], seconds: float) -> float:
    end = perf_counter() + seconds
    done = 0

    async def carry_on() -> None:
        nonlocal done
        while perf_counter() < end:
            await company.carry_out(next(numbers))
            done += 1

    begun = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AGENTS):
            group.create_task(carry_on())
    return done / (perf_counter() - begun)


async def _go_on(company: Company, *, numbers: Iterator[int], per_second: float, until: float) -> None:
    async with asyncio.TaskGroup() as group:
        while perf_counter() < until:
            group.create_task(company.carry_out(next(numbers)))
            await asyncio.sleep(1 / per_second)  # the pace is what is asked for


def _megabytes(suite: Suite) -> dict[str, float]:
    return {name: service.memory_mb() for name, service in suite.services.items()}
