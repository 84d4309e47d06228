"""Reading the books: every database, what lies in the queues, and the mails that came."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.database import REFUSED_STATES
from shared.messaging.broker import passing_connection
from shared.messaging.gauges import count_messages
from shared.messaging.topology import CATALOGUE_TOPOLOGY, UNROUTED
from testkit.checker import tables
from testkit.checker.books import (
    Books,
    Call,
    Case,
    Climb,
    Deadline,
    Deposit,
    Heard,
    Line,
    Link,
    Message,
    Order,
    Pieces,
    Said,
    Told,
    Visit,
)
from testkit.checker.violations import EVERYTHING
from testkit.suite import SERVICES


class LibraryClosed(Exception):
    """The database of a service is there and lets nobody in who comes as its URL says; the text is the server's."""

    def __init__(self, service: str, *, says: str) -> None:
        super().__init__(f"the database says {says}")
        self.service = service


@dataclass(frozen=True, kw_only=True)
class Library:
    """Where the books are: a database URL for each service, and the broker."""

    databases: Mapping[str, str]
    broker_url: str

    async def read(
        self, *, mails: Collection[UUID] | None, since: UUID = EVERYTHING, wire: Iterable[UUID] = ()
    ) -> Books:
        """Everything that the invariants speak of, of what was made since a uuid7. Raises `LibraryClosed`.

        `mails` are the ids of the messages that came, where somebody watched the post; `wire` those of the events that
        were overheard, in order.
        """
        async with AsyncExitStack() as stack:
            shelves: dict[str, Shelf] = {}
            for service in SERVICES:
                connection = await _enter(self.databases[service], service=service)
                stack.push_async_callback(connection.close)
                shelves[service] = Shelf(service, connection, since)
            return await self._read(shelves, mails=mails, wire=wire)

    async def _read(
        self, shelves: Mapping[str, "Shelf"], *, mails: Collection[UUID] | None, wire: Iterable[UUID]
    ) -> Books:
        intake, dispatch, parts, feedback, notifier = (shelves[service] for service in SERVICES)
        every = tuple(shelves.values())
        return Books(
            cases=await intake.each(tables.CASES, Case),
            calls=await intake.each(tables.CALLS, Call),
            owned=await _owned(shelves),
            told=await intake.each(tables.STORY, Told),
            orders=await dispatch.each(tables.ORDERS, Order),
            visits=await dispatch.each(tables.VISITS, Visit),
            offers=await dispatch.ids(tables.OFFERS),
            called_off=await dispatch.ids(tables.CALLED_OFF),
            asked=await dispatch.ids(tables.REQUESTS),
            requests=await parts.ids(tables.REQUESTS),
            lines=await parts.each(tables.LINES, Line),
            stock=await parts.each(tables.STOCK, Pieces),
            movements=await parts.each(tables.MOVEMENTS, Pieces),
            deposits=await parts.each(tables.DEPOSITS, Deposit),
            revisits=await feedback.ids(tables.REVISITS),
            surveys=await feedback.ids(tables.SURVEYS),
            ended=await feedback.ids(tables.ENDED),
            messages=await notifier.each(tables.MESSAGES, Message),
            escalations=await notifier.each(tables.ESCALATIONS, Climb),
            mails=None if mails is None else tuple(mails),
            said=tuple([event for shelf in every for event in await shelf.said()]),
            heard=tuple([row for shelf in every for row in await shelf.each(tables.HEARD, Heard)]),
            deadlines=tuple([row for shelf in every for row in await shelf.each(tables.DEADLINES, Deadline)]),
            chain=tuple([link for shelf in every for link in await shelf.chain()]),
            unchained=tuple([entry for shelf in every for entry in await shelf.ids(tables.UNCHAINED)]),
            guards=frozenset([guard for shelf in every for guard in await shelf.guards()]),
            queues=await self._queues(),
            wire=tuple(wire),
        )

    async def _queues(self) -> dict[str, int]:
        """Messages that wait in each queue of a handler, in those of its retries, among dead letters and unrouted."""
        async with passing_connection(self.broker_url, name="checker") as connection:
            names = [
                name
                for service in SUBSCRIPTIONS
                for queue in CATALOGUE_TOPOLOGY.queues(service)
                for name in (queue.name, queue.retry, queue.dead)
            ]
            return {name: await count_messages(connection, queue=name) for name in (*names, UNROUTED)}


@dataclass(frozen=True)
class Shelf:
    """The database of one service, from an id on."""

    service: str
    connection: asyncpg.Connection
    since: UUID

    async def each[Row](self, query: str, kind: type[Row]) -> tuple[Row, ...]:
        """Every row that the query finds, in the order of the kind's fields."""
        return tuple([kind(*row) for row in await self.connection.fetch(query, self.since)])

    async def ids(self, query: str) -> tuple[UUID, ...]:
        """Every id that the query finds."""
        return tuple([row[0] for row in await self.connection.fetch(query, self.since)])

    async def said(self) -> tuple[Said, ...]:
        """Everything in the outbox."""
        return tuple(
            Said(
                event_id=row["event_id"],
                service=self.service,
                type=row["type"],
                subject=row["subject"],
                sequence=row["sequence"],
                position=row["position"],
                causation_id=row["causation_id"],
                body=json.loads(row["body"]),
                sent=row["sent_at"] is not None,
            )
            for row in await self.connection.fetch(tables.SAID, self.since)
        )

    async def chain(self) -> tuple[Link, ...]:
        """The audit log's chain, whole: a part of it proves nothing."""
        return tuple(
            Link(self.service, row["link_position"], row["link_hash"], _entry(row))
            for row in await self.connection.fetch(tables.CHAIN, self.since)
        )

    async def guards(self) -> tuple[tuple[str, str], ...]:
        """Triggers and constraints of the service's own, by table and name."""
        return tuple((self.service, row[0]) for row in await self.connection.fetch(tables.GUARDS, self.since))


async def _enter(url: str, *, service: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url)
    except asyncpg.PostgresError as error:
        if str(error.sqlstate).startswith(REFUSED_STATES):
            raise LibraryClosed(service, says=f"{error} (SQLSTATE {error.sqlstate})") from error
        raise


def _entry(row: asyncpg.Record) -> dict[str, object] | None:
    return None if row["id"] is None else {**row, "details": json.loads(row["details"])}


async def _owned(shelves: Mapping[str, Shelf]) -> Mapping[str, frozenset[UUID]]:
    found: dict[str, set[UUID]] = defaultdict(set)
    for what, places in tables.OWNERS.items():
        for service, table in places:
            found[what].update(await shelves[service].ids(tables.owned(table)))
    return {what: frozenset(ids) for what, ids in found.items()}
