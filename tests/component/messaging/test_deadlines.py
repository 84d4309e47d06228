"""Deadlines: on time, once, cancellable, and not held up by one that fails."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import Cause, UnitOfWork
from support.kitchen import COOK, DemoService, DishCooked, served, tables, until


class Bell:
    """A handler that notes when it rang."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, datetime]] = []

    async def ring(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await work.session.execute(insert(served).values(dish_id=work.new_id(), step=1))
        self.rung.append((deadline.key, work.now))


async def set_deadline(service: DemoService, key: str, *, after: timedelta, kind: str = "cold") -> datetime:
    async with service.works.begin(COOK) as work:
        due = work.now + after
        work.set_deadline(key, kind=kind, due=due, data={"dish": "soup"})
        await work.commit()
    return due


async def left(service: DemoService) -> list[str]:
    async with service.database.sessions() as session:
        return list(await session.scalars(select(tables.deadline.c.key)))


async def test_each_deadline_fires_once_and_not_before_its_time(kitchen: DemoService) -> None:
    bell = Bell()
    kitchen.deadlines.on("cold", bell.ring)
    async with kitchen.working():
        keys = [f"dish/{n}" for n in range(6)]
        due = {key: await set_deadline(kitchen, key, after=timedelta(seconds=0.3 * n)) for n, key in enumerate(keys)}
        await until(lambda: len(bell.rung) == len(due))
    assert sorted(key for key, _ in bell.rung) == keys
    assert all(rung >= due[key] for key, rung in bell.rung)
    assert await left(kitchen) == []


async def test_a_handler_learns_what_the_deadline_was_set_for_and_may_say_and_plan_something(
    kitchen: DemoService,
) -> None:
    case, dish = uuid7(), uuid7()
    fired: list[FiredDeadline] = []

    async def handler(deadline: FiredDeadline, work: UnitOfWork) -> None:
        fired.append(deadline)
        assert work.cause.correlation_id == case
        work.publish(DishCooked(dish_id=dish))
        work.set_deadline(deadline.key, kind="stale", due=work.now + timedelta(hours=1))

    kitchen.deadlines.on("cold", handler)
    async with kitchen.works.begin(Cause(actor=COOK.actor, correlation_id=case)) as work:
        work.set_deadline("dish/1", kind="cold", due=work.now, data={"dish": "soup"})
        await work.commit()
    async with kitchen.working():
        await until(lambda: kitchen.metric("events_sent_total") == 1)
    assert [(deadline.key, deadline.kind, deadline.data) for deadline in fired] == [
        ("dish/1", "cold", {"dish": "soup"})
    ]
    async with kitchen.database.sessions() as session:
        assert list(await session.scalars(select(tables.deadline.c.kind))) == ["stale"]


async def test_a_cancelled_deadline_does_not_fire_and_a_moved_one_fires_once_at_its_new_time(
    kitchen: DemoService,
) -> None:
    bell = Bell()
    kitchen.deadlines.on("cold", bell.ring)
    await set_deadline(kitchen, "cancelled", after=timedelta(seconds=0.4))
    await set_deadline(kitchen, "moved", after=timedelta(seconds=0.4))
    async with kitchen.works.begin(COOK) as work:
        work.cancel_deadline("cancelled")
        await work.commit()
    due = await set_deadline(kitchen, "moved", after=timedelta(seconds=1))
    await set_deadline(kitchen, "last", after=timedelta(seconds=1.5))
    async with kitchen.working():
        await until(lambda: len(bell.rung) == 2)
    assert sorted(key for key, _ in bell.rung) == ["last", "moved"]
    assert dict(bell.rung)["moved"] >= due


async def test_replicas_fire_each_deadline_once(kitchen: DemoService, database_url: str, broker_url: str) -> None:
    replicas = [
        kitchen,
        *(DemoService("kitchen", database_url=database_url, broker_url=broker_url) for _ in range(2)),
    ]
    bell = Bell()
    async with asyncio.TaskGroup() as group:
        for n in range(60):
            group.create_task(set_deadline(kitchen, f"dish/{n}", after=timedelta(seconds=1)))
    for replica in replicas:
        replica.deadlines.on("cold", bell.ring)
        await replica.worker.start()
    await until(lambda: nothing_left(kitchen))
    await asyncio.gather(*(replica.worker.stop() for replica in replicas))
    assert sorted(key for key, _ in bell.rung) == sorted(f"dish/{n}" for n in range(60))
    assert len(await kitchen.effects()) == 60
    for replica in replicas[1:]:
        await replica.close()


async def nothing_left(service: DemoService) -> bool:
    return await left(service) == []


async def test_a_failing_deadline_is_kept_and_tried_later_while_the_others_fire(kitchen: DemoService) -> None:
    bell = Bell()

    async def fail(deadline: FiredDeadline, work: UnitOfWork) -> None:
        await work.session.execute(insert(served).values(dish_id=work.new_id(), step=2))
        raise ValueError("the bell is broken")

    kitchen.deadlines.on("cold", bell.ring)
    kitchen.deadlines.on("broken", fail)
    async with kitchen.working():
        await set_deadline(kitchen, "first", after=timedelta(0), kind="broken")
        await set_deadline(kitchen, "unknown", after=timedelta(0), kind="nobody knows")
        await until(lambda: failed(kitchen, ["broken", "nobody knows"], times=1))
        await set_deadline(kitchen, "second", after=timedelta(0))
        await until(lambda: len(bell.rung) == 1)
        kitchen.deadlines.on("broken", bell.ring)
        async with kitchen.database.engine.begin() as connection:
            await connection.execute(update(tables.deadline).values(next_try=kitchen.time.now()))
        await until(lambda: len(bell.rung) == 2)
        await until(lambda: failed(kitchen, ["nobody knows"], times=2))
    async with kitchen.database.sessions() as session:
        (kept,) = (await session.execute(select(tables.deadline))).all()
    assert kept.key == "unknown"
    assert kept.last_error.startswith("UnknownDeadline: no handler for deadlines of kind nobody knows")
    assert {step for _, step in await kitchen.effects()} == {1}


async def failed(service: DemoService, kinds: list[str], *, times: int) -> bool:
    """Whether the deadlines that are left are of these kinds, and failed so often or more often."""
    rows = tables.deadline.c
    async with service.database.sessions() as session:
        found = (await session.execute(select(rows.kind, rows.failures).order_by(rows.kind))).all()
    return [kind for kind, _ in found] == kinds and all(failures >= times for _, failures in found)


async def test_cancelling_a_deadline_that_is_firing_does_not_deadlock(kitchen: DemoService) -> None:
    """The use case locks the business row, then cancels; the handler needs the same row."""
    async with kitchen.works.begin(COOK) as work:
        await work.session.execute(insert(served).values(dish_id=uuid7(), step=1))
        await work.commit()
    firing = asyncio.Event()
    row = select(served).with_for_update()

    async def handler(deadline: FiredDeadline, work: UnitOfWork) -> None:
        firing.set()
        await work.session.execute(row)

    kitchen.deadlines.on("cold", handler)
    async with kitchen.working():
        async with kitchen.works.begin(COOK) as work:
            await work.session.execute(row)
            await set_deadline(kitchen, "dish/1", after=timedelta(0))
            await firing.wait()
            work.cancel_deadline("dish/1")
            await work.commit()
        await until(lambda: nothing_left(kitchen))
