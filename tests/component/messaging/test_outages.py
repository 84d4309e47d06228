"""Servers that are away, come back, or lose something in between: nothing is counted, nothing is lost."""

import asyncio
from urllib.parse import quote, urlsplit

import pytest
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.database import database, is_outage
from shared.messaging.broker import passing_connection
from shared.messaging.consumer import Delivery
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.messaging.unit_of_work import UnitOfWork
from support.kitchen import ON_DISH_COOKED, WAYS, DemoService, DishCooked, Handled, cut_connections, serve, until
from support.proxy import Proxy, proxy
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.rabbitmq import RabbitMQ

PROMISED_SECONDS = 10
"""Within these a consumer is back: part of the promise, and some four times as long as it takes."""


async def served_all(service: DemoService, *, count: int) -> bool:
    return len(await service.effects()) == count


async def no_dead_letters(service: DemoService) -> bool:
    return all(queue.messages == 0 for queue in await service.letters.overview())


@pytest.mark.parametrize("handled", WAYS)
async def test_while_the_database_is_away_consumers_pause_and_count_nothing(
    kitchen: DemoService, dining: DemoService, other_database_url: str, broker_url: str, handled: Handled
) -> None:
    async with proxy(other_database_url) as between:
        behind = DemoService("dining", database_url=between.url, broker_url=broker_url, handled=handled)
        async with kitchen.working(), behind.working():
            await until(lambda: behind.worker.consumers_attached)
            await between.cut()
            dishes = [await kitchen.cook() for _ in range(30)]
            await until(lambda: kitchen.metric("events_sent_total") == len(dishes))
            await asyncio.sleep(2.5)  # longer than every retry delay: a count would have led to a dead letter
            assert await dining.effects() == []
            assert behind.metric("handler_attempts_failed_total") == 0
            await between.open()
            await until(lambda: served_all(dining, count=len(dishes)))
        assert behind.metric("handler_attempts_failed_total") == 0
        assert await no_dead_letters(dining)
        await behind.close()


@pytest.mark.parametrize("handled", WAYS)
async def test_connections_that_the_database_closes_in_the_middle_cost_nothing(
    kitchen: DemoService, dining: DemoService
) -> None:
    async with kitchen.working(), dining.working():
        dishes = []
        for turn in range(100):
            dishes.append(await kitchen.cook())
            if turn % 10 == 9:
                await cut_connections(dining)
        await until(lambda: served_all(dining, count=len(dishes)))
    assert dining.metric("handler_attempts_failed_total") == 0
    assert sorted(dish for dish, _ in await dining.effects()) == sorted(dishes)


async def test_a_pool_meets_a_restarted_database_without_an_error(kitchen: DemoService) -> None:
    await kitchen.cook()
    await asyncio.gather(*(kitchen.cook() for _ in range(5)))
    await cut_connections(kitchen)
    await asyncio.gather(*(kitchen.cook() for _ in range(5)))


