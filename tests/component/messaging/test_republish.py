"""`relay status | republish`: what was sent is said again, in order, by the relay, and has its effects once."""

import asyncio
import io
import json
import signal
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from shared.messaging.broker import passing_connection
from shared.messaging.gauges import count_messages
from shared.messaging.relay_command import EXIT_FAILED, EXIT_OK, EXIT_REFUSED, carry_out, read_arguments
from shared.messaging.republish import SAID_AT_ONCE, Span
from support.kitchen import (
    COOK,
    ON_DISH_COOKED,
    DemoService,
    DishCooked,
    SmokeSeen,
    run_until_killed,
    tables,
    until,
)
from support.wiretap import full_queue, said, sequences, tap
from testkit.servers.rabbitmq import RabbitMQ

EVERYTHING = ("republish", "--since", "1h", "--yes", "--json")


async def run(service: DemoService, *arguments: str) -> int:
    return await carry_out(read_arguments(arguments), republishing=service.republishing())


async def send(service: DemoService, *, dishes: int, steps: int = 1) -> list[UUID]:
    """Dishes that were cooked and said."""
    cooked = [await service.cook(steps=steps) for _ in range(dishes)]
    await service.send()
    return cooked


def once(*dishes: UUID) -> list[tuple[UUID, int]]:
    """The effects of so many dishes of one step, each once."""
    return sorted((dish, 1) for dish in dishes)


async def has_effects(service: DemoService, *, count: int) -> bool:
    return len(await service.effects()) >= count


async def attached(service: DemoService) -> bool:
    return service.worker.consumers_attached


async def test_after_the_broker_lost_everything_each_event_has_its_effect_once(
    kitchen: DemoService,
    dining: DemoService,
    broker_url: str,
    rabbitmq: RabbitMQ,
) -> None:
    async with kitchen.working():
        async with dining.working():
            handled = [await kitchen.cook() for _ in range(10)]
            await until(lambda: has_effects(dining, count=10))
        lost = [await kitchen.cook() for _ in range(10)]
        await until(lambda: kitchen.metric("events_sent_total") == 20)
        name = urlsplit(broker_url).path.lstrip("/")
        rabbitmq.delete_vhost(name)
        meanwhile = [await kitchen.cook() for _ in range(5)]
        rabbitmq.create_vhost(name)
        again = DemoService("dining", database_url=dining.database_url, broker_url=broker_url)
        async with again.working():
            await until(lambda: attached(again))  # exchanges and queues are there again without anybody's help
            await until(lambda: has_effects(dining, count=15))
            assert sorted(await dining.effects()) == once(*handled, *meanwhile)
            republished, later = await asyncio.gather(
                run(kitchen, *EVERYTHING), asyncio.gather(*(kitchen.cook() for _ in range(5)))
            )
            assert republished == EXIT_OK
            await until(lambda: has_effects(dining, count=30))
            await until(lambda: again.metric("inbox_duplicates_total") >= 15)
            assert await kitchen.unsent() == 0
        await again.close()
    assert sorted(await dining.effects()) == once(*handled, *lost, *meanwhile, *later)
    assert [queue.messages for queue in await dining.letters.overview()] == [0, 0]


