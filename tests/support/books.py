"""Reading the books of a running suite: both databases, and what lies in the queues."""

import asyncio
import json
from collections.abc import Collection
from uuid import UUID

import asyncpg

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.broker import passing_connection
from shared.messaging.gauges import count_messages
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from support.invariants import Books, Heard, Said, Stands, Told, violations
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import Suite

LOOK_SECONDS = 1.0
SHOWN_AT_MOST = 12


class NotWhole(AssertionError):
    """The books do not agree after the time that they had; the message holds the first violations."""


async def converge(suite: Suite, *, acknowledged: Collection[UUID]) -> Books:
    """The books once no invariant is violated. Raises `NotWhole` where that does not happen."""
    found: list[str] = ["nothing was read yet"]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                books = await read_books(suite)
                found = violations(books, acknowledged=acknowledged)
                if not found and await _nothing_taken(suite):
                    return books
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise NotWhole(f"{len(found)} violations: " + "\n".join(found[:SHOWN_AT_MOST])) from None


async def read_books(suite: Suite) -> Books:
    """Everything that the invariants speak of."""
    intake = await asyncpg.connect(suite.database_url("intake"))
    dispatch = await asyncpg.connect(suite.database_url("dispatch"))
    try:
        return Books(
            cases=tuple(Stands(*row) for row in await intake.fetch("SELECT id, state FROM repair_case")),
            orders=tuple(Stands(*row) for row in await dispatch.fetch("SELECT case_id, state FROM work_order")),
            said=(*await _said(intake, service="intake"), *await _said(dispatch, service="dispatch")),
            heard=(*await _heard(intake), *await _heard(dispatch)),
            told=tuple(Told(*row) for row in await intake.fetch("SELECT case_id, event_id FROM story")),
            offers=tuple(row[0] for row in await dispatch.fetch("SELECT id FROM offer WHERE state = 'pending'")),
            offer_deadlines=tuple(
                UUID(row[0])
                for row in await dispatch.fetch("SELECT data ->> 'offer_id' FROM deadline WHERE kind = 'offer'")
            ),
            queues=await _queues(suite.broker_url),
        )
    finally:
        await intake.close()
        await dispatch.close()


async def _said(connection: asyncpg.Connection, *, service: str) -> list[Said]:
    rows = await connection.fetch("SELECT event_id, type, subject, sequence, body, sent_at FROM outbox")
    return [
        Said(
            event_id=row["event_id"],
            service=service,
            type=row["type"],
            subject=row["subject"],
            sequence=row["sequence"],
            case_id=UUID(case) if (case := json.loads(row["body"]).get("case_id")) else None,
            sent=row["sent_at"] is not None,
        )
        for row in rows
    ]


async def _heard(connection: asyncpg.Connection) -> list[Heard]:
    return [Heard(*row) for row in await connection.fetch("SELECT consumer, event_id FROM inbox")]


async def _queues(broker_url: str) -> dict[str, int]:
    """Messages that wait in each queue of a handler, in those of its retries and of its dead letters."""
    async with passing_connection(broker_url, name="tests") as connection:
        return {
            name: await count_messages(connection, queue=name)
            for service in SUBSCRIPTIONS
            for queue in CATALOGUE_TOPOLOGY.queues(service)
            for name in (queue.name, queue.retry, queue.dead)
        }


async def _nothing_taken(suite: Suite) -> bool:
    """Whether no consumer holds a message that it has not acknowledged; the broker counts these every five seconds."""
    vhost = suite.broker_url.rpartition("/")[2]
    answer = await asyncio.to_thread(suite.rabbitmq.management.get, f"/api/queues/{vhost}")
    return all(queue.get("messages_unacknowledged", 0) == 0 for queue in answer.raise_for_status().json())
