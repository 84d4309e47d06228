"""A binding or an exchange that somebody deleted: what is said meanwhile is kept, shown, and delivered in the end."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import yaml
from aio_pika.abc import AbstractConnection
from prometheus_client import CollectorRegistry

from shared.messaging.broker import passing_connection
from shared.messaging.gauges import Gauges
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.topology import EVENTS_EXCHANGE, UNROUTED
from support.kitchen import ON_DISH_COOKED, TOPOLOGY, DemoService, DishCooked, tables, until
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import ROOT


class Watch:
    """Who looks at a service as Prometheus does; `raises` tells whether an alert would see something."""

    def __init__(self, service: DemoService, *, broker_url: str) -> None:
        self._registry = CollectorRegistry()
        self._name = service.name
        self._gauges = Gauges(
            broker_url,
            service=service.name,
            database=service.database,
            tables=tables,
            topology=TOPOLOGY,
            time_source=service.time,
            metrics=DeliveryMetrics(self._registry, service=service.name),
        )

    async def raises(self, alert: str, *, metric: str) -> bool:
        """Whether the metric that the alert reads is more than nothing now."""
        rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
        expressions = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
        assert f"({metric})" in expressions[alert]
        await self._gauges.look_at_outbox()
        await self._gauges.look_at_queues()
        return (self._registry.get_sample_value(metric, {"service": self._name}) or 0) > 0


@pytest.mark.promise("R14")
async def test_without_its_binding_an_event_lies_in_unrouted_until_the_topology_is_declared_and_it_is_replayed(
    kitchen: DemoService, dining: DemoService, broker_url: str
) -> None:
    watch = Watch(dining, broker_url=broker_url)
    async with kitchen.working(), dining.working():
        await until(lambda: dining.worker.consumers_attached)
        assert not await watch.raises("UnroutedMessages", metric="unrouted_messages")
        async with passing_connection(broker_url, name="tests") as connection:
            await unbind(connection)
            dish = await kitchen.cook()
            await until(lambda: kitchen.metric("events_sent_total") == 1)
            [letter] = await dining.letters.show(UNROUTED)
            assert (letter.type, letter.subject) == (DishCooked.TYPE, f"dish/{dish}")
            assert await watch.raises("UnroutedMessages", metric="unrouted_messages")
            await TOPOLOGY.declare(connection)
        assert await dining.letters.replay(UNROUTED) == 1
        await until(lambda: dining.metric("events_handled_total") == 1)
        assert not await watch.raises("UnroutedMessages", metric="unrouted_messages")
    assert await dining.effects() == [(dish, 1)]


async def unbind(connection: AbstractConnection) -> None:
    queue = await (await connection.channel()).get_queue(ON_DISH_COOKED.name)
    await queue.unbind(EVENTS_EXCHANGE, DishCooked.TYPE)


@pytest.fixture
def limited_url(rabbitmq: RabbitMQ, broker_url: str) -> Iterator[str]:
    """The account of a service: it may say and hear, and declare nothing."""
    parts = urlsplit(broker_url)
    vhost = parts.path.removeprefix("/")
    user = f"limited-{vhost}"
    rabbitmq.management.put(f"/api/users/{user}", json={"password": "limited", "tags": ""}).raise_for_status()
    rights = {"configure": "^$", "write": ".*", "read": ".*"}
    rabbitmq.management.put(f"/api/permissions/{quote(vhost)}/{user}", json=rights).raise_for_status()
    yield urlunsplit(parts._replace(netloc=f"{user}:limited@{parts.hostname}:{parts.port}"))
    rabbitmq.management.delete(f"/api/users/{user}").raise_for_status()


@pytest.mark.promise("R14")
async def test_without_its_exchange_an_event_stays_pending_and_goes_out_once_the_exchange_is_back(
    dining: DemoService, database_url: str, broker_url: str, limited_url: str
) -> None:
    kitchen = DemoService("kitchen", database_url=database_url, broker_url=limited_url)
    watch = Watch(kitchen, broker_url=broker_url)
    async with dining.working(), passing_connection(broker_url, name="tests") as connection:
        await until(lambda: dining.worker.consumers_attached)
        channel = await connection.channel()
        await channel.exchange_delete(EVENTS_EXCHANGE)
        async with kitchen.working():
            dish = await kitchen.cook()
            await until(lambda: raised(kitchen))
            assert await kitchen.unsent() == 1
            assert await watch.raises("OutboxStands", metric="outbox_oldest_age_seconds")
            await TOPOLOGY.declare(connection)
            await until(lambda: kitchen.metric("events_sent_total") == 1)
            await dining.letters.replay(UNROUTED)  # the exchange is back a moment before its bindings are
        await until(lambda: dining.metric("events_handled_total") == 1)
    assert await dining.effects() == [(dish, 1)]
    assert await kitchen.unsent() == 0
    await kitchen.close()


async def raised(service: DemoService) -> bool:
    """Whether the service's own gauge shows that something waits: the relay has tried for a while by then."""
    return service.metric("outbox_pending") == 1
