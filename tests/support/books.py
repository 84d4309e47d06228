"""The books of a running suite, and waiting until they agree."""

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from aio_pika.exceptions import ChannelNotFoundEntity

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.broker import passing_connection
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from testkit.checker.books import Books
from testkit.checker.checking import NO_POISON, Evidence, check, violations
from testkit.checker.history import read_history
from testkit.checker.reading import Library
from testkit.checker.report import Report
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite

LOOK_SECONDS = 1.0
SHOWN_AT_MOST = 12


class NotWhole(AssertionError):
    """The books do not agree after the time that they had; the message holds the first violations."""


async def converge(
    suite: Suite, *, acknowledged: Collection[UUID], patience_seconds: float = PATIENCE_SECONDS
) -> Books:
    """The books once no invariant is violated. Raises `NotWhole` where nothing gets better for too long."""
    found = ["nothing was read yet"]
    least, clock = 0, asyncio.get_running_loop().time
    until = clock() + patience_seconds
    while clock() < until:
        books = await read_books(suite)
        found = [f"{one.invariant}: {one.says}" for one in violations(books, acknowledged=acknowledged)]
        if not found and await _nothing_taken(suite):
            return books
        if not least or len(found) < least:
            least, until = len(found), clock() + patience_seconds
        await asyncio.sleep(LOOK_SECONDS)
    raise NotWhole(f"{len(found)} violations: " + "\n".join(found[:SHOWN_AT_MOST]))


async def report(suite: Suite, *, books: Books, poison: Mapping[str, int] = NO_POISON) -> Report:
    """What became of every request that clients of this suite wrote down, held against its books."""
    history = await asyncio.to_thread(lambda: read_history(sorted(suite.home.glob("*.jsonl"))))
    return check(Evidence(books=books, history=history, poison=poison))


async def read_books(suite: Suite) -> Books:
    """Everything that the invariants speak of."""
    library = Library(
        databases={service: suite.database_url(service) for service in SERVICES}, broker_url=suite.broker_url
    )
    return await library.read(mails=[UUID(mail.message_id.strip("<>").partition("@")[0]) for mail in suite.mails.mails])


async def all_consumed(broker_url: str) -> bool:
    """Whether the queue of every handler is there and has a consumer."""
    names = [queue.name for service in SUBSCRIPTIONS for queue in CATALOGUE_TOPOLOGY.queues(service)]
    async with passing_connection(broker_url, name="tests") as connection:
        try:
            async with connection.channel(publisher_confirms=False) as channel:
                for name in names:
                    found = await channel.declare_queue(name, passive=True)
                    if not found.declaration_result.consumer_count:
                        return False
        except ChannelNotFoundEntity:
            return False
    return True


async def _nothing_taken(suite: Suite) -> bool:
    """Whether no consumer holds a message that it has not acknowledged; the broker counts these every five seconds."""
    vhost = suite.broker_url.rpartition("/")[2]
    answer = await asyncio.to_thread(suite.rabbitmq.management.get, f"/api/queues/{vhost}")
    return all(queue.get("messages_unacknowledged", 0) == 0 for queue in answer.raise_for_status().json())
