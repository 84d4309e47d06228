"""For how long the outbox and the inbox remember an event, and forgetting it afterwards.

Ages are real time, which an event's id (uuid7) carries: a test clock that jumps a year ahead makes no event old, so
nothing is forgotten that may still be delivered. Saying an event again makes it no younger, so that no inbox has
forgotten what an outbox can still say again. When the inbox handled an event is business time and has to be long ago,
too. How far each has forgotten is noted in the same transaction, for the invariants, which judge what came after it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.messaging.tables import DeliveryTables
from shared.messaging.unit_of_work import UnitOfWork
from shared.retention import Forget

FORGOTTEN_AT_ONCE = 1000
CLOCKS_DIFFER = timedelta(hours=1)
"""The inbox keeps rows for so much longer than it answers for them, for the clocks of two machines may differ."""
VERSION_WITH_TIME = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """How long one service remembers: events that it sent, and which events it had its effects of."""

    outbox: timedelta
    inbox: timedelta

    def may_have_forgotten(self, event_id: UUID, *, now: datetime) -> bool:
        """Whether the inbox no longer answers for this event: not knowing it does not mean that it is new.

        `now` is real time. An id that tells no time is a mistake of its sender, and counts as new.
        """
        said_at = said_at_of(event_id)
        return said_at is not None and said_at <= now - self.inbox


def said_at_of(event_id: UUID) -> datetime | None:
    """The real instant at which the event was said, to the millisecond; None where its id holds none."""
    if event_id.version != VERSION_WITH_TIME:
        return None
    return datetime.fromtimestamp((event_id.int >> 80) / 1000, tz=UTC)


def forget_sent(tables: DeliveryTables, *, memory: Memory) -> Forget:
    """Deletes events that were said longer ago than `memory.outbox`; what was not sent is never deleted."""
    outbox = tables.outbox

    async def forget(work: UnitOfWork) -> int:
        old = (
            select(outbox.c.position)
            .where(_said_before(outbox.c.event_id, age=memory.outbox), outbox.c.sent_at.is_not(None))
            .order_by(outbox.c.event_id)
            .limit(FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        gone = await work.session.scalars(delete(outbox).where(outbox.c.position.in_(old)).returning(outbox.c.event_id))
        return await _note(gone.all(), place=outbox, work=work, tables=tables)

    return forget


def forget_heard(tables: DeliveryTables, *, memory: Memory) -> Forget:
    """Deletes what the inbox knows of events that were said and handled longer ago than `memory.inbox`."""
    inbox = tables.inbox
    kept = memory.inbox + CLOCKS_DIFFER

    async def forget(work: UnitOfWork) -> int:
        async for consumer in _consumers(work.session, tables=tables):
            old = (
                select(inbox.c.consumer, inbox.c.event_id)
                .where(inbox.c.consumer == consumer, _said_before(inbox.c.event_id, age=kept))
                .where(inbox.c.handled_at <= work.now - kept)
                .order_by(inbox.c.event_id)
                .limit(FORGOTTEN_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            gone = await work.session.scalars(
                delete(inbox).where(tuple_(inbox.c.consumer, inbox.c.event_id).in_(old)).returning(inbox.c.event_id)
            )
            if count := await _note(gone.all(), place=inbox, work=work, tables=tables):
                return count
        return 0

    return forget


async def _note(gone: Sequence[UUID], *, place: Table, work: UnitOfWork, tables: DeliveryTables) -> int:
    """That these events are gone from `place`; how many they are."""
    if gone:
        noted = insert(tables.forgotten).values(place=place.name, last_event_id=max(gone))
        further = func.greatest(tables.forgotten.c.last_event_id, noted.excluded.last_event_id)
        await work.session.execute(
            noted.on_conflict_do_update(index_elements=["place"], set_={"last_event_id": further})
        )
    return len(gone)


async def _consumers(session: AsyncSession, *, tables: DeliveryTables) -> AsyncIterator[str]:
    """Everybody who heard anything, from the primary key, so that a large inbox is never read through."""
    consumer = tables.inbox.c.consumer
    following: str | None = ""
    while following is not None:
        following = await session.scalar(select(func.min(consumer)).where(consumer > following))
        if following is not None:
            yield following


def _said_before(event_id: ColumnElement[UUID], *, age: timedelta) -> ColumnElement[bool]:
    """Ids sort by the instant that they carry."""
    milliseconds = int((datetime.now(UTC) - age).timestamp() * 1000)
    return event_id < UUID(int=milliseconds << 80)
