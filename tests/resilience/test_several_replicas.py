"""Two APIs and two workers of each service, one of each killed: one relay speaks at a time, nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from support.books import converge, read_books
from support.load import Agents, repair, technicians_answering
from support.probing import metric
from support.waiting import eventually
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

MODES = ("api", "worker")
SAME_AT_ONCE = 16


@dataclass(frozen=True)
class Replicas:
    """Processes by service and mode, two of each."""

    of: dict[tuple[str, str], list[ServiceProcess]]

    def all(self) -> list[ServiceProcess]:
        return [process for two in self.of.values() for process in two]


@pytest.fixture
async def replicas(suite: Suite, agents: Agents) -> AsyncIterator[Replicas]:
    """Instead of the one process that serves everything."""
    started = Replicas(
        {(name, mode): [suite.process(name, mode=mode) for _ in range(2)] for name in suite.services for mode in MODES}
    )
    await asyncio.gather(*(asyncio.to_thread(service.stop) for service in suite.services.values()))
    await asyncio.gather(*(asyncio.to_thread(process.restart) for process in started.all()))
    agents.work_at([process.url for process in started.of["intake", "api"]])
    yield started
    await asyncio.gather(*(asyncio.to_thread(process.stop) for process in started.all()))
    agents.work_at([suite.services["intake"].url])


@pytest.mark.timeout(900)
async def test_replicas_share_the_work_and_outlive_one_another(
    suite: Suite, agents: Agents, replicas: Replicas
) -> None:
    before = len((await read_books(suite)).said)
    so_far = len(agents.acknowledged)
    first, second = replicas.of["dispatch", "api"]
    async with technicians_answering(suite, at=first.url):
        async with agents.registering(30):
            pass
        await converge(suite, acknowledged=agents.acknowledged)
        await nothing_was_said_twice(suite, replicas=replicas, before=before)
        await one_key_at_once(agents)
        async with agents.registering(50):
            await agents.have_registered(so_far + 45)
            for name in suite.services:
                replicas.of[name, "worker"][0].kill()
            await agents.have_registered(so_far + 60)
            replicas.of["intake", "api"][0].kill()
    assert second.process.alive
    await converge(suite, acknowledged=agents.acknowledged)


async def nothing_was_said_twice(suite: Suite, *, replicas: Replicas, before: int) -> None:
    """Two relays at once would say the same rows; one at a time says each once."""
    workers = [process for name in suite.services for process in replicas.of[name, "worker"]]
    said = len((await read_books(suite)).said) - before

    async def sent() -> float:
        return sum([await metric(worker, "events_sent_total") for worker in workers])

    async def all_counted() -> bool:
        return await sent() >= said

    await eventually(all_counted)  # a relay counts after it has committed
    assert await sent() == said
    assert sum([await metric(worker, "inbox_duplicates_total") for worker in workers]) == 0


async def one_key_at_once(agents: Agents) -> None:
    """The same request many times at the same time, at both APIs: one case, equal answers (I2, I12)."""
    key, form = str(uuid4()), repair(3)
    answers = await asyncio.gather(*(agents.insist("/v1/cases", form, key=key) for _ in range(SAME_AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    agents.remember(answers[0])