async def test_events_are_said_again_in_their_order_while_another_relay_is_at_work(
    kitchen: DemoService, database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.republish.SAID_AT_ONCE", 40)
    await tap(broker_url)
    dishes = await send(kitchen, dishes=10, steps=20)
    before = [message.message_id for message in await said(broker_url)]
    replica = DemoService("kitchen", database_url=database_url, broker_url=broker_url)
    async with replica.working():
        assert await run(kitchen, *EVERYTHING) == EXIT_OK
    heard = await said(broker_url)
    assert sequences(heard) == {f"dish/{dish}": list(range(1, 21)) for dish in dishes}
    assert sorted(str(message.message_id) for message in heard) == sorted(map(str, before))
    await replica.close()


async def test_only_what_was_sent_in_the_span_and_is_of_the_type_is_said_again(
    kitchen: DemoService, broker_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await tap(broker_url)
    (early,) = await send(kitchen, dishes=1)
    begun = datetime.now(UTC)
    (dish,) = await send(kitchen, dishes=1)
    async with kitchen.works.begin(COOK) as work:
        work.publish(SmokeSeen(dish_id=dish))
        await work.commit()
    await kitchen.send()
    ended = datetime.now(UTC)
    await send(kitchen, dishes=1)
    await said(broker_url)

    span = ("republish", "--since", begun.isoformat(), "--until", ended.isoformat(), "--yes", "--json")
    assert await run(kitchen, *span, "--type", DishCooked.TYPE) == EXIT_OK
    assert sequences(await said(broker_url)) == {f"dish/{dish}": [1]}
    assert json.loads(capsys.readouterr().out) == {
        "since": begun.isoformat(),
        "until": ended.isoformat(),
        "said_again": 1,
        "types": {DishCooked.TYPE: 1},
    }
    assert await run(kitchen, *span, "--type", "kitchen.dish_cookd.v1") == EXIT_REFUSED
    assert capsys.readouterr().err == (
        f"relay republish: no kitchen.dish_cookd.v1 was sent then; there are {SmokeSeen.TYPE}\n"
    ), "the dish was sent after the span by now"
    assert f"dish/{early}" not in sequences(await said(broker_url))


async def test_nothing_is_said_again_unless_somebody_means_it(
    kitchen: DemoService, broker_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await tap(broker_url)
    await send(kitchen, dishes=3)
    await said(broker_url)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # not a terminal: nobody was asked
    assert await run(kitchen, "republish", "--since", "1h") == EXIT_REFUSED
    told = capsys.readouterr()
    assert "3  kitchen.dish_cooked.v1" in told.err
    assert "Say so with --yes" in told.err
    assert (told.out, await said(broker_url), await kitchen.unsent()) == ("", [], 0)


async def test_a_run_that_was_killed_goes_on_where_it_ended(
    kitchen: DemoService, dining: DemoService, database_url: str, broker_url: str
) -> None:
    dishes = await send(kitchen, dishes=SAID_AT_ONCE // 10 + 10, steps=20)
    until_now = datetime.now(UTC)
    span = ("republish", "--since", "1h", "--until", until_now.isoformat(), "--yes")
    code = await run_until_killed(
        "kitchen", *span, database_url=database_url, broker_url=broker_url, failpoint="relay.after_confirm"
    )
    assert code == -signal.SIGKILL
    assert await kitchen.unsent() == SAID_AT_ONCE, "one window was begun and none finished"
    assert await run(kitchen, "republish", "--since", "1h", "--until", until_now.isoformat(), "--yes") == EXIT_OK
    assert await kitchen.unsent() == 0
    assert await sent_before(kitchen, until_now) == 0
    async with dining.working():
        await until(lambda: has_effects(dining, count=len(dishes) * 20))
        await until(lambda: dining_is_done(dining))
    assert sorted(await dining.effects()) == sorted((dish, step) for dish in dishes for step in range(1, 21))


async def dining_is_done(dining: DemoService) -> bool:

    async with passing_connection(dining.broker_url, name="tests") as connection:
        return await count_messages(connection, queue=ON_DISH_COOKED.name) == 0


async def sent_before(service: DemoService, instant: datetime) -> int:
    async with service.database.sessions() as session:
        return await session.scalar(select(func.count()).where(tables.outbox.c.sent_at < instant)) or 0


async def test_windows_that_were_finished_are_not_begun_again(
    kitchen: DemoService, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.republish.SAID_AT_ONCE", 10)
    await tap(broker_url)
    await send(kitchen, dishes=30)
    await said(broker_url)
    span = Span(since=datetime.now(UTC) - timedelta(hours=1), until=datetime.now(UTC))
    async for _ in kitchen.republishing().say_again(span):
        break
    assert len(await said(broker_url)) == 10
    assert [count async for count in kitchen.republishing().say_again(span)] == [0, 10, 10]
    assert len(await said(broker_url)) == 20


async def test_where_the_broker_refuses_or_is_away_it_says_how_to_go_on(
    kitchen: DemoService,
    database_url: str,
    broker_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("shared.messaging.republish.STALLED_SECONDS", 0.3)
    await send(kitchen, dishes=3)
    async with full_queue(broker_url, key=DishCooked.TYPE):
        assert await run(kitchen, *EVERYTHING) == EXIT_FAILED
    told = capsys.readouterr().err
    assert "the broker takes none of 3 events" in told
    assert "0 of 3 events were said again; --since 20" in told
    away = DemoService("kitchen", database_url=database_url, broker_url="amqp://guest:guest@127.0.0.1:1/")
    await send(kitchen, dishes=1)
    assert await run(away, *EVERYTHING) == EXIT_FAILED
    assert "goes on" in capsys.readouterr().err
    await away.close()
    await kitchen.send()  # what was begun goes out by itself
    assert await kitchen.unsent() == 0


async def test_status_says_what_waits_and_how_far_back_events_can_be_said_again(
    kitchen: DemoService, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> Mapping[str, object]:
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    assert await run(kitchen, "status", "--json") == EXIT_OK
    assert told() == {
        "pending": 0,
        "oldest_pending_seconds": 0.0,
        "sent_kept": 0,
        "sent_kept_since": None,
        "last_sent_at": None,
    }
    begun = datetime.now(UTC)
    await send(kitchen, dishes=2)
    between = datetime.now(UTC)
    await send(kitchen, dishes=1)
    await kitchen.cook(uuid7(), steps=4)
    assert await run(kitchen, "status", "--json") == EXIT_OK
    status = told()
    assert (status["pending"], status["sent_kept"]) == (4, 3)
    oldest = status["oldest_pending_seconds"]
    assert isinstance(oldest, float)
    assert 0 < oldest < (datetime.now(UTC) - between).total_seconds()
    assert begun < datetime.fromisoformat(str(status["sent_kept_since"])) < between
    assert between < datetime.fromisoformat(str(status["last_sent_at"])) < datetime.now(UTC)
    assert await run(kitchen, "status") == EXIT_OK
    assert "pending=4\n" in capsys.readouterr().out


@pytest.mark.parametrize("since", ["yesterday", "2026-11-23T13:00:00", "2026-13-01T00:00:00Z"])
def test_an_instant_without_its_offset_or_that_is_none_is_refused(
    since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        read_arguments(["republish", "--since", since])
    assert refused.value.code == EXIT_REFUSED
    assert "2026-11-23T13:00:00+08:00" in capsys.readouterr().err


async def test_a_span_that_ends_before_it_begins_is_refused(
    kitchen: DemoService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(kitchen, "republish", "--since", "1h", "--until", "2h", "--yes") == EXIT_REFUSED
    assert "--until has to be after" in capsys.readouterr().err
