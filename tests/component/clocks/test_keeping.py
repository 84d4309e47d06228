"""Clocks on a real database: warned before, broken on the second, once, whatever comes in which order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from shared.clocks.terms import ClockPolicy, Mark, RequiredBy
from shared.messaging.deadlines import FiredDeadline
from support.calendars import office, shanghai
from support.timed_service import AGENT, TimedService, delivery
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import Postgres

SECOND = timedelta(seconds=1)
ARRIVAL = ClockPolicy.model_validate(
    {"allowed": "6h", "calendar": "office", "pause_reasons": ["customer"], "marks": ["80%", "30m before"]}
)
START = shanghai("2027-03-01 09:00")  # a Monday; breaks at 16:00
DUE = shanghai("2027-03-01 16:00")


@pytest_asyncio.fixture
async def service(postgres: Postgres) -> AsyncIterator[TimedService]:
    name = f"clocks_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password="clocks")
    timed = TimedService(url, calendars={"office": office()}, promise=ARRIVAL)
    await timed.create_tables()
    yield timed
    await timed.database.close()
    await postgres.drop_database(name)


@pytest.mark.rule("R222")
async def test_a_clock_warns_at_its_marks_and_breaks_on_the_second(service: TimedService) -> None:
    await service.start(START)
    await service.at(shanghai("2027-03-01 14:47:59"))
    assert await service.said() == []
    await service.at(shanghai("2027-03-01 14:48"))
    assert await service.said() == ["80%"]
    await service.at(shanghai("2027-03-01 15:30"))
    assert await service.said() == ["80%", "30m before"]
    await service.at(DUE - SECOND)
    assert await service.said() == ["80%", "30m before"]
    await service.at(DUE)
    assert await service.said() == ["80%", "30m before", "breach"]
    assert await service.deadlines() == []
    breach = (await service.bodies())[-1]["clock"]
    assert isinstance(breach, dict)
    assert datetime.fromisoformat(str(breach["due_at"])) == DUE
    assert breach["elapsed_seconds"] == breach["allowed_seconds"] == 6 * 3600


async def test_the_running_loop_announces_by_itself_and_not_before_its_time(service: TimedService) -> None:
    await service.start(START)
    await service.at(DUE - timedelta(seconds=0.5))
    stopping = asyncio.Event()
    running = asyncio.create_task(service.loop.run(stopping=stopping))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await service.broke.wait()
    stopping.set()
    await running
    async with service.database.sessions() as session:
        told = await session.scalar(select(func.max(delivery.outbox.c.time)))
    assert told >= DUE


async def test_a_stop_in_the_last_second_prevents_the_breach(service: TimedService) -> None:
    await service.start(START)
    await service.stop(DUE)
    await service.at(DUE + timedelta(days=30))
    assert await service.said() == ["80%", "30m before"]
    assert await service.deadlines() == []


async def test_a_pause_moves_the_breach_past_the_holidays(service: TimedService) -> None:
    # Spring Festival 2027 by the published holidays: 5 to 10 February, the 6th and 7th a weekend.
    await service.start(shanghai("2027-02-04 14:00"))
    await service.enter("pause", shanghai("2027-02-04 16:00"))
    await service.at(shanghai("2027-02-08 12:00"))
    assert (await service.said(), await service.deadlines()) == ([], [])
    await service.enter("resume", shanghai("2027-02-08 12:00"))
    assert await service.deadlines() == [shanghai("2027-02-11 11:48")]
    await service.at(shanghai("2027-02-11 14:00") - SECOND)
    assert await service.said() == ["80%", "30m before"]
    await service.at(shanghai("2027-02-11 14:00"))
    assert await service.said() == ["80%", "30m before", "breach"]


async def test_while_it_is_paused_a_clock_does_not_break(service: TimedService) -> None:
    await service.start(START)
    await service.enter("pause", DUE - SECOND)
    await service.at(DUE + timedelta(days=30))
    assert await service.said() == ["80%", "30m before"]


async def test_a_deadline_that_fires_again_announces_nothing_again(service: TimedService) -> None:
    clock_id = await service.start(START)
    await service.at(DUE)
    again = FiredDeadline(key=f"clock/{clock_id}", kind="clock", due=DUE, data={"clock_id": str(clock_id)})
    async with service.works.begin(AGENT) as work:
        await service.clocks.fire(again, work)
        await work.commit()
    await service.start(START)
    await service.enter("pause", START)
    await service.enter("resume", START + SECOND)
    await service.at(DUE + timedelta(days=1))
    assert await service.said() == ["80%", "30m before", "breach"]


async def test_two_firings_at_once_announce_once(service: TimedService) -> None:
    clock_id = await service.start(START)
    async with service.database.sessions() as session, session.begin():
        await service.time.advance_to(DUE, session=session)
    fired = FiredDeadline(key=f"clock/{clock_id}", kind="clock", due=DUE, data={"clock_id": str(clock_id)})

    async def fire() -> None:
        async with service.works.begin(AGENT) as work:
            await service.clocks.fire(fired, work)
            await work.commit()

    await asyncio.gather(fire(), fire(), fire())
    assert await service.said() == ["80%", "30m before", "breach"]


async def test_a_start_that_is_told_late_is_announced_late_but_completely(service: TimedService) -> None:
    await service.at(DUE + timedelta(days=1))
    await service.start(START)
    await service.loop.fire_due()
    assert await service.said() == ["80%", "30m before", "breach"]


async def test_every_order_of_the_entries_ends_in_the_same_state(service: TimedService) -> None:
    steps = (
        ("start", START),
        ("pause", shanghai("2027-03-01 10:00")),
        ("resume", shanghai("2027-03-01 11:00")),
        ("stop", shanghai("2027-03-02 09:30")),
    )

    async def take(kind: str, at: datetime) -> UUID:
        match kind:
            case "start":
                return await service.start(at)
            case "stop":
                return await service.stop(at)
            case "pause":
                return await service.enter("pause", at)
            case _:
                return await service.enter("resume", at)

    ends = set()
    for order in permutations(steps):
        service.case_id = uuid4()
        clock_ids = {await take(kind, at) for kind, at in [*order, order[0], order[-1]]}
        told = await service.explained(clock_ids.pop())
        assert not clock_ids
        ends.add(told.model_copy(update={"id": None, "subject_id": None, "at": None}).model_dump_json())
    assert len(ends) == 1
    assert await service.rows() == 24 * 4


async def test_a_pause_told_after_the_breach_leaves_it_announced_and_the_explanation_says_so(
    service: TimedService,
) -> None:
    clock_id = await service.start(START)
    await service.at(DUE)
    await service.enter("pause", shanghai("2027-03-01 15:00"))
    await service.enter("resume", shanghai("2027-03-01 17:00"))
    told = await service.explained(clock_id)
    assert await service.said() == ["80%", "30m before", "breach"]
    assert not told.breached
    assert told.due_at == shanghai("2027-03-01 18:00")
    assert {mark.mark: mark.holds for mark in told.marks} == {"80%": True, "30m before": False, "breach": False}
    await service.at(shanghai("2027-03-02 12:00"))
    assert await service.said() == ["80%", "30m before", "breach"]
    assert (await service.explained(clock_id)).breached


async def test_the_explanation_names_every_interval(service: TimedService) -> None:
    clock_id = await service.start(START)
    await service.enter("pause", shanghai("2027-03-01 10:00"))
    await service.enter("resume", shanghai("2027-03-01 11:00"))
    await service.at(shanghai("2027-03-01 20:00"))
    told = await service.explained(clock_id)
    assert [(str(interval.why), interval.counted, interval.name) for interval in told.intervals] == [
        ("working", True, None),
        ("paused", False, "customer"),
        ("working", True, None),
        ("break", False, None),
        ("working", True, None),
        ("off_hours", False, None),
    ]
    assert (told.state, told.due_at) == ("running", shanghai("2027-03-01 17:00"))
    assert (told.elapsed_seconds, told.remaining_seconds, told.overrun_seconds) == (7 * 3600, 0, 3600)
    assert told.calendar_version == told.calendar_version_now == office().version()
    assert {entry.policy_version for entry in told.entries} == {"test"}


@pytest.mark.rule("R217")
@pytest.mark.rule("R188")
async def test_a_time_that_the_customer_named_breaks_then_even_at_night(service: TimedService) -> None:
    required = shanghai("2027-03-02 03:00")
    service.promise = RequiredBy(required_by=required, marks=(Mark(before=timedelta(hours=2)),))
    await service.start(START)
    await service.at(required - SECOND)
    assert await service.said() == ["2h before"]
    await service.at(required)
    assert await service.said() == ["2h before", "breach"]


@pytest.mark.rule("R213")
async def test_a_promise_in_working_days_breaks_when_the_last_of_them_ends(service: TimedService) -> None:
    service.promise = ClockPolicy.model_validate({"allowed": "3 working days", "calendar": "office"})
    await service.start(shanghai("2027-03-04 10:00"))
    await service.at(shanghai("2027-03-09 18:00") - SECOND)
    assert await service.said() == []
    await service.at(shanghai("2027-03-09 18:00"))
    assert await service.said() == ["breach"]
