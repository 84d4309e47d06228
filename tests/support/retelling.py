"""What the services of a suite said, to be said again: into the exchange, or as if a handler had given it up."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Envelope
from shared.messaging.broker import Publisher, WireMessage
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE, queue_name
from shared.messaging.wire import to_wire
from testkit.suite import SERVICES, Suite


async def told_so_far(suite: Suite, service: str) -> list[WireMessage]:
    """The events in the service's outbox, in order, as its relay said them."""
    connection = await asyncpg.connect(suite.database_url(service))
    rows = await connection.fetch("SELECT * FROM outbox ORDER BY position")
    await connection.close()
    return [_message(row, service=service) for row in rows]


async def tell_everything_again(suite: Suite) -> int:
    """Say every event of every service again; how many deliveries that makes."""
    deliveries = 0
    async with teller(suite) as publisher:
        for message in await _everything(suite):
            await publisher.publish(message, exchange=EVENTS_EXCHANGE, routing_key=message.type)
            deliveries += len(_hearers(message))
    return deliveries


async def replay_as_dead(suite: Suite) -> int:
    """Lay what each service heard most of among its dead letters, and replay these; how many there were."""
    told: dict[str, list[WireMessage]] = defaultdict(list)
    for message in await _everything(suite):
        for queue in _hearers(message):
            told[queue].append(message)
    replayed = 0
    for service in SUBSCRIPTIONS:
        busiest = max((queue for queue in told if queue.startswith(f"{service}.")), key=lambda queue: len(told[queue]))
        async with teller(suite) as publisher:
            for message in told[busiest]:
                await lay_aside(message, queue=f"{busiest}.dead", publisher=publisher)
        letters = DeadLetters(suite.broker_url, service=service, topology=CATALOGUE_TOPOLOGY)
        replayed += await letters.replay(f"{busiest}.dead")
    return replayed


async def lay_aside(message: WireMessage, *, queue: str, publisher: Publisher) -> None:
    """Put the message into a dead-letter queue."""
    await publisher.publish(message, exchange=f"{queue.partition('.')[0]}.dlx", routing_key=queue)


@asynccontextmanager
async def teller(suite: Suite) -> AsyncIterator[Publisher]:
    """Somebody who may say anything."""
    publisher = await Publisher.open(suite.broker_url, name="tests", prepare=CATALOGUE_TOPOLOGY.declare)
    yield publisher
    await publisher.close()


async def _everything(suite: Suite) -> list[WireMessage]:
    return [message for service in SERVICES for message in await told_so_far(suite, service)]


def _hearers(message: WireMessage) -> list[str]:
    """The queues that the event goes to."""
    event = EVENTS[message.type]
    return [queue_name(event, service=service) for service, events in SUBSCRIPTIONS.items() if event in events]


def _message(row: asyncpg.Record, *, service: str) -> WireMessage:
    envelope = Envelope(
        id=row["event_id"],
        type=row["type"],
        source=service,
        subject=row["subject"],
        time=row["time"],
        sequence=row["sequence"],
        correlationid=row["correlation_id"],
        causationid=row["causation_id"],
        traceparent=row["traceparent"],
        policyversion=row["policy_version"],
    )
    return to_wire(envelope, body=row["body"])
