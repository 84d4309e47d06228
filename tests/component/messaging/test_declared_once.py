"""Several connections of a process declare the topology at once: the broker is asked once, and everybody knows."""

import asyncio
from dataclasses import dataclass, field
from typing import override

import pytest
from aio_pika.abc import AbstractConnection

from shared.messaging.broker import BrokerIsAway, passing_connection
from shared.messaging.topology import DeclaredOnce, Refused, Topology
from support.kitchen import TOPOLOGY

NOTHING_REFUSED: Refused = {owner: [] for owner in ("events", *TOPOLOGY.subscriptions)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Topology):
    """The topology of kitchen and dining, which notes over which connections it was declared."""

    over: list[AbstractConnection] = field(default_factory=list)

    @override
    async def declare(self, connection: AbstractConnection) -> Refused:
        self.over.append(connection)
        return await Topology.declare(self, connection)


@pytest.fixture
def noted() -> Noted:
    return Noted(subscriptions=TOPOLOGY.subscriptions)


async def test_whoever_asks_while_it_is_declared_takes_what_comes_of_that(noted: Noted, broker_url: str) -> None:
    once = DeclaredOnce(noted)
    async with passing_connection(broker_url, name="one") as one, passing_connection(broker_url, name="two") as two:
        answers = await asyncio.gather(once.declare(one), once.declare(two))
    assert noted.over == [one]
    assert answers[0] == answers[1] == NOTHING_REFUSED


async def test_whoever_asks_afterwards_has_it_declared_again(noted: Noted, broker_url: str) -> None:
    once = DeclaredOnce(noted)
    async with passing_connection(broker_url, name="one") as one, passing_connection(broker_url, name="two") as two:
        await once.declare(one)
        await once.declare(two)
    assert noted.over == [one, two]


async def test_a_connection_that_breaks_leaves_it_to_the_next(noted: Noted, broker_url: str) -> None:
    once = DeclaredOnce(noted)
    async with passing_connection(broker_url, name="one") as one, passing_connection(broker_url, name="two") as two:
        await one.close()
        broken, whole = await asyncio.gather(once.declare(one), once.declare(two), return_exceptions=True)
    assert isinstance(broken, BrokerIsAway)
    assert noted.over == [one, two]
    assert whole == NOTHING_REFUSED
