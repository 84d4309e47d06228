"""R42: every fault at once, by chance, again and again; what was acknowledged is there, once, in every service."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import pytest

from support.books import NotWhole, converge, read_books, report
from support.chaos import KILL_SECONDS, Chaos
from support.probing import complaints, live
from support.surroundings import Surroundings, surrounded
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.service_process import ServiceProcess
from testkit.suite import SERVICES

EMPTY_SECONDS = 60
"""Within these after the last fault every queue is empty: part of the promise."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run, as it stands in the report. `answers` are those that agents got, by status or by what went wrong.

    `asked` counts the requests of agents and crew by key, `promised` those of them that got a 2xx; `lost`,
    `unexpected`, `doubled` and `recovered` are what the checker makes of them.
    """

    seed: int
    cases: int
    acknowledged: int
    asked: int
    promised: int
    lost: int
    unexpected: int
    doubled: int
    recovered: int
    events: int
    deliveries: int
    faults: dict[str, int]
    answers: dict[str, int]
    faults_lasted_seconds: float
    empty_after_seconds: float
    violations: list[str]


@pytest.mark.promise("R42")
async def test_everything_at_once_loses_doubles_and_strands_nothing(
    own_postgres: EmbeddedPostgres, own_rabbitmq: PrivateRabbitMQ, server_home: Path, request: pytest.FixtureRequest
) -> None:
    option = request.config.getoption
    runs = []
    for seed in range(1, option("--seeds") + 1):
        mark = f"chaos_{seed}"
        async with surrounded(server_home, postgres=own_postgres, rabbitmq=own_rabbitmq, mark=mark) as around:
            chaos = Chaos(around, seed=seed)
            runs.append(await live_through(around, chaos=chaos, cases=option("--cases"), seconds=option("--seconds")))
        publish(runs, folder=option("--report"))
    assert [run.violations for run in runs] == [[] for _ in runs]
    assert max(run.empty_after_seconds for run in runs) <= EMPTY_SECONDS
    assert all(run.acknowledged == run.cases for run in runs)
    for service in SERVICES:  # twice as far apart as the plan has them, for starting takes time as well
        kills = [run.faults.get(f"kill -9 of {service}", 0) for run in runs]
        assert all(count >= option("--seconds") // (2 * max(KILL_SECONDS)) for count in kills), kills


async def live_through(around: Surroundings, *, chaos: Chaos, cases: int, seconds: int) -> Run:
    """Register so many cases, spread over at least so many seconds, under the faults of the seed.

    2,000 in 600 s are half of what two processors carry to the signature without a fault. In 240 s they are more than
    they can: nothing is lost, but what piled up takes ten minutes after the last fault.
    """
    began = monotonic()
    async with around.crew.working():
        async with chaos.killing():
            faults = chaos.plan()
            for number, fault in enumerate(faults, start=1):
                share = cases * number // len(faults) - cases * (number - 1) // len(faults)
                async with around.agents.registering(share):
                    await fault()
                await asyncio.sleep(max(0.0, began + seconds * number / len(faults) - monotonic()))
        lasted = chaos.last_fault - began
    violations = await wholeness(around)
    empty_after = monotonic() - chaos.last_fault
    if not violations:
        async with around.crew.working():
            await around.crew.finish()
        violations = await wholeness(around)
    return await told(around, chaos=chaos, lasted=lasted, empty_after=empty_after, cases=cases, violations=violations)


async def wholeness(around: Surroundings) -> list[str]:
    """What is wrong once nothing gets better any more: nothing, if the promise is kept."""
    services = around.suite.services.values()
    give_up = monotonic() + PATIENCE_SECONDS
    while waits := [f"{service.name}: {why}" for service in services for why in await wrong_with(service)]:
        if monotonic() > give_up:
            return waits
        await asyncio.sleep(0.2)
    try:
        await converge(around.suite, acknowledged=around.agents.acknowledged)
    except NotWhole as error:
        return str(error).splitlines()
    return []


async def wrong_with(service: ServiceProcess) -> list[str]:
    """Why it does not work; one that was killed last and is not there is started."""
    if not service.process.alive:
        await asyncio.to_thread(service.restart)
    if not await live(service):
        return ["it does not answer"]
    return [f"{check}: {problem}" for check, problem in (await complaints(service)).items()]


async def told(
    around: Surroundings, *, chaos: Chaos, lasted: float, empty_after: float, cases: int, violations: list[str]
) -> Run:
    """What the checker says of this run, whose clients wrote down every request."""
    checked = await report(around.suite, books=await read_books(around.suite))
    return Run(
        seed=chaos.seed,
        cases=cases,
        acknowledged=len(around.agents.acknowledged),
        asked=checked.attempted,
        promised=checked.acknowledged,
        lost=checked.lost,
        unexpected=checked.unexpected,
        doubled=checked.duplicated,
        recovered=checked.recovered,
        events=checked.events,
        deliveries=checked.deliveries,
        faults=dict(sorted(chaos.done.items())),
        answers=dict(sorted(around.agents.answers.items())),
        faults_lasted_seconds=round(lasted, 1),
        empty_after_seconds=round(empty_after, 1),
        violations=[*violations, *(f"{one.invariant}: {one.says}" for one in checked.violations)],
    )


def publish(runs: Sequence[Run], *, folder: Path | None) -> None:
    """Print the report, or write it as a page and as a document for programs."""
    page = "\n".join([INTRODUCTION, *(paragraph(run) for run in runs)])
    if folder is None:
        print(page)  # noqa: T201  # whoever ran it by hand wants to see it
        return
    (folder / "everything-at-once.md").write_text(page)
    document = json.dumps([asdict(run) for run in runs], indent=2, ensure_ascii=False)
    (folder / "everything-at-once.json").write_text(document + "\n")


INTRODUCTION = """\
# Everything at once

Agents register cases and a crew carries them to the customer's signature, while every service is killed (`kill -9`)
every 5 to 15 seconds, PostgreSQL and RabbitMQ are stopped hard and the network swallows everything, at moments that a
seed decides. Whoever is not answered sends the same request again under the same key. Afterwards the books of all
services are held against the invariants. This page is written by
`make test-resilience ARGS="-k everything_at_once --report=docs"`.
"""


def paragraph(run: Run) -> str:
    """One run in words and figures."""
    lines = [
        f"\n## Seed {run.seed}\n",
        "| what | how many |",
        "|---|---:|",
        f"| cases registered | {run.acknowledged} of {run.cases} |",
        f"| requests of agents and crew, by their keys | {run.asked} |",
        f"| of them promised with 2xx | {run.promised} |",
        f"| lost | {run.lost} |",
        f"| not asked for by anybody | {run.unexpected} |",
        f"| carried out twice | {run.doubled} |",
        f"| not answered, and carried out all the same | {run.recovered} |",
        f"| events said | {run.events} |",
        f"| deliveries that had their effect, once | {run.deliveries} |",
        *(f"| {fault} | {count} |" for fault, count in run.faults.items()),
        *(f"| answers to agents: {answer} | {count} |" for answer, count in run.answers.items()),
        f"| seconds of faults | {run.faults_lasted_seconds} |",
        f"| seconds from the last fault until every queue was empty | {run.empty_after_seconds} |",
        f"| violated invariants | {len(run.violations)} |",
    ]
    return "\n".join([*lines, *(f"\n- {violation}" for violation in run.violations)])
