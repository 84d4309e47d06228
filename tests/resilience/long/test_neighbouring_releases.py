"""R35: the release before and this one side by side on one database and one broker, with messages in flight."""

import asyncio
import os
import subprocess
import tarfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from support.books import converge
from support.crew import Crew
from support.load import Agents
from testkit.service_process import ServiceProcess, as_program
from testkit.suite import ROOT, SERVICES, Suite

CASES = 40
BEFORE_THE_FIRST_RELEASE = "635c3bc"
"""Stands for the release before until there is one: the suite since the store has had all its tables."""


@pytest.fixture
def previous(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The sources of the release before: of `--previous`, or of the latest tag `v*`."""
    tags = git("tag", "--list", "v*", "--sort=-v:refname").decode().split()
    revision = request.config.getoption("--previous") or next(iter(tags), BEFORE_THE_FIRST_RELEASE)
    if subprocess.run(["git", "cat-file", "-e", revision], cwd=ROOT, check=False).returncode:  # noqa: S603, S607
        pytest.skip(f"this clone does not hold {revision}; --previous names a revision that it holds")
    with tarfile.open(fileobj=BytesIO(git("archive", revision))) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607


@pytest.fixture
async def neighbours(suite: Suite, previous: Path) -> AsyncIterator[list[ServiceProcess]]:
    """Every service of the release before, worker and API, beside those of this one."""
    path = os.pathsep.join(map(str, (previous / "shared", *(previous / "services" / name for name in SERVICES))))
    older = [suite.process(name, mode="serve") for name in SERVICES]
    for process in older:
        process.start_as = as_program
        policy = f"{process.name.upper()}_POLICY_FILE"  # of its own release, as in its image
        of_its_release = previous / Path(process.environment[policy]).relative_to(ROOT)
        process.environment |= {"PYTHONPATH": path, policy: str(of_its_release)}
    await asyncio.gather(*(asyncio.to_thread(process.restart) for process in older))
    yield older
    await asyncio.gather(*(asyncio.to_thread(process.stop) for process in older))


@pytest.mark.promise("R35")
async def test_two_releases_share_the_work_and_hand_it_over_with_messages_in_flight(
    suite: Suite, agents: Agents, crew: Crew, neighbours: list[ServiceProcess]
) -> None:
    intakes = [suite.services["intake"], *(older for older in neighbours if older.name == "intake")]
    agents.work_at([intake.url for intake in intakes])
    async with crew.working():
        async with agents.registering(CASES):
            await agents.have_registered(len(agents.acknowledged) + CASES // 3)
            for older in neighbours:  # from the older one to this one
                await asyncio.to_thread(older.kill)
            await asyncio.gather(*(asyncio.to_thread(older.restart) for older in neighbours))
            for service in suite.services.values():  # and back, as when an upgrade is undone
                await asyncio.to_thread(service.kill)
            await asyncio.gather(*(asyncio.to_thread(service.restart) for service in suite.services.values()))
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await converge(suite, acknowledged=agents.acknowledged)
