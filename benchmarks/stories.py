"""All five services at once: how soon a technician is assigned, and how many whole stories they carry."""

import asyncio
from collections.abc import Iterator
from time import perf_counter
from uuid import uuid4

import asyncpg
from uvloop import run

from benchmarks import bare
from benchmarks.figures import Figure, Goal, Pair, percentile
from benchmarks.ground import Ground
from benchmarks.working_day import Company, at_work, hire
from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.broker import WireMessage
from support.kitchen import DishCooked, envelope_headers
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite

ORDERS_PER_TECHNICIAN = 2
AGENTS = 8
WARM = 40
"""Cases or stories before the first run: connections are opened and statements prepared when they are first needed."""
ON_THE_WAY = 4
"""Commits, each followed by a confirm, between the request and what is heard: the case, the order with its offer, and
the acceptance are written, dispatch notes what it heard in the transaction that it causes. The relay's marks are not
on the way. The acceptance itself is counted with its request."""


def assigned(ground: Ground) -> Figure:
    """Cases in warranty arrive at their intended times; offers are accepted as soon as they are heard."""
    sizes = ground.sizes
    with ground.running_suite() as suite:
        arrivals = int(sizes.arrivals_per_second * sizes.arriving_seconds)
        hire(suite, technicians=(WARM + arrivals * sizes.runs + 10) // ORDERS_PER_TECHNICIAN)
        run(_arrivals(suite, numbers=range(WARM), per_second=sizes.arrivals_per_second))
        begins = range(WARM, WARM + arrivals * sizes.runs, arrivals)
        runs = [run(_assigned_once(ground, suite=suite, numbers=range(n, n + arrivals))) for n in begins]
    return Figure(
        name="accept_to_assigned",
        what=f"accept to 'technician assigned' visible, {sizes.arrivals_per_second} cases a second, p99",
        against=f"the sum of its {ON_THE_WAY} commits and {ON_THE_WAY} confirms measured bare",
        unit="ms",
        goal=Goal(must="<= 250 ms"),
        runs=runs,
    )


def whole_story(ground: Ground) -> Figure:
    """From the registration to the signature, until every service has heard of everything."""
    with ground.running_suite() as suite:
        count = ground.sizes.stories
        hire(suite, technicians=WARM + count * ground.sizes.runs + 10)
        run(_stories(suite, numbers=range(WARM)))
        begins = range(WARM, WARM + count * ground.sizes.runs, count)
        runs = [run(_stories_once(suite, numbers=range(n, n + count))) for n in begins]
    return Figure(
        name="whole_story",
        what="the whole story, registration to signature, all services on this machine",
        against="a bare pipeline of the same number of commits and publishes, each heard by as many",
        unit="stories/s",
        goal=Goal(must=">= 0.10", after=">= 0.3"),
        runs=runs,
    )


async def _assigned_once(ground: Ground, *, suite: Suite, numbers: range) -> Pair:
    latencies = await _arrivals(suite, numbers=numbers, per_second=ground.sizes.arrivals_per_second)
    async with bare.bare_queue(suite.broker_url, name="bare") as channel:
        commit, confirm = await bare.one_commit_and_one_confirm(
            suite.database_url("intake"), channel, _message(DishCooked.TYPE)
        )
    return Pair(value=percentile(latencies, 0.99) * 1000, reference=ON_THE_WAY * (commit + confirm) * 1000)


async def _arrivals(suite: Suite, *, numbers: range, per_second: float) -> list[float]:
    """Seconds from the intended time of each case until its technician is heard of."""
    latencies: list[float] = []
    async with at_work(suite) as company, asyncio.TaskGroup() as group:
        first = perf_counter()

        async def arrive(number: int, intended: float) -> None:
            case = await company.register(number)
            async with asyncio.timeout(PATIENCE_SECONDS):
                latencies.append((await company.heard_of(case)).at - intended)

        for place, number in enumerate(numbers):
            intended = first + place / per_second
            await asyncio.sleep(intended - perf_counter())  # open loop: nothing is sent before its time
            group.create_task(arrive(number, intended))
    return latencies


async def _stories_once(suite: Suite, *, numbers: range) -> Pair:
    before, _ = await _written(suite)
    requests, seconds = await _stories(suite, numbers=numbers)
    said, _ = await _written(suite)
    messages = [_message(type_) for type_, count in said.items() for _ in range(count - before.get(type_, 0))]
    hearers = {service: {event.TYPE for event in events} for service, events in SUBSCRIPTIONS.items()}
    reference = await bare.pipeline(
        suite.database_url("intake"), suite.broker_url, messages, hearers=hearers, requests=requests
    )
    return Pair(value=len(numbers) / seconds, reference=len(numbers) / reference)


async def _stories(suite: Suite, *, numbers: range) -> tuple[int, float]:
    """Requests that were made, and seconds until every service has heard of everything."""
    async with at_work(suite) as company:
        begun = perf_counter()
        left = iter(numbers)
        async with asyncio.TaskGroup() as group:
            for _ in range(AGENTS):
                group.create_task(_carry_out(company, left))
        await _until_everything_is_heard(suite)
        return company.requests, perf_counter() - begun


async def _carry_out(company: Company, numbers: Iterator[int]) -> None:
    for number in numbers:
        await company.carry_out(number)


async def _until_everything_is_heard(suite: Suite) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            said, heard = await _written(suite)
            called_for = sum(count * _hearers(type_) for type_, count in said.items())
            if heard == called_for:
                return
            await asyncio.sleep(0.05)  # seen in the databases only


def _hearers(type_: str) -> int:
    return sum(type_ in {event.TYPE for event in events} for events in SUBSCRIPTIONS.values())


async def _written(suite: Suite) -> tuple[dict[str, int], int]:
    """Events said, by type, and inbox rows, in all databases."""
    said: dict[str, int] = {}
    heard = 0
    for service in SERVICES:
        connection = await asyncpg.connect(suite.database_url(service))
        try:
            for row in await connection.fetch("SELECT type, count(*) AS n FROM outbox GROUP BY type"):
                said[row["type"]] = said.get(row["type"], 0) + row["n"]
            heard += await connection.fetchval("SELECT count(*) FROM inbox")
        finally:
            await connection.close()
    return said, heard


def _message(type_: str) -> WireMessage:
    return WireMessage(
        message_id=str(uuid4()),
        type=type_,
        body=DishCooked(dish_id=uuid4()).model_dump_json().encode(),
        headers=envelope_headers(),
    )
