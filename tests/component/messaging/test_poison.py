"""Messages that no handler can take: they are set aside with their cause, and the good ones go on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from uuid_utils.compat import uuid7

from shared.messaging.broker import Publisher, WireMessage
from shared.messaging.consumer import Delivery
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.messaging.unit_of_work import UnitOfWork
from support.kitchen import (
    ON_DISH_COOKED,
    TOPOLOGY,
    WAYS,
    DemoService,
    DishCooked,
    Handled,
    envelope_headers,
    serve,
    until,
)

ATTEMPTS = 3
GOOD = 500


class BurntByMistake(ValueError):
    """A bug of the handler."""


@pytest.fixture
async def wire(broker_url: str) -> AsyncIterator[Publisher]:
    """Somebody who says what no relay would."""
    publisher = await Publisher.open(broker_url, name="tests", prepare=TOPOLOGY.declare)
    yield publisher
    await publisher.close()


@dataclass(frozen=True)
class Poison:
    """A message, and why it is to be found among the dead letters."""

    body: bytes
    reason: str
    error: str
    attempts: int

    async def say(self, wire: Publisher, **headers: str | int) -> str:
        """Its id."""
        id_ = str(uuid7())
        message = WireMessage(
            message_id=id_, type=DishCooked.TYPE, body=self.body, headers={**envelope_headers(), **headers}
        )
        await wire.publish(message, exchange=EVENTS_EXCHANGE, routing_key=DishCooked.TYPE)
        return id_


async def dead(service: DemoService) -> int:
    return {queue.queue: queue.messages for queue in await service.letters.overview()}[ON_DISH_COOKED.dead]


@pytest.mark.promise("R23")
@pytest.mark.parametrize("handled", WAYS)
async def test_poison_among_500_good_messages_is_set_aside_with_its_cause_and_no_good_one_with_it(
    kitchen: DemoService, wire: Publisher, other_database_url: str, broker_url: str, handled: Handled
) -> None:
    bad = uuid7()

    async def handler(event: DishCooked, delivery: Delivery, work: UnitOfWork) -> None:
        await serve(event, delivery, work)
        if event.dish_id == bad:
            raise BurntByMistake("burnt")

    poisons = (
        Poison(b"{ no JSON", reason="unreadable", error="kitchen.dish_cooked.v1: message: Invalid JSON", attempts=1),
        Poison(
            b'{"dish_id": 7, "step": "one"}',
            reason="unreadable",
            error="kitchen.dish_cooked.v1: dish_id: UUID input should be",
            attempts=1,
        ),
        Poison(
            DishCooked(dish_id=bad).model_dump_json().encode(),
            reason="failed",
            error="BurntByMistake: burnt (test_poison.py:",
            attempts=ATTEMPTS,
        ),
    )
    dining = DemoService(
        "dining",
        database_url=other_database_url,
        broker_url=broker_url,
        handler=handler,
        handled=handled,
        attempts=ATTEMPTS,
    )
    ids = {}
    async with kitchen.working(), dining.working():
        good = [await kitchen.cook(steps=5) for _ in range(GOOD // 10)]
        for poison in poisons:
            ids[await poison.say(wire)] = poison
        good += [await kitchen.cook(steps=5) for _ in range(GOOD // 10)]
        await until(lambda: dining.metric("events_handled_total") == GOOD)
        await until(lambda: is_dead(dining, count=len(poisons)))
    letters = {letter.id: letter for letter in await dining.letters.show(ON_DISH_COOKED.dead)}
    assert letters.keys() == ids.keys()
    for id_, poison in ids.items():
        assert (letters[id_].reason, letters[id_].attempts) == (poison.reason, poison.attempts)
        assert letters[id_].error.startswith(poison.error)
    effects = await dining.effects()
    assert sorted(effects) == sorted((dish, step) for dish in good for step in range(1, 6))
    await dining.close()


async def is_dead(service: DemoService, *, count: int) -> bool:
    return await dead(service) == count


@pytest.mark.promise("R25")
async def test_unknown_types_are_parked_and_new_fields_and_gaps_are_tolerated(
    dining: DemoService, wire: Publisher
) -> None:
    unknown = Poison(b"{}", reason="unreadable", error="dining knows no event kitchen.dish_burnt.v9", attempts=1)
    dishes = [uuid7() for _ in range(3)]
    async with dining.working():
        parked = await unknown.say(wire, cloudEvents_type="kitchen.dish_burnt.v9")
        for dish, sequence in zip(dishes, (9, 2, 40), strict=True):
            newer = f'{{"dish_id": "{dish}", "step": 1, "chef": {{"name": "someone"}}, "stars": [1, 2]}}'.encode()
            message = WireMessage(
                message_id=str(uuid7()),
                type=DishCooked.TYPE,
                body=newer,
                headers={**envelope_headers(), "cloudEvents_sequence": sequence, "cloudEvents_novelty": "new"},
            )
            await wire.publish(message, exchange=EVENTS_EXCHANGE, routing_key=DishCooked.TYPE)
        await until(lambda: dining.metric("events_handled_total") == len(dishes))
        await until(lambda: is_dead(dining, count=1))
        assert dining.worker.consumers_attached
    [letter] = await dining.letters.show(ON_DISH_COOKED.dead)
    assert (letter.id, letter.reason, letter.error) == (parked, unknown.reason, unknown.error)
    assert sorted(await dining.effects()) == sorted((dish, 1) for dish in dishes)
    assert dining.metric("handler_attempts_failed_total") == 0
