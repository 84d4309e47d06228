"""Saying again what was sent: for a broker that lost its disk, and for a service that lost its database.

Rows that were sent in a span become pending again, a window of positions after the other, and the relay sends them as
it sends everything: in their order, confirmed, one relay at a time. A window is begun when the one before was
confirmed, so that what is said meanwhile waits for one window at most. Inboxes know what they had their effects of.

What was said again was sent after the span. So a run that died is done again over the same span, and goes on.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from shared.database import Database
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.messaging.tables import DeliveryTables
from shared.time_source import TimeSource

SAID_AT_ONCE = 500
"""Positions in a window; the number of events in it is smaller where some were rolled back or forgotten."""
LOOKED_AT_AT_ONCE = 100_000
LOOK_SECONDS = 0.1
STALLED_SECONDS = 60.0


class Stalled(Exception):
    """For a minute the broker took none of the events that wait; they go out by themselves once it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Events that the broker confirmed from `since` on and before `until`, in business time; all types, or these."""

    since: datetime
    until: datetime
    types: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """What waits, with the age of the oldest in seconds; what is kept of what was sent, and when the last was sent."""

    pending: int
    oldest_pending_seconds: float
    sent_kept: int
    sent_kept_since: datetime | None
    last_sent_at: datetime | None


class Republishing:
    """The outbox of one service as an operator sees it. The relay in here is one more replica of the service's."""

    def __init__(
        self,
        *,
        database: Database,
        tables: DeliveryTables,
        time_source: TimeSource,
        relay: Relay,
        publishing: Publishing,
    ) -> None:
        self._database = database
        self._outbox = tables.outbox
        self._time = time_source
        self._relay = relay
        self._publishing = publishing

    async def now(self) -> datetime:
        """Business time, which is what rows were marked with when they were sent."""
        async with self._database.sessions() as session:
            await self._time.catch_up(session)
        return self._time.now()

    async def status(self) -> OutboxStatus:
        """What waits and what is kept."""
        outbox, now = self._outbox, await self.now()
        waiting = select(func.count(), func.min(outbox.c.time)).where(outbox.c.sent_at.is_(None))
        async with self._database.sessions() as session:
            pending, oldest = (await session.execute(waiting)).one()
        kept = 0
        instants: list[datetime] = []
        async for window in self._windows(LOOKED_AT_AT_ONCE):
            sent = select(func.count(outbox.c.sent_at), func.min(outbox.c.sent_at), func.max(outbox.c.sent_at))
            async with self._database.sessions() as session:
                count, first, last = (await session.execute(sent.where(window))).one()
            if count:
                kept, instants = kept + count, [*instants, first, last]
        return OutboxStatus(
            pending=pending,
            oldest_pending_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
            sent_kept=kept,
            sent_kept_since=min(instants, default=None),
            last_sent_at=max(instants, default=None),
        )

    async def count(self, span: Span) -> Mapping[str, int]:
        """How many events of each type the span holds."""
        found: Counter[str] = Counter()
        async for window in self._windows(LOOKED_AT_AT_ONCE):
            each = select(self._outbox.c.type, func.count()).where(window, *self._within(span))
            async with self._database.sessions() as session:
                for type_, count in await session.execute(each.group_by(self._outbox.c.type)):
                    found[type_] += count
        return dict(found)

    async def say_again(self, span: Span) -> AsyncIterator[int]:
        """Say all of the span again; after each window, how many of it the broker confirmed.

        Raises `BrokerIsAway`, and `Stalled` where it refuses. What was begun then stays pending, for the next relay.
        """
        try:
            async for window in self._windows(SAID_AT_ONCE):
                positions = await self._make_pending(span, window=window)
                await self._until_sent(positions)
                yield len(positions)
        finally:
            await self._publishing.close()

    async def _make_pending(self, span: Span, *, window: ColumnElement[bool]) -> Sequence[int]:
        again = update(self._outbox).where(window, *self._within(span)).values(sent_at=None)
        async with self._database.sessions() as session, session.begin():
            return (await session.scalars(again.returning(self._outbox.c.position))).all()

    async def _until_sent(self, positions: Sequence[int]) -> None:
        waiting, moved_at = len(positions), time.monotonic()
        while waiting:
            await self._relay.relay_once()  # another relay may be at it instead
            still = await self._pending(positions)
            if still < waiting:
                waiting, moved_at = still, time.monotonic()
            elif time.monotonic() - moved_at > STALLED_SECONDS:
                raise Stalled(f"the broker takes none of {waiting} events; they go out by themselves once it does")
            else:
                await asyncio.sleep(LOOK_SECONDS)

    async def _pending(self, positions: Sequence[int]) -> int:
        outbox = self._outbox
        of_these = select(func.count()).where(outbox.c.position.in_(positions), outbox.c.sent_at.is_(None))
        async with self._database.sessions() as session:
            return await session.scalar(of_these) or 0

    async def _windows(self, size: int) -> AsyncIterator[ColumnElement[bool]]:
        """The whole outbox in the order of its positions, so that no statement reads more than `size` rows."""
        position = self._outbox.c.position
        async with self._database.sessions() as session:
            first, last = (await session.execute(select(func.min(position), func.max(position)))).one()
        if first is not None:
            for start in range(first, last + 1, size):
                yield (position >= start) & (position < start + size)

    def _within(self, span: Span) -> Sequence[ColumnElement[bool]]:
        sent_at = self._outbox.c.sent_at
        chosen = [self._outbox.c.type.in_(span.types)] if span.types else []
        return (sent_at >= span.since, sent_at < span.until, *chosen)
