"""Every failpoint is reached by a process that works: it dies there as by kill -9, and its heir ends what it began."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.contracts.notifier import MessageDelivered
from shared.failpoints import FAILPOINTS, VARIABLE, Failpoint
from support.case_events import START
from support.forked import as_copy
from support.kitchen import BELL, COOK, DemoService, create_tables, run_until_killed, until
from support.post_room import PostRoom, address, open_post_room
from support.told_events import warned
from support.waiting import eventually
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ

OF_THE_COURIER: tuple[Failpoint, ...] = ("courier.after_send",)


@pytest.fixture
def broker_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    """Queues that nobody else touches: whoever dies here leaves something in them."""
    name = f"failpoint-{uuid4().hex}"
    yield rabbitmq.create_vhost(name)
    rabbitmq.delete_vhost(name)


@pytest.fixture
async def services(postgres: Postgres, broker_url: str) -> AsyncIterator[dict[str, tuple[DemoService, str]]]:
    """The two demo services, each with the URL of its database."""
    made = {}
    for name in ("kitchen", "dining"):
        database = f"{name}_{uuid4().hex}"
        url = await postgres.create_database(database, owner=database, password=database)
        await create_tables(url)
        made[name] = DemoService(name, database_url=url, broker_url=broker_url), url
    yield made
    for service, _ in made.values():
        await service.close()


@pytest.mark.promise("R22")
@pytest.mark.parametrize("failpoint", sorted(set(FAILPOINTS) - set(OF_THE_COURIER)))
async def test_who_dies_at_a_failpoint_leaves_everything_to_be_done_once(
    services: dict[str, tuple[DemoService, str]], broker_url: str, failpoint: Failpoint
) -> None:
    (kitchen, _), (dining, _) = services["kitchen"], services["dining"]
    dish = await kitchen.cook()
    async with kitchen.works.begin(COOK) as work:
        work.set_deadline("dish/1", kind=BELL, due=work.now - timedelta(seconds=1))
        await work.commit()
    dies = "dining" if failpoint.startswith("consumer") else "kitchen"
    if dies == "dining":
        async with kitchen.working():
            await until(lambda: kitchen.metric("events_sent_total") == 1)
    url = services[dies][1]
    code = await run_until_killed(dies, database_url=url, broker_url=broker_url, failpoint=failpoint)
    assert code == -signal.SIGKILL
    async with kitchen.working(), dining.working():
        await until(lambda: all_is_done(kitchen, dining))
    assert [done for done, _ in await dining.effects()] == [dish]
    assert len(await kitchen.effects()) == 1, "the bell rang once"


async def all_is_done(kitchen: DemoService, dining: DemoService) -> bool:
    return bool(await dining.effects() and await kitchen.effects()) and await kitchen.unsent() == 0


@pytest.fixture
async def room(postgres: Postgres, notifier_template: str, tmp_path: Path) -> AsyncIterator[PostRoom]:
    async with open_post_room(postgres, template=notifier_template, home=tmp_path) as opened:
        yield opened


@pytest.mark.promise("R22")
@pytest.mark.parametrize("failpoint", OF_THE_COURIER)
async def test_a_courier_who_dies_after_sending_sends_at_most_once_more_and_under_the_same_id(
    room: PostRoom, tmp_path: Path, failpoint: Failpoint
) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.hear(warned(at=START))
    given = {f"NOTIFIER_{name.upper()}": str(value) for name, value in room.settings if value is not None}
    given |= {"NOTIFIER_HTTP_PORT": "0", "NOTIFIER_ATTEMPT_SECONDS": "1", VARIABLE: failpoint}
    copy = await asyncio.to_thread(
        as_copy, ["notifier", "worker"], log=tmp_path / "notifier.log", environment={**os.environ, **given}
    )
    assert await asyncio.to_thread(copy.wait, within=PATIENCE_SECONDS) == -signal.SIGKILL
    assert [message["state"] for message in await room.messages()] == ["due"]
    await room.service.worker.start()

    async def delivered() -> list[MessageDelivered]:
        return await room.said(MessageDelivered)

    [said] = await eventually(delivered)
    await room.service.worker.stop()
    first, second = room.sink.to(address("S1"))
    assert first.message_id == second.message_id
    assert said.attempts == 2
    tried = (await room.get(f"/v1/messages/{said.message_id}"))["tried"]
    assert [one["outcome"] for one in tried] == [None, "taken"]
