"""Reading the books of a running suite: every database, what lies in the queues, and the mails that came."""

import asyncio
import json
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.broker import passing_connection
from shared.messaging.gauges import count_messages
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from support.invariants import Books, Heard, Order, Stands, Told, violations
from support.invariants_of_aftercare import Climb, Message
from support.invariants_of_parts import Deposit, Line, Pieces
from support.said import Said
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite

LOOK_SECONDS = 1.0
SHOWN_AT_MOST = 12

CASES = "SELECT id, state FROM repair_case"
STORY = "SELECT case_id, event_id FROM story"
ORDERS = "SELECT id, case_id, round, state FROM work_order"
OFFERS = "SELECT id FROM offer WHERE state = 'pending'"
OFFER_DEADLINES = "SELECT (data ->> 'offer_id')::uuid FROM deadline WHERE kind = 'offer'"
REQUESTS = "SELECT id FROM parts_request"
LINES = "SELECT request_id, part_code, asked, reserved, issued - returned - fitted FROM request_line"
STOCK = "SELECT part_code, on_hand, reserved, issued FROM stock"
MOVEMENTS = "SELECT part_code, on_hand, reserved, issued FROM stock_movement"
DEPOSITS = "SELECT id, state FROM deposit"
REVISITS = "SELECT order_id FROM revisit"
SURVEYS = "SELECT order_id FROM survey"
MESSAGES = """
    SELECT id, route, event_id, coalesce(staff_number, customer_id::text, role, 'the customer'), level, state
    FROM message
"""
ESCALATIONS = "SELECT id, event_id, level FROM escalation"


class NotWhole(AssertionError):
    """The books do not agree after the time that they had; the message holds the first violations."""


async def converge(suite: Suite, *, acknowledged: Collection[UUID]) -> Books:
    """The books once no invariant is violated. Raises `NotWhole` where nothing gets better for too long."""
    found = ["nothing was read yet"]
    least, clock = 0, asyncio.get_running_loop().time
    until = clock() + PATIENCE_SECONDS
    while clock() < until:
        books = await read_books(suite)
        found = violations(books, acknowledged=acknowledged)
        if not found and await _nothing_taken(suite):
            return books
        if not least or len(found) < least:
            least, until = len(found), clock() + PATIENCE_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
    raise NotWhole(f"{len(found)} violations: " + "\n".join(found[:SHOWN_AT_MOST]))


async def read_books(suite: Suite) -> Books:
    """Everything that the invariants speak of."""
    async with AsyncExitStack() as stack:
        shelves: dict[str, Shelf] = {}
        for service in SERVICES:
            connection = await asyncpg.connect(suite.database_url(service))
            stack.push_async_callback(connection.close)
            shelves[service] = Shelf(connection)
        return await _read(suite, shelves=shelves)


@dataclass(frozen=True)
class Shelf:
    """The database of one service."""

    connection: asyncpg.Connection

    async def each[Row](self, query: str, kind: type[Row]) -> tuple[Row, ...]:
        """Every row that the query finds, in the order of the kind's fields."""
        return tuple([kind(*row) for row in await self.connection.fetch(query)])

    async def ids(self, query: str) -> tuple[UUID, ...]:
        """Every id that the query finds."""
        return tuple([row[0] for row in await self.connection.fetch(query)])

    async def said(self, service: str) -> tuple[Said, ...]:
        """Everything in the outbox."""
        rows = await self.connection.fetch("SELECT event_id, type, subject, sequence, body, sent_at FROM outbox")
        return tuple(
            Said(
                event_id=row["event_id"],
                service=service,
                type=row["type"],
                subject=row["subject"],
                sequence=row["sequence"],
                body=json.loads(row["body"]),
                sent=row["sent_at"] is not None,
            )
            for row in rows
        )

    async def heard(self) -> tuple[Heard, ...]:
        """Everything in the inbox."""
        return await self.each("SELECT consumer, event_id FROM inbox", Heard)


async def _read(suite: Suite, *, shelves: Mapping[str, Shelf]) -> Books:
    intake, dispatch, parts, feedback, notifier = (shelves[service] for service in SERVICES)
    return Books(
        cases=await intake.each(CASES, Stands),
        told=await intake.each(STORY, Told),
        orders=await dispatch.each(ORDERS, Order),
        offers=await dispatch.ids(OFFERS),
        offer_deadlines=await dispatch.ids(OFFER_DEADLINES),
        asked=await dispatch.ids(REQUESTS),
        requests=await parts.ids(REQUESTS),
        lines=await parts.each(LINES, Line),
        stock=await parts.each(STOCK, Pieces),
        movements=await parts.each(MOVEMENTS, Pieces),
        deposits=await parts.each(DEPOSITS, Deposit),
        revisits=await feedback.ids(REVISITS),
        surveys=await feedback.ids(SURVEYS),
        messages=await notifier.each(MESSAGES, Message),
        escalations=await notifier.each(ESCALATIONS, Climb),
        mails=tuple(UUID(mail.message_id.strip("<>").partition("@")[0]) for mail in suite.mails.mails),
        said=tuple([event for name, shelf in shelves.items() for event in await shelf.said(name)]),
        heard=tuple([row for shelf in shelves.values() for row in await shelf.heard()]),
        queues=await _queues(suite.broker_url),
    )


async def _queues(broker_url: str) -> dict[str, int]:
    """Messages that wait in each queue of a handler, in those of its retries and of its dead letters."""
    async with passing_connection(broker_url, name="tests") as connection:
        return {
            name: await count_messages(connection, queue=name)
            for service in SUBSCRIPTIONS
            for queue in CATALOGUE_TOPOLOGY.queues(service)
            for name in (queue.name, queue.retry, queue.dead)
        }


async def unconsumed(broker_url: str) -> list[str]:
    """The queues of handlers that nobody consumes, and those that are not there."""
    async with passing_connection(broker_url, name="tests") as connection:
        names = [queue.name for service in SUBSCRIPTIONS for queue in CATALOGUE_TOPOLOGY.queues(service)]
        return [name for name in names if not await _is_consumed(connection, queue=name)]


async def _is_consumed(connection: AbstractConnection, *, queue: str) -> bool:
    try:
        async with connection.channel(publisher_confirms=False) as channel:
            found = await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        return False
    return bool(found.declaration_result.consumer_count)


async def _nothing_taken(suite: Suite) -> bool:
    """Whether no consumer holds a message that it has not acknowledged; the broker counts these every five seconds."""
    vhost = suite.broker_url.rpartition("/")[2]
    answer = await asyncio.to_thread(suite.rabbitmq.management.get, f"/api/queues/{vhost}")
    return all(queue.get("messages_unacknowledged", 0) == 0 for queue in answer.raise_for_status().json())
