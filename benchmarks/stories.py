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
ON_THE_WAY = 4
"""Commits, each followed by a confirm, between the request and what is heard: the case, the order with its offer, and
the acceptance are written, dispatch notes what it heard in the transaction that it causes. The relay's marks are not
on the way. The acceptance itself is counted with its request."""


def assigned(ground: Ground) -> Figure:
    """Cases in warranty arrive at their intended times; offers are accepted as soon as they are heard."""
    sizes = ground.sizes
    with ground.running_suite() as suite:
        arrivals = int(sizes.arrivals_per_second * sizes.arriving_seconds)
        hire(suite, technicians=(arrivals * sizes.runs + 10) // ORDERS_PER_TECHNICIAN)
        runs = [run(_assigned_once(ground, suite=suite, begin=n * arrivals)) for n in range(sizes.runs)]
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
        hire(suite, technicians=ground.sizes.stories * ground.sizes.runs + 10)
        runs = [run(_stories_once(ground, suite=suite, number=n)) for n in range(ground.sizes.runs)]
    return Figure(
        name="whole_story",
        what="the whole story, registration to signature, all services on this machine",
        against="a bare pipeline of the same number of commits and publishes",
        unit="stories/s",
        goal=Goal(must=">= 0.10", after=">= 0.3"),
        runs=runs,
    )


async def _assigned_once(ground: Ground, *, suite: Suite, begin: int) -> Pair:
    sizes = ground.sizes
    latencies: list[float] = []
    async with at_work(suite) as company, asyncio.TaskGroup() as group:
        first = perf_counter()

        async def arrive(number: int, intended: float) -> None:
            case = await company.register(begin + number)
            async with asyncio.timeout(PATIENCE_SECONDS):
                latencies.append((await company.heard_of(case)).at - intended)

        for number in range(int(sizes.arrivals_per_second * sizes.arriving_seconds)):
            intended = first + number / sizes.arrivals_per_second
            await asyncio.sleep(intended - perf_counter())  # open loop: nothing is sent before its time
            group.create_task(arrive(number, intended))
    async with bare.bare_queue(suite.broker_url, name="bare") as channel:
        commit, confirm = await bare.one_commit_and_one_confirm(suite.database_url("intake"), channel, _message())
    return Pair(value=percentile(latencies, 0.99) * 1000, reference=ON_THE_WAY * (commit + confirm) * 1000)


async def _stories_once(ground: Ground, *, suite: Suite, number: int) -> Pair:
    count = ground.sizes.stories
    said_before, heard_before = await _written(suite)
    async with at_work(suite) as company:
        begun = perf_counter()
        numbers = iter(range(number * count, (number + 1) * count))
        async with asyncio.TaskGroup() as group:
            for _ in range(AGENTS):
                group.create_task(_carry_out(company, numbers))
        await _until_everything_is_heard(suite)
        seconds = perf_counter() - begun
    said, heard = await _written(suite)
    publishes = sum(said.values()) - sum(said_before.values())
    commits = company.requests + heard - heard_before
    async with bare.bare_queue(suite.broker_url, name="bare") as channel:
        messages = [_message() for _ in range(publishes)]
        reference = await bare.pipeline(suite.database_url("intake"), channel, messages, commits=commits)
    return Pair(value=count / seconds, reference=count / reference)


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


def _message() -> WireMessage:
    return WireMessage(
        message_id=str(uuid4()),
        type=DishCooked.TYPE,
        body=DishCooked(dish_id=uuid4()).model_dump_json().encode(),
        headers=envelope_headers(),
    )
