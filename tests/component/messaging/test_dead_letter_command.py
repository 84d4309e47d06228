"""`dead list|show|replay|drop` on a queue with poison in it."""

import io
import json
from collections.abc import AsyncIterator

import pytest
from uuid_utils.compat import uuid7

from shared.messaging.broker import Publisher, WireMessage
from shared.messaging.dead_command import EXIT_FAILED, EXIT_OK, EXIT_REFUSED, carry_out, read_arguments
from shared.messaging.topology import UNROUTED
from support.kitchen import ON_DISH_COOKED, TOPOLOGY, DemoService, DishCooked, until

DEAD = ON_DISH_COOKED.dead


@pytest.fixture
async def poisoned(dining: DemoService, broker_url: str) -> AsyncIterator[list[str]]:
    """Ids of three messages that nobody could read, dead by now, oldest first."""
    publisher = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    ids = [str(uuid7()) for _ in range(3)]
    for id_ in ids:
        message = WireMessage(message_id=id_, type=DishCooked.TYPE, body=b"bones")
        await publisher.publish(message, exchange=ON_DISH_COOKED.exchange, routing_key=DEAD)
    yield ids
    await publisher.close()


async def run(service: DemoService, *arguments: str) -> int:
    return await carry_out(read_arguments(arguments), letters=service.letters)


async def dead_ids(service: DemoService) -> list[str]:
    return [letter.id for letter in await service.letters.show(DEAD)]


async def test_list_counts_and_show_leaves_everything_where_it_is(
    dining: DemoService, poisoned: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(dining, "list", "--json") == EXIT_OK
    assert json.loads(capsys.readouterr().out) == [
        {"queue": DEAD, "messages": 3},
        {"queue": UNROUTED, "messages": 0},
    ]
    for _ in range(25):  # RabbitMQ 4 gives up a message after 20 returns unless told otherwise
        assert await dead_ids(dining) == poisoned
    assert await run(dining, "show", DEAD, "--limit", "1") == EXIT_OK
    assert f"id={poisoned[0]}" in capsys.readouterr().out


async def test_replay_hands_the_chosen_message_in_again(dining: DemoService, poisoned: list[str]) -> None:
    first, second, third = poisoned
    assert await run(dining, "replay", DEAD, "--id", second) == EXIT_OK
    assert await dead_ids(dining) == [first, third]
    async with dining.working():
        await until(lambda: dead_again(dining, second))
    letters = await dining.letters.show(DEAD)
    assert [letter.reason for letter in letters if letter.id == second] == ["unreadable"]


async def dead_again(service: DemoService, id_: str) -> bool:
    return id_ in await dead_ids(service)


async def test_drop_forgets_the_chosen_message_only_when_confirmed(
    dining: DemoService, poisoned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = poisoned
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # not a terminal: nobody was asked
    assert await run(dining, "drop", DEAD, "--id", second) == EXIT_REFUSED
    assert await dead_ids(dining) == poisoned
    assert await run(dining, "drop", DEAD, "--id", second, "--yes") == EXIT_OK
    assert await dead_ids(dining) == [first, third]
    assert await run(dining, "drop", DEAD, "--yes") == EXIT_OK
    assert await dead_ids(dining) == []


async def test_an_unknown_queue_is_named_with_those_that_there_are(
    dining: DemoService, poisoned: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(dining, "show", "dining.on_fire.dead") == EXIT_FAILED
    assert capsys.readouterr().err == (
        f"dead show: no dead-letter queue 'dining.on_fire.dead'; there are {DEAD}, {UNROUTED}\n"
    )
