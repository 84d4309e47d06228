"""Services, and their migrations, that are started a minute before there is a broker or a database."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from time import monotonic

import pytest

from support.books import converge, read_books
from support.crew import Crew
from support.forked import as_copy
from support.load import Agents, set_up
from support.probing import complaints, live, metric
from support.retelling import replay_as_dead, tell_everything_again
from support.waiting import eventually
from testkit.checker.books import Books
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import Servers, Suite

AWAY_SECONDS = 60
"""Longer than all attempts of a handler together take, so that counting an outage would have filled `.dead`."""


@dataclass(frozen=True)
class Early:
    """A second suite on the same servers, with databases and a virtual host, and no process yet."""

    suite: Suite
    postgres: EmbeddedPostgres
    rabbitmq: PrivateRabbitMQ


@pytest.fixture
def early(own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path) -> Iterator[Early]:
    given = Servers(postgres=own_postgres, rabbitmq=own_rabbitmq, mark="early")
    suite = Suite(server_home / "early", test_clock="on", given=given, start_as=as_copy)
    suite.start_servers()
    yield Early(suite, own_postgres, own_rabbitmq)
    suite.stop()


async def until(suite: Suite, *, wrong: set[str]) -> None:
    """Return once exactly these checks of every service fail. Every process lives all the while."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for service in suite.services.values():
            while not await live(service) or set(await complaints(service)) != wrong:
                service.process.require_alive()
                await asyncio.sleep(0.1)


@pytest.mark.promise("R06", "R26", "R32")
@pytest.mark.timeout(900)
async def test_whoever_starts_a_minute_before_his_servers_comes_to_work_alone_and_whoever_worked_goes_on(
    suite: Suite, agents: Agents, crew: Crew, early: Early
) -> None:
    async with crew.working():
        async with agents.registering(20):
            pass
        await start_and_wait(early.suite, postgres=early.postgres, rabbitmq=early.rabbitmq)
    await work_as_if_nothing_had_been(early.suite)
    await converge(suite, acknowledged=agents.acknowledged)


async def start_and_wait(early: Suite, *, postgres: EmbeddedPostgres, rabbitmq: PrivateRabbitMQ) -> None:
    """Start everything without servers; a minute later the broker comes, then the database."""
    nothing_works = {"database", "migrations", "consumers"}
    postgres.crash()
    rabbitmq.crash()
    since = monotonic()
    for service in early.services.values():
        service.start()
    migrations = [early.process(name, mode="migrate") for name in early.services]
    for migration in migrations:
        migration.start()
    await until(early, wrong=nothing_works)
    await asyncio.sleep(since + AWAY_SECONDS - monotonic())
    await until(early, wrong=nothing_works)
    await asyncio.to_thread(rabbitmq.restart)
    await until(early, wrong=nothing_works)
    await asyncio.to_thread(postgres.restart)
    codes = [await asyncio.to_thread(migration.process.wait, within=PATIENCE_SECONDS) for migration in migrations]
    assert set(codes) == {0}
    await until(early, wrong=set())


async def work_as_if_nothing_had_been(suite: Suite) -> None:
    await asyncio.to_thread(set_up, suite)
    agents, crew = Agents(suite), Crew(suite)
    async with crew.working():
        async with agents.registering(8):
            pass
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await everything_said_again_changes_nothing(suite, agents=agents)
    await agents.close()
    await crew.close()


async def everything_said_again_changes_nothing(suite: Suite, *, agents: Agents) -> None:
    """The longest dead-letter queue of each service is replayed twice, and the whole day said once more."""
    before = await at_rest(suite, agents=agents)
    known = await duplicates(suite)
    again = await tell_everything_again(suite)
    assert again == len(before["heard"])
    again += await replay_as_dead(suite)
    again += await replay_as_dead(suite)

    async def all_heard() -> bool:
        return await duplicates(suite) >= known + again

    await eventually(all_heard)
    assert await at_rest(suite, agents=agents) == before


async def at_rest(suite: Suite, *, agents: Agents) -> dict[str, list[str]]:
    """What the books hold once two readings of them agree, in an order of its own."""
    held = shelved(await converge(suite, acknowledged=agents.acknowledged))
    while held != (again := shelved(await read_books(suite))):
        held = again
    return held


def shelved(books: Books) -> dict[str, list[str]]:
    shelves = {shelf.name: getattr(books, shelf.name) for shelf in fields(books)}
    return {name: sorted(map(str, found)) for name, found in shelves.items() if isinstance(found, tuple)}


async def duplicates(suite: Suite) -> float:
    """Deliveries that had had their effect before, at all services."""
    return sum([await metric(service, "inbox_duplicates_total") for service in suite.services.values()])
