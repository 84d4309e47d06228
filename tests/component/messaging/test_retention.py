"""Outbox and inbox forget what nobody can need any more, and nothing that somebody could."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from shared.database import is_outage
from shared.messaging.broker import Publisher, WireMessage
from shared.messaging.closing import write_all
from shared.messaging.deadline_rows import deadlines_written
from shared.messaging.expiry import CLOCKS_DIFFER, FORGOTTEN_AT_ONCE, forget_heard, forget_sent
from shared.messaging.outbox import OutgoingEvent, events_written
from shared.messaging.test_clock import TestClock
from shared.messaging.unit_of_work import UnitOfWork
from shared.retention import PAUSE_SECONDS, SWEEP_SECONDS, Forget, Retention
from shared.time_source import MovableTime
from shared.wiring import NOTHING_ELSE
from support.aged import event_id_aged
from support.kitchen import MEMORY, ON_DISH_COOKED, TOPOLOGY, DemoService, DishCooked, envelope_headers, tables, until

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


class Sweeper:
    """The retention of one replica, and what its metric shows."""

    def __init__(self, service: DemoService, *, before: Mapping[str, Forget] = NOTHING_ELSE) -> None:
        self._registry = CollectorRegistry()
        self.retention = Retention(
            service=service.name,
            works=service.works,
            forgets={
                **before,
                "sent_event": forget_sent(tables, memory=MEMORY),
                "heard_event": forget_heard(tables, memory=MEMORY),
            },
            registry=self._registry,
        )

    async def sweep(self) -> None:
        """Until nothing is left to remove."""
        while await self.retention.step() < SWEEP_SECONDS:
            pass

    def removed(self, kind: str) -> float:
        labels = {"service": "kitchen", "kind": kind}
        return self._registry.get_sample_value("retention_rows_removed_total", labels) or 0.0


@pytest.fixture
def sweeper(kitchen: DemoService) -> Sweeper:
    return Sweeper(kitchen)


async def say(service: DemoService, event_ids: Sequence[UUID], *, sent: timedelta | None) -> None:
    """Put events into the outbox that were sent so long ago; None leaves them unsent."""
    events = [
        OutgoingEvent(
            event_id=event_id,
            type=DishCooked.TYPE,
            subject=f"dish/{event_id}",
            time=datetime.now(UTC),
            correlation_id=event_id,
            causation_id=None,
            traceparent=None,
            policy_version="test",
            body=b"{}",
        )
        for event_id in event_ids
    ]
    async with service.database.sessions() as session:
        pieces = (deadlines_written({}, tables=tables), events_written(events, tables=tables))
        await write_all(dict(pieces), session=session)
        if sent is not None:
            these = update(tables.outbox).where(tables.outbox.c.event_id.in_(event_ids))
            await session.execute(these.values(sent_at=datetime.now(UTC) - sent))
        await session.commit()


async def hear(service: DemoService, *event_ids: UUID, handled: timedelta, consumer: str = "dining.on_fire") -> None:
    """Note in the inbox that the events were handled so long ago."""
    row = {"consumer": consumer, "type": DishCooked.TYPE, "handled_at": datetime.now(UTC) - handled}
    async with service.database.sessions() as session:
        await session.execute(insert(tables.inbox), [{**row, "event_id": event_id} for event_id in event_ids])
        await session.commit()


async def in_outbox(service: DemoService) -> set[UUID]:
    async with service.database.sessions() as session:
        return set(await session.scalars(select(tables.outbox.c.event_id)))


async def in_inbox(service: DemoService) -> set[UUID]:
    async with service.database.sessions() as session:
        return set(await session.scalars(select(tables.inbox.c.event_id)))


async def forgotten(service: DemoService) -> dict[str, UUID]:
    """The last event that outbox and inbox forgot."""
    async with service.database.sessions() as session:
        noted = await session.execute(select(tables.forgotten))
        return {row.place: row.last_event_id for row in noted}


async def test_the_outbox_keeps_what_is_young_and_what_was_not_sent(kitchen: DemoService, sweeper: Sweeper) -> None:
    old, young, waiting = (event_id_aged(age * DAY) for age in (15, 13, 300))
    await say(kitchen, [old], sent=MEMORY.outbox + MINUTE)
    await say(kitchen, [young], sent=MEMORY.outbox - DAY)
    await say(kitchen, [waiting], sent=None)
    await sweeper.sweep()
    assert await in_outbox(kitchen) == {young, waiting}
    assert sweeper.removed("sent_event") == 1


async def test_an_event_that_was_said_again_is_kept_no_longer_for_that(kitchen: DemoService, sweeper: Sweeper) -> None:
    await say(kitchen, [event_id_aged(MEMORY.outbox + MINUTE)], sent=MINUTE)
    await sweeper.sweep()
    assert await in_outbox(kitchen) == set()


async def test_how_far_outbox_and_inbox_forgot_is_noted_with_it(kitchen: DemoService, sweeper: Sweeper) -> None:
    await sweeper.sweep()
    assert await forgotten(kitchen) == {}
    oldest, old, handled_lately = (event_id_aged(age * DAY) for age in (100, 90, 80))
    young = event_id_aged(DAY)
    await say(kitchen, [oldest, old, young], sent=DAY)
    await hear(kitchen, oldest, handled=100 * DAY)
    await hear(kitchen, handled_lately, handled=DAY)
    await sweeper.sweep()
    assert await forgotten(kitchen) == {"outbox": old, "inbox": oldest}
    await hear(kitchen, older := event_id_aged(120 * DAY), handled=100 * DAY)  # replayed late, and late again
    await sweeper.sweep()
    assert older not in await in_inbox(kitchen)
    assert await forgotten(kitchen) == {"outbox": old, "inbox": oldest}, "it never goes back"


async def test_the_inbox_knows_every_event_for_as_long_as_it_answers_for_it(
    kitchen: DemoService, sweeper: Sweeper
) -> None:
    kept = MEMORY.inbox + CLOCKS_DIFFER
    old, other_old, answered_for, handled_lately = (
        event_id_aged(age) for age in (kept + DAY, kept + DAY, MEMORY.inbox + MINUTE, kept + DAY)
    )
    await hear(kitchen, old, handled=kept + MINUTE)
    await hear(kitchen, other_old, handled=kept + MINUTE, consumer="dining.on_smoke")
    await hear(kitchen, answered_for, handled=MEMORY.inbox + MINUTE)
    await hear(kitchen, handled_lately, handled=DAY)
    await sweeper.sweep()
    assert await in_inbox(kitchen) == {answered_for, handled_lately}
    assert sweeper.removed("heard_event") == 2


async def test_a_kind_that_cannot_be_removed_keeps_no_other_from_it(kitchen: DemoService) -> None:
    wrong = ValueError("a bug")

    async def fails(_: UnitOfWork) -> int:
        raise wrong

    async def waits_in_vain(_: UnitOfWork) -> int:
        raise TimeoutError

    await say(kitchen, [event_id_aged(20 * DAY)], sent=20 * DAY)
    sweeper = Sweeper(kitchen, before={"wrong": fails, "waiting": waits_in_vain})
    with pytest.raises(ExceptionGroup) as failed:
        await sweeper.retention.step()
    assert sweeper.removed("sent_event") == 1
    assert failed.value.exceptions[0] is wrong
    assert not is_outage(failed.value), "it is logged, for not all of it is an outage"
    with pytest.raises(ExceptionGroup) as waited:
        await Sweeper(kitchen, before={"waiting": waits_in_vain}).retention.step()
    assert is_outage(waited.value)


@pytest.fixture
async def moved(database_url: str, broker_url: str) -> AsyncIterator[DemoService]:
    """A kitchen whose clock was moved three years ahead."""
    time = MovableTime(tables.test_clock)
    service = DemoService("kitchen", database_url=database_url, broker_url=broker_url, time=time)
    await say(service, [uuid7()], sent=timedelta())
    await hear(service, uuid7(), handled=timedelta())
    clock = TestClock(time, database=service.database, tables=tables)
    await clock.advance_to(datetime.now(UTC) + 3 * 365 * DAY)
    yield service
    await service.close()


async def test_a_test_clock_that_jumps_makes_no_event_old(moved: DemoService) -> None:
    await Sweeper(moved).sweep()
    assert len(await in_outbox(moved)) == len(await in_inbox(moved)) == 1


async def test_replicas_share_the_work_in_batches(kitchen: DemoService, database_url: str, broker_url: str) -> None:
    old = [event_id_aged(20 * DAY) for _ in range(2 * FORGOTTEN_AT_ONCE + 500)]
    await say(kitchen, old, sent=20 * DAY)
    replica = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    first, second = Sweeper(kitchen), Sweeper(replica)
    assert await first.retention.step() == PAUSE_SECONDS
    assert first.removed("sent_event") == FORGOTTEN_AT_ONCE
    await asyncio.gather(first.sweep(), second.sweep())
    assert await in_outbox(kitchen) == set()
    assert first.removed("sent_event") + second.removed("sent_event") == len(old)
    await replica.close()


def dish_message(event_id: UUID) -> WireMessage:
    """A dish, said under this id."""
    body = f'{{"dish_id": "{uuid4()}"}}'.encode()
    headers = {**envelope_headers(), "cloudEvents_id": str(event_id)}
    return WireMessage(message_id=str(event_id), type=DishCooked.TYPE, body=body, headers=headers)


async def test_an_event_older_than_the_inbox_remembers_waits_for_a_person_unless_it_is_known(
    dining: DemoService, broker_url: str
) -> None:
    known, unknown, young = (event_id_aged(age * DAY) for age in (61, 61, 59))
    await hear(dining, known, handled=DAY, consumer=ON_DISH_COOKED.name)
    wire = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    for event_id in (known, unknown, young):
        await wire.publish(dish_message(event_id), exchange="events", routing_key=DishCooked.TYPE)
    await wire.close()

    async def all_settled() -> bool:
        letters = await dining.letters.show(ON_DISH_COOKED.dead)
        handled = dining.metric("events_handled_total") + dining.metric("inbox_duplicates_total")
        return len(letters) + handled == 3

    async with dining.working():
        await until(all_settled)
    (letter,) = await dining.letters.show(ON_DISH_COOKED.dead)
    assert (letter.id, letter.reason) == (str(unknown), "forgotten")
    assert "60 days" in letter.error
    assert await in_inbox(dining) == {known, young}
