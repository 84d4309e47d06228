"""What an event costs the databases that it passes. The ceilings are what it cost when this was written: raise none."""

from math import ceil
from uuid import uuid4

from prometheus_client import CollectorRegistry
from uuid_utils.compat import uuid7

from shared.messaging.consumer import Consumers
from shared.messaging.handling import TOGETHER_AT_MOST
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.observability.tracing import tracing_to
from support.deliveries import Deliveries, message
from support.kitchen import TOPOLOGY, DemoService, DishCooked, serve, tables
from support.meter import Bill, metered

MANY = 50


def relay_of(kitchen: DemoService, *, publishing: Publishing) -> Relay:
    return Relay(
        service=kitchen.name,
        database=kitchen.database,
        tables=tables,
        publishing=publishing,
        time_source=kitchen.time,
        wake=kitchen.wake,
        tracing=tracing_to(None, service=kitchen.name),
        metrics=DeliveryMetrics(CollectorRegistry(), service=kitchen.name),
    )


async def relayed(kitchen: DemoService, *, events: int) -> Bill:
    """One round that sends so many events, of as many subjects."""
    dishes = [await kitchen.cook() for _ in range(events)]
    publishing = Publishing(kitchen.broker_url, service=kitchen.name, topology=TOPOLOGY)
    with metered(kitchen.database) as bill:
        done = await relay_of(kitchen, publishing=publishing).relay_once()
    await publishing.close()
    assert done.confirmed == len(dishes)
    return bill


async def test_a_round_of_the_relay_costs_the_same_however_many_events_it_sends(kitchen: DemoService) -> None:
    one, many = await relayed(kitchen, events=1), await relayed(kitchen, events=MANY)
    assert many.statements == one.statements
    assert len(one.statements) <= 3, "\n".join(one.statements)
    assert one.round_trips <= 5


async def test_a_round_that_finds_nothing_only_looks(kitchen: DemoService) -> None:
    assert len((await relayed(kitchen, events=0)).statements) <= 2


async def test_a_delivery_costs_one_statement_more_than_its_effect_and_a_repetition_that_one(
    dining: DemoService,
) -> None:
    consumers = Consumers(service="dining", topology=TOPOLOGY)
    consumers.on(DishCooked, serve)
    deliveries = Deliveries(consumers, works=dining.works, tables=tables)
    heard = message(DishCooked(dish_id=uuid7()), about=uuid4(), at=dining.time.now(), sequence=1)
    with metered(dining.database) as first:
        await deliveries.one_by_one([heard])
    assert len(first.statements) <= 1 + 1, "\n".join(first.statements)
    assert first.round_trips <= 4
    with metered(dining.database) as again:
        await deliveries.one_by_one([heard])
    assert len(again.statements) <= 1
    assert again.round_trips <= 3
    assert len(await dining.effects()) == 1


async def test_deliveries_that_share_a_transaction_share_its_inbox_statement_and_its_commit(
    dining: DemoService,
) -> None:
    consumers = Consumers(service="dining", topology=TOPOLOGY)
    consumers.gather(DishCooked, serve)
    deliveries = Deliveries(consumers, works=dining.works, tables=tables)
    dishes = [DishCooked(dish_id=uuid7()) for _ in range(MANY)]
    heard = [message(dish, about=uuid4(), at=dining.time.now(), sequence=1) for dish in dishes]
    with metered(dining.database) as bill:
        await deliveries.at_once([*heard, *heard])
    groups = ceil(2 * MANY / TOGETHER_AT_MOST)
    assert len(bill.statements) <= groups + MANY, "\n".join(bill.statements)
    assert bill.round_trips <= 3 * groups + MANY
    assert sorted(await dining.effects()) == sorted((dish.dish_id, 1) for dish in dishes)
    assert deliveries.metric("inbox_duplicates_total") == MANY
