"""What the services of a suite said, to be said again: into the exchange, or as if it had died in a handler's queue."""

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


async def replay_everything_as_dead(suite: Suite) -> int:
    """Lay every event among the dead letters of all who heard it, and replay these; how many there were."""
    async with teller(suite) as publisher:
        for message in await _everything(suite):
            for queue in _hearers(message):
                await lay_aside(message, queue=f"{queue}.dead", publisher=publisher)
    return sum([await _replay_all(suite, service) for service in SUBSCRIPTIONS])


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


async def _replay_all(suite: Suite, service: str) -> int:
    letters = DeadLetters(suite.broker_url, service=service, topology=CATALOGUE_TOPOLOGY)
    return sum([await letters.replay(queue.dead) for queue in CATALOGUE_TOPOLOGY.queues(service)])


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
