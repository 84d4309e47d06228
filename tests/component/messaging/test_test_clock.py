"""The test clock: one for all processes of a service, and a way to know when a suite is at rest."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from shared.messaging.deadlines import FiredDeadline
from shared.messaging.test_clock import ClockStatus, TestClock, next_stop, under_way
from shared.messaging.unit_of_work import UnitOfWork
from shared.time_source import ClockWouldGoBack, MovableTime, SystemTime
from support.kitchen import COOK, TOPOLOGY, DemoService, DishCooked, tables, until

DAY = timedelta(days=1)


@pytest.fixture
async def movable(database_url: str, broker_url: str) -> AsyncIterator[tuple[DemoService, TestClock]]:
    time = MovableTime(tables.test_clock)
    service = DemoService("kitchen", database_url=database_url, broker_url=broker_url, time=time)
    yield service, TestClock(time, database=service.database, tables=tables)
    await service.close()


async def test_moving_the_clock_moves_every_process_and_fires_what_became_due(
    movable: tuple[DemoService, TestClock], database_url: str, broker_url: str
) -> None:
    api, clock = movable
    worker = DemoService(
        "kitchen", database_url=database_url, broker_url=broker_url, time=MovableTime(tables.test_clock)
    )
    fired: list[datetime] = []

    async def handler(deadline: FiredDeadline, work: UnitOfWork) -> None:
        fired.append(work.now)

    worker.deadlines.on("cold", handler)
    async with api.works.begin(COOK) as work:
        due = work.now + DAY
        work.set_deadline("dish/1", kind="cold", due=due)
        await work.commit()
    async with worker.working():
        assert (await clock.status()).next_due == due
        status = await clock.advance_to(due - timedelta(minutes=1))
        assert (status.overdue_deadlines, status.next_due) == (0, due)
        assert fired == []
        await clock.advance_to(due)
        await until(lambda: len(fired) == 1)
    assert fired[0] >= due
    async with api.works.begin(COOK) as work:
        assert work.now >= due
    await worker.close()


async def test_the_clock_does_not_go_back(movable: tuple[DemoService, TestClock]) -> None:
    _, clock = movable
    tomorrow = datetime.now(UTC) + DAY
    await clock.advance_to(tomorrow)
    with pytest.raises(ClockWouldGoBack):
        await clock.advance_to(tomorrow - timedelta(hours=1))
    assert (await clock.status()).now >= tomorrow


async def test_a_service_is_at_rest_once_everything_said_was_heard(
    movable: tuple[DemoService, TestClock], dining: DemoService
) -> None:
    kitchen, clock = movable
    listening = TestClock(MovableTime(tables.test_clock), database=dining.database, tables=tables)

    async def waits() -> list[str]:
        statuses = {"kitchen": await clock.status(), "dining": await listening.status()}
        return under_way(statuses, subscriptions=TOPOLOGY.subscriptions)

    await kitchen.cook(uuid7(), steps=2)
    assert await waits() == ["kitchen: 2 events not sent", "dining: heard 0 of 2 kitchen.dish_cooked.v1"]
    async with kitchen.working(), dining.working():

        async def at_rest() -> bool:
            return await waits() == []

        await until(at_rest)
    assert len(await dining.effects()) == 2


def status(*, next_due: datetime | None = None, overdue: int = 0, said: Mapping[str, int] | None = None) -> ClockStatus:
    return ClockStatus(
        now=datetime(2026, 1, 1, tzinfo=UTC),
        next_due=next_due,
        pending_events=0,
        overdue_deadlines=overdue,
        said=said or {},
        heard={},
    )


async def test_a_step_ends_at_the_first_deadline_of_any_service() -> None:
    first, second = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    statuses = {"kitchen": status(next_due=second), "dining": status(next_due=first), "bar": status()}
    assert next_stop(statuses, target=second) == first
    assert next_stop({"bar": status()}, target=second) == second


async def test_a_suite_is_not_at_rest_while_a_deadline_is_overdue_or_an_event_unheard() -> None:
    statuses = {"kitchen": status(said={DishCooked.TYPE: 1}), "dining": status(overdue=1)}
    assert under_way(statuses, subscriptions=TOPOLOGY.subscriptions) == [
        "dining: 1 deadlines not fired",
        "dining: heard 0 of 1 kitchen.dish_cooked.v1",
    ]


async def test_real_time_is_not_moved_by_what_the_table_says(
    movable: tuple[DemoService, TestClock],
) -> None:
    service, clock = movable
    await clock.advance_to(datetime.now(UTC) + DAY)
    real = SystemTime()
    async with service.database.sessions() as session:
        await real.catch_up(session)
    assert real.now() < datetime.now(UTC) + timedelta(minutes=1)
