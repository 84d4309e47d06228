"""Three workers of each service, one of each killed: one relay speaks at a time, nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from uuid import uuid4

import pytest

from support.books import converge, read_books
from support.crew import Crew
from support.load import Agents, repair
from support.probing import metric
from support.waiting import eventually
from testkit.service_process import ServiceProcess
from testkit.suite import Suite

SAME_AT_ONCE = 64
APART = {"intake": 3, "dispatch": 2}
"""Services whose API and worker run apart, and how many APIs; of the others two workers run beside the process that
does both."""


@dataclass(frozen=True)
class Replicas:
    """Processes by service: those that answer requests, and those that carry events."""

    apis: dict[str, list[ServiceProcess]]
    workers: dict[str, list[ServiceProcess]]


@pytest.fixture
async def replicas(suite: Suite, agents: Agents) -> AsyncIterator[Replicas]:
    """Three of each instead of the one process that serves everything. The first API stays where others look for it."""
    services = suite.services
    workers = {name: [suite.process(name, mode="worker") for _ in range(2 + (name in APART))] for name in services}
    apis = {name: [suite.process(name, mode="api") for _ in range(count - 1)] for name, count in APART.items()}
    for name in APART:
        await asyncio.to_thread(services[name].stop)
        services[name].mode = "api"
    starting = [*chain(*workers.values(), *apis.values()), *(services[name] for name in APART)]
    await asyncio.gather(*(asyncio.to_thread(process.restart) for process in starting))
    agents.work_at([services["intake"].url, *(api.url for api in apis["intake"])])
    yield Replicas(
        apis={name: [services[name], *apis[name]] for name in APART},
        workers={name: [*found, *([] if name in APART else [services[name]])] for name, found in workers.items()},
    )
    await asyncio.gather(*(asyncio.to_thread(process.stop) for process in starting))
    agents.work_at([services["intake"].url])
    for name in APART:
        services[name].mode = "serve"


@pytest.mark.promise("R02", "R20")
@pytest.mark.timeout(900)
async def test_replicas_share_the_work_and_outlive_one_another(
    suite: Suite, agents: Agents, crew: Crew, replicas: Replicas
) -> None:
    before, counted = len((await read_books(suite)).said), await count(replicas)
    so_far = len(agents.acknowledged)
    async with crew.working():
        async with agents.registering(20):
            pass
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await converge(suite, acknowledged=agents.acknowledged)
    await nothing_was_said_twice(suite, replicas=replicas, before=before, counted=counted)
    await one_key_at_once(agents)
    async with crew.working():
        async with agents.registering(30):
            await agents.have_registered(so_far + 28)
            for first, *_ in replicas.workers.values():
                first.kill()
            await agents.have_registered(so_far + 40)
            replicas.apis["intake"][1].kill()
            replicas.apis["dispatch"][1].kill()
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await converge(suite, acknowledged=agents.acknowledged)


@dataclass(frozen=True)
class Counted:
    """What the workers counted so far: events that they sent, and events that they were told twice."""

    sent: float
    twice: float


async def count(replicas: Replicas) -> Counted:
    """The sums over every worker."""
    workers = list(chain(*replicas.workers.values()))
    return Counted(
        sent=sum([await metric(worker, "events_sent_total") for worker in workers]),
        twice=sum([await metric(worker, "inbox_duplicates_total") for worker in workers]),
    )


async def nothing_was_said_twice(suite: Suite, *, replicas: Replicas, before: int, counted: Counted) -> None:
    """Two relays at once would say the same rows; one at a time says each once."""
    said = len((await read_books(suite)).said) - before

    async def all_counted() -> bool:
        return (await count(replicas)).sent >= counted.sent + said

    await eventually(all_counted)  # a relay counts after it has committed
    assert await count(replicas) == Counted(sent=counted.sent + said, twice=counted.twice)


async def one_key_at_once(agents: Agents) -> None:
    """The same request many times at the same time, at three APIs: one case, equal answers (I2, I12)."""
    key, form = str(uuid4()), repair(3)
    answers = await asyncio.gather(*(agents.insist("/v1/cases", form, key=key) for _ in range(SAME_AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    agents.remember(answers[0])
