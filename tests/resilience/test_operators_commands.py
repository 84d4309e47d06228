"""What an operator types, as processes of its own beside a running suite: dead letters, policies, bad starts."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from shared.contracts.intake import CaseCleared
from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.broker import WireMessage
from shared.messaging.topology import UNROUTED, queue_name
from support.books import converge, read_books
from support.load import Agents
from support.retelling import lay_aside, teller, told_so_far
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite, policy_file

DEAD = f"{queue_name(CaseCleared, service='dispatch')}.dead"


async def told(suite: Suite, *arguments: str) -> Any:
    """The document that a command answers with `--json`."""
    ended = await asyncio.to_thread(suite.run, "dispatch", *arguments, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


@pytest.mark.timeout(900)
async def test_dead_letters_are_listed_shown_replayed_and_dropped(suite: Suite, agents: Agents) -> None:
    async with agents.registering(3):
        pass
    before = await converge(suite, acknowledged=agents.acknowledged)
    bones = WireMessage(message_id=str(uuid7()), type=CaseCleared.TYPE, body=b"bones")
    heard = next(message for message in await told_so_far(suite, "intake") if message.type == CaseCleared.TYPE)
    async with teller(suite) as publisher:
        for message in (bones, heard):
            await lay_aside(message, queue=DEAD, publisher=publisher)
    listed = {line["queue"]: line["messages"] for line in await told(suite, "dead", "list")}
    assert listed[DEAD] == 2
    assert UNROUTED in listed
    assert await told(suite, "dead", "replay", DEAD) == {"replayed": 2}

    async def only_bones() -> bool:
        return (await read_books(suite)).queues[DEAD] == 1

    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await only_bones():  # noqa: ASYNC110  # another process cannot be awaited
            await asyncio.sleep(0.2)
    [letter] = await told(suite, "dead", "show", DEAD)
    assert (letter["id"], letter["reason"], letter["body"]) == (bones.message_id, "unreadable", "bones")
    assert await told(suite, "dead", "drop", DEAD, "--yes") == {"dropped": 1}
    after = await converge(suite, acknowledged=agents.acknowledged)
    assert (sorted(map(str, after.said)), len(after.heard)) == (sorted(map(str, before.said)), len(before.heard))


async def start(suite: Suite, service: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a service with settings that differ from the good ones; an empty one is as good as missing."""
    changed = {f"{service.upper()}_{name}": value for name, value in settings.items()}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", service, *arguments],
        env=suite.services[service].environment | changed,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


async def test_a_start_that_no_repetition_helps_ends_with_78_and_one_line_that_says_why(
    suite: Suite, tmp_path: Path
) -> None:
    taken = str(suite.services["dispatch"].port)
    faults = {
        "INTAKE_DATABASE_URL": start(suite, "intake", "serve", DATABASE_URL="mysql://root@localhost/intake"),
        "DISPATCH_BROKER_URL": start(suite, "dispatch", "worker", BROKER_URL=""),
        "INTAKE_HTTP_PORT": start(suite, "intake", "serve", HTTP_PORT=taken),
        "no-such.toml": start(suite, "dispatch", "serve", POLICY_FILE=str(tmp_path / "no-such.toml")),
    }
    for named, ended in zip(faults, await asyncio.gather(*faults.values()), strict=True):
        assert ended.returncode == CONFIGURATION_FAULT, ended.stderr
        [line] = ended.stderr.splitlines()
        assert named in line


async def test_policies_are_checked_and_compared_without_any_other_setting(tmp_path: Path) -> None:
    path = {"PATH": os.environ["PATH"]}

    async def policy(service: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", service, "policy", *map(str, arguments)]
        return await asyncio.to_thread(
            subprocess.run, command, env=path, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )

    standard = {service: policy_file(service, profile="standard") for service in SERVICES}
    slower = tmp_path / "slower.toml"
    slower.write_text(standard["dispatch"].read_text().replace('answer_within = "10m"', 'answer_within = "20m"'))
    good, differing = await asyncio.gather(
        policy("intake", "check", standard["intake"], "--json"),
        policy("dispatch", "diff", standard["dispatch"], slower),
    )
    assert good.returncode == 0
    assert json.loads(good.stdout)["ok"] is True
    assert differing.returncode == 1
    [change] = differing.stdout.splitlines()
    assert change.startswith("~ rotation.answer_within")