async def test_a_handler_that_leaves_its_transaction_idle_until_the_server_ends_it_has_failed(
    kitchen: DemoService, other_database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.database.IDLE_SECONDS", 0.5)

    async def dawdle(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        await asyncio.sleep(1.5)  # the server ends the transaction meanwhile
        await serve(event, delivery, work)

    dining = DemoService("dining", database_url=other_database_url, broker_url=broker_url, handler=dawdle)
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        await kitchen.cook()
        await until(lambda: has_dead_letter(dining))
    [letter] = await dining.letters.show(ON_DISH_COOKED.dead)
    assert letter.error.startswith("LeftIdle: the transaction did nothing for 0.5 s")
    assert await dining.effects() == []
    await dining.close()


async def has_dead_letter(service: DemoService) -> bool:
    return not await no_dead_letters(service)


async def test_readiness_drops_with_the_broker_and_comes_back_with_it(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    async with proxy(broker_url) as between:
        dining = DemoService("dining", database_url=other_database_url, broker_url=between.url)
        async with kitchen.working(), dining.working():
            await until(lambda: dining.worker.consumers_attached)
            for _ in range(3):
                await between.cut()
                await until(lambda: not dining.worker.consumers_attached)
                await kitchen.cook()
                await between.open()
                await until(lambda: dining.worker.consumers_attached)
            await until(lambda: served_all(dining, count=3))
        await dining.close()


async def test_a_worker_that_starts_before_its_servers_waits_for_them(
    kitchen: DemoService, other_database_url: str, broker_url: str
) -> None:
    async with proxy(other_database_url) as to_database, proxy(broker_url) as to_broker:
        dining = DemoService("dining", database_url=to_database.url, broker_url=to_broker.url)
        await to_database.cut()
        await to_broker.cut()
        async with kitchen.working(), dining.working():
            await kitchen.cook()
            assert not dining.worker.consumers_attached
            await to_broker.open()
            await until(lambda: dining.worker.consumers_attached)
            await to_database.open()
            await until(lambda: served_all(dining, count=1))
        await dining.close()


@pytest.mark.promise("R31")
async def test_a_queue_deleted_under_its_consumer_is_declared_again_and_consumed(
    kitchen: DemoService, dining: DemoService, broker_url: str
) -> None:
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        async with passing_connection(broker_url, name="tests") as connection:
            channel = await connection.channel()
            await channel.queue_delete(ON_DISH_COOKED.name)
        await until(lambda: is_consumed(broker_url, queue=ON_DISH_COOKED.name), within=PROMISED_SECONDS)
        dish = await kitchen.cook()
        await until(lambda: served_all(dining, count=1))
    assert await dining.effects() == [(dish, 1)]


async def is_consumed(broker_url: str, *, queue: str) -> bool:
    """Whether there is such a queue, with a consumer."""
    async with passing_connection(broker_url, name="tests") as connection:
        try:
            found = await (await connection.channel()).declare_queue(queue, passive=True)
        except ChannelNotFoundEntity:
            return False
    return (found.declaration_result.consumer_count or 0) > 0


@pytest.mark.promise("R31")
async def test_a_connection_closed_by_the_broker_is_replaced(
    kitchen: DemoService, dining: DemoService, rabbitmq: RabbitMQ, broker_url: str
) -> None:
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        await until(lambda: len(connections(rabbitmq, broker_url=broker_url)) >= 4)
        closed: set[str] = set()

        def all_were_closed() -> bool:
            """Again and again, for the broker notes a connection some time after it was opened."""
            for name in connections(rabbitmq, broker_url=broker_url):
                rabbitmq.management.delete(f"/api/connections/{quote(name, safe='')}")
                closed.add(name)
            return not dining.worker.consumers_attached

        await until(all_were_closed)
        await until(lambda: dining.worker.consumers_attached, within=PROMISED_SECONDS)
        await until(lambda: len(connections(rabbitmq, broker_url=broker_url) - closed) >= 4)
        await kitchen.cook()
        await until(lambda: served_all(dining, count=1))


def connections(rabbitmq: RabbitMQ, *, broker_url: str) -> set[str]:
    """The names of all connections of a virtual host, as far as the broker has noted them."""
    host = urlsplit(broker_url).path.removeprefix("/")
    return {connection["name"] for connection in rabbitmq.management.get(f"/api/vhosts/{host}/connections").json()}


async def test_an_exchange_that_was_deleted_is_declared_again_and_nothing_said_meanwhile_is_lost(
    kitchen: DemoService, dining: DemoService, broker_url: str
) -> None:
    async with kitchen.working(), dining.working():
        await kitchen.cook()
        await until(lambda: served_all(dining, count=1))
        async with passing_connection(broker_url, name="tests") as connection:
            channel = await connection.channel()
            await channel.exchange_delete(EVENTS_EXCHANGE)
        dishes = [await kitchen.cook() for _ in range(10)]
        await until(lambda: served_all(dining, count=1 + len(dishes)))
        assert await kitchen.unsent() == 0


async def test_a_black_hole_before_the_broker_is_survived(
    dining: DemoService, database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.broker.CONFIRM_SECONDS", 1)
    async with proxy(broker_url) as between:
        kitchen = DemoService("kitchen", database_url=database_url, broker_url=between.url)
        async with kitchen.working(), dining.working():
            await kitchen.cook()
            await until(lambda: served_all(dining, count=1))
            between.freeze()
            dish = await kitchen.cook()
            await give_up(kitchen, between=between)
            between.thaw()
            await until(lambda: served_all(dining, count=2))
            assert (await dining.effects())[1] == (dish, 1)
        await kitchen.close()


async def give_up(kitchen: DemoService, *, between: Proxy) -> None:
    """Wait until the relay has opened another connection, since nothing was confirmed on the first."""
    before = between.accepted
    await until(lambda: between.accepted > before)
    assert await kitchen.unsent() == 1


@pytest.mark.parametrize("handled", WAYS)
async def test_ending_under_load_finishes_what_has_begun_and_leaves_the_rest(
    kitchen: DemoService, other_database_url: str, broker_url: str, handled: Handled
) -> None:
    begun = asyncio.Event()

    async def slow(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        await serve(event, delivery, work)

    dining = DemoService(
        "dining", database_url=other_database_url, broker_url=broker_url, handler=slow, handled=handled
    )
    heir = DemoService("dining", database_url=other_database_url, broker_url=broker_url)
    async with kitchen.working():
        dishes = [await kitchen.cook() for _ in range(50)]
        await dining.worker.start()
        await begun.wait()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await dining.worker.stop()
        done = int(dining.metric("events_handled_total"))
        assert 0 < done < len(dishes)
        assert len(await dining.effects()) == done
        async with heir.working():
            await until(lambda: served_all(heir, count=len(dishes)))
        assert heir.metric("inbox_duplicates_total") == 0
    await dining.close()
    await heir.close()


async def test_a_database_that_is_not_there_is_an_outage_and_a_bad_statement_is_not() -> None:
    nowhere = database("postgresql://nobody@127.0.0.1:1/nothing", service="tests")
    assert not await nowhere.answers()
    with pytest.raises(OSError, match="1") as refused:
        async with nowhere.engine.connect():
            pass
    assert is_outage(refused.value)
    assert not is_outage(ValueError("a bug"))
    assert not is_outage(FileNotFoundError("a bug"))
    await nowhere.close()
