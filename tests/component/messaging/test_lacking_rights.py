"""A service whose account lacks a right says which one, is not ready, and works on by itself once it was given."""

import asyncio
from collections.abc import Callable, Iterator
from typing import ClassVar, override
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from aio_pika.abc import AbstractConnection

from shared.messaging.accounts import Rights, rights_of
from shared.messaging.broker import passing_connection
from shared.messaging.topology import EVENTS_EXCHANGE, Refused, Topology
from support.kitchen import ON_DISH_COOKED, TOPOLOGY, DemoService, DishCooked, until
from testkit.servers.rabbitmq import RabbitMQ

OWN = rights_of(TOPOLOGY)["dining"]

type Grant = Callable[[Rights], None]


@pytest.fixture
def account(broker_url: str) -> str:
    return f"account-of-{urlsplit(broker_url).path.removeprefix('/')}"


@pytest.fixture
def grant(rabbitmq: RabbitMQ, broker_url: str, account: str) -> Iterator[Grant]:
    """Gives the account rights in place of those that it had."""
    vhost, management = quote(urlsplit(broker_url).path.removeprefix("/")), rabbitmq.management

    def give(rights: Rights) -> None:
        names = {"configure": rights.configure, "write": rights.write, "read": rights.read}
        keys = {"exchange": EVENTS_EXCHANGE, "write": rights.says, "read": rights.hears}
        management.put(f"/api/permissions/{vhost}/{account}", json=names).raise_for_status()
        management.put(f"/api/topic-permissions/{vhost}/{account}", json=keys).raise_for_status()

    management.put(f"/api/users/{account}", json={"password": "own", "tags": ""}).raise_for_status()
    yield give
    management.delete(f"/api/users/{account}").raise_for_status()


@pytest.fixture
def own_url(broker_url: str, account: str) -> str:
    parts = urlsplit(broker_url)
    return urlunsplit(parts._replace(netloc=f"{account}:own@{parts.hostname}:{parts.port}"))


LACKING = {
    "an event": (Rights(configure=OWN.configure, write=OWN.write, read=OWN.read, hears="^$"), DishCooked.TYPE),
    "its queues": (Rights(configure=r"^dining\.dlx$", write=OWN.write, read=OWN.read), "dining.on_dish_cooked"),
    "anything of its own": (Rights(configure="^kitchen", write="^kitchen", read="^kitchen"), "dining.dlx"),
}


@pytest.fixture
async def declared(broker_url: str) -> None:
    """An administrator has declared everything, and was refused nothing."""
    async with passing_connection(broker_url, name="tests") as connection:
        refused = await TOPOLOGY.declare(connection)
    assert refused == {"events": [], "dining": []}


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("lacking", LACKING)
async def test_what_a_service_may_not_do_of_its_own_keeps_it_from_being_ready_until_it_may(
    lacking: str, database_url: str, own_url: str, grant: Grant
) -> None:
    rights, named = LACKING[lacking]
    grant(rights)
    dining = DemoService("dining", database_url=database_url, broker_url=own_url)
    async with dining.working():
        await until(lambda: "refuses" in (dining.worker.consumers_problem or ""))
        said = dining.worker.consumers_problem or ""
        assert named in said
        assert f"refused for user '{urlsplit(own_url).username}'" in said
        assert "\n" not in said
        grant(OWN)
        await until(lambda: dining.worker.consumers_attached and dining.worker.consumers_problem is None)
    await dining.close()


class BarDishCooked(DishCooked):
    """The same said by another service: it goes into the same queue."""

    TYPE: ClassVar[str] = "bar.dish_cooked.v1"


async def test_one_binding_that_is_refused_does_not_keep_the_next_one_out(
    rabbitmq: RabbitMQ, broker_url: str, own_url: str, grant: Grant
) -> None:
    topology = Topology(subscriptions={"dining": (DishCooked, BarDishCooked)})
    grant(rights_of(Topology(subscriptions={"dining": (BarDishCooked,)}))["dining"])
    async with passing_connection(broker_url, name="tests") as connection:
        await Topology(subscriptions={}).declare(connection)
    async with passing_connection(own_url, name="tests") as connection:
        (refused,) = (await topology.declare(connection))["dining"]
    assert DishCooked.TYPE in refused
    (queue,) = topology.queues("dining")
    vhost = quote(urlsplit(broker_url).path.removeprefix("/"))
    bindings = rabbitmq.management.get(f"/api/queues/{vhost}/{queue.name}/bindings").raise_for_status().json()
    assert {one["routing_key"] for one in bindings if one["source"] == EVENTS_EXCHANGE} == {BarDishCooked.TYPE}


class Stuck(Topology):
    """Lacks a right at first; whoever asks again is not answered, until everything is well."""

    asked: ClassVar[list[str]] = []
    phase: ClassVar[str] = "lacking"

    @override
    async def declare(self, connection: AbstractConnection) -> Refused:
        if self.phase == "silent":
            self.asked.append(self.phase)
            await asyncio.Event().wait()
        done = await super().declare(connection)
        return {**done, "dining": ["a right"]} if self.phase == "lacking" else done


async def test_who_is_not_answered_when_it_asks_again_still_notices_what_it_lost(
    database_url: str, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.consuming.ASK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(Stuck, "asked", [])
    monkeypatch.setattr(Stuck, "phase", "lacking")
    monkeypatch.setattr(
        "support.kitchen.TOPOLOGY", Stuck(subscriptions=TOPOLOGY.subscriptions, retry_delay=TOPOLOGY.retry_delay)
    )
    dining = DemoService("dining", database_url=database_url, broker_url=broker_url)
    async with dining.working():
        await until(lambda: "a right" in (dining.worker.consumers_problem or ""))
        monkeypatch.setattr(Stuck, "phase", "silent")
        await until(lambda: bool(Stuck.asked))
        monkeypatch.setattr(Stuck, "phase", "well")
        async with passing_connection(broker_url, name="tests") as connection:
            await (await connection.channel()).queue_delete(ON_DISH_COOKED.name)
        await until(lambda: dining.worker.consumers_attached and dining.worker.consumers_problem is None)
    await dining.close()
