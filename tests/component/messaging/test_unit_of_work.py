"""What a unit of work commits, and that it commits all of it or nothing."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from shared.messaging.unit_of_work import Cause, WorkIsOver
from support.kitchen import COOK, DemoService, DishCooked, served, tables


async def outbox(service: DemoService) -> list[tuple[str, int]]:
    """Subject and sequence of every outgoing event, in the order of their positions."""
    table = tables.outbox
    async with service.database.sessions() as session:
        rows = await session.execute(select(table.c.subject, table.c.sequence).order_by(table.c.position))
        return [(subject, sequence) for subject, sequence in rows]


async def deadline_keys(service: DemoService) -> list[str]:
    table = tables.deadline
    async with service.database.sessions() as session:
        return list(await session.scalars(select(table.c.key).order_by(table.c.key)))


async def test_rows_and_events_are_committed_together(kitchen: DemoService) -> None:
    dish = uuid7()
    async with kitchen.works.begin(COOK) as work:
        await work.session.execute(insert(served).values(dish_id=dish, step=1))
        work.publish(DishCooked(dish_id=dish))
        await work.commit()
    assert await kitchen.effects() == [(dish, 1)]
    assert await outbox(kitchen) == [(f"dish/{dish}", 1)]


async def test_leaving_without_commit_says_nothing_and_keeps_nothing(kitchen: DemoService) -> None:
    async with kitchen.works.begin(COOK) as work:
        await work.session.execute(insert(served).values(dish_id=uuid7(), step=1))
        work.publish(DishCooked(dish_id=uuid7()))
        work.set_deadline("dish/1", kind="cold", due=work.now)
    assert await kitchen.effects() == []
    assert await outbox(kitchen) == []
    assert await deadline_keys(kitchen) == []


async def test_work_that_fails_says_nothing_and_its_number_is_given_again(kitchen: DemoService) -> None:
    dish = uuid7()
    async with kitchen.works.begin(COOK) as work:
        work.publish(DishCooked(dish_id=dish))
        await work.commit()
    async with kitchen.works.begin(COOK) as work:
        work.publish(DishCooked(dish_id=dish))
        with pytest.raises(IntegrityError):
            await work.session.execute(insert(served).values(dish_id=None, step=1))
    await kitchen.cook(dish)
    assert await outbox(kitchen) == [(f"dish/{dish}", 1), (f"dish/{dish}", 2)]


async def test_sequences_have_no_gaps_when_many_say_something_about_the_same_things(kitchen: DemoService) -> None:
    dishes = [uuid7() for _ in range(3)]

    async def say(turn: int) -> None:
        async with kitchen.works.begin(COOK) as work:
            for dish in dishes if turn % 2 else reversed(dishes):
                work.publish(DishCooked(dish_id=dish, step=turn))
            if turn % 3 == 0:
                return  # rolled back: its numbers must be given out again
            await work.commit()

    await asyncio.gather(*(say(turn) for turn in range(30)))
    rows = await outbox(kitchen)
    for dish in dishes:
        assert [sequence for subject, sequence in rows if subject == f"dish/{dish}"] == list(range(1, 21))


async def test_an_event_carries_its_cause_and_the_instant_of_its_transaction(kitchen: DemoService) -> None:
    dish, case, event = uuid7(), uuid7(), uuid7()
    async with kitchen.works.begin(Cause(actor=COOK.actor, correlation_id=case, causation_id=event)) as work:
        work.publish(DishCooked(dish_id=dish))
        await work.commit()
        now = work.now
    async with kitchen.database.sessions() as session:
        row = (await session.execute(select(tables.outbox))).one()
    assert (row.correlation_id, row.causation_id, row.time, row.policy_version) == (case, event, now, "test")
    assert DishCooked.model_validate_json(row.body) == DishCooked(dish_id=dish)


async def test_an_event_without_a_cause_correlates_with_its_subject(kitchen: DemoService) -> None:
    dish = await kitchen.cook()
    async with kitchen.database.sessions() as session:
        correlation: UUID | None = await session.scalar(select(tables.outbox.c.correlation_id))
    assert correlation == dish


async def test_a_deadline_of_the_same_key_replaces_the_one_before(kitchen: DemoService) -> None:
    async with kitchen.works.begin(COOK) as work:
        work.set_deadline("dish/1", kind="cold", due=work.now, data={"was": "first"})
        work.set_deadline("dish/2", kind="cold", due=work.now)
        await work.commit()
    async with kitchen.works.begin(COOK) as work:
        later = work.now + timedelta(hours=1)
        work.set_deadline("dish/1", kind="stale", due=later, data={"was": "second"})
        work.cancel_deadline("dish/2")
        work.cancel_deadline("dish/3")
        await work.commit()
    async with kitchen.database.sessions() as session:
        row = (await session.execute(select(tables.deadline))).one()
    assert (row.key, row.kind, row.due, row.data) == ("dish/1", "stale", later, {"was": "second"})


async def test_nothing_can_be_added_after_the_commit(kitchen: DemoService) -> None:
    async with kitchen.works.begin(COOK) as work:
        await work.commit()
        with pytest.raises(WorkIsOver):
            work.publish(DishCooked(dish_id=uuid7()))
        with pytest.raises(WorkIsOver):
            await work.commit()
