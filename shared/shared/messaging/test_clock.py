"""The test clock seen from outside: where it stands, when something happens next, and whether anything is under way.

Moving a suite is a helper's work, in small steps: wait until `under_way` of all statuses is empty, move every service
to `next_stop`, and so on until the target. So that nothing is skipped, no step goes past the next deadline.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import JSON, Label, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import Subscriptions, queue_name
from shared.time_source import MovableTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStatus:
    """One service. `said` counts its events by type, `heard` the events handled by queue and type (`queue type`).

    `waiting` counts what waits for each companion of the service, by its name.
    """

    now: datetime
    next_due: datetime | None
    pending_events: int
    overdue_deadlines: int
    said: Mapping[str, int]
    heard: Mapping[str, int]
    waiting: Mapping[str, int] = field(default_factory=dict)


type Counts = Mapping[str, int] | None

type Waiting = Callable[[AsyncSession], Awaitable[Mapping[str, int]]]
"""Asks, in the snapshot of a session, what waits for each companion."""


async def nothing_waits(_session: AsyncSession) -> Mapping[str, int]:
    """Where a service has no companions."""
    return {}


class TestClock:
    """What the endpoint of one service offers; there is none unless a setting enables the test clock."""

    __test__ = False  # not a test, for pytest

    def __init__(
        self, time: MovableTime, *, database: Database, tables: DeliveryTables, waiting: Waiting = nothing_waits
    ) -> None:
        self._time = time
        self._waiting = waiting
        self._database = database
        self._tables = tables

    async def status(self) -> ClockStatus:
        """Where the service stands, in one consistent look."""
        async with self._database.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await self._time.catch_up(session)
            now = self._time.now()
            seen = (await session.execute(self._look(now))).one()
            return ClockStatus(
                now=now,
                next_due=seen.next_due,
                pending_events=seen.pending_events,
                overdue_deadlines=seen.overdue_deadlines,
                said=seen.said or {},
                heard=seen.heard or {},
                waiting=await self._waiting(session),
            )

    def _look(self, now: datetime) -> Select[int, int, datetime, Counts, Counts]:
        """Everything in one statement: whoever waits for a suite to come to rest asks often."""
        outbox, inbox, deadline = self._tables.outbox, self._tables.inbox, self._tables.deadline
        said = select(outbox.c.type, func.count().label("events")).group_by(outbox.c.type).subquery()
        heard = select(inbox.c.consumer, inbox.c.type, func.count().label("events")).group_by(
            inbox.c.consumer, inbox.c.type
        )
        by_handler = heard.subquery()
        handler = by_handler.c.consumer.concat(" ").concat(by_handler.c.type)
        return select(
            _one(select(func.count()).where(outbox.c.sent_at.is_(None)), name="pending_events"),
            _one(select(func.count()).where(deadline.c.next_try <= now), name="overdue_deadlines"),
            _one(select(func.min(deadline.c.next_try)).where(deadline.c.next_try > now), name="next_due"),
            _one(select(func.json_object_agg(said.c.type, said.c.events, type_=JSON)), name="said"),
            _one(select(func.json_object_agg(handler, by_handler.c.events, type_=JSON)), name="heard"),
        )

    async def advance_to(self, moment: datetime) -> ClockStatus:
        """Move all processes of the service to `moment`; what became due fires at once.

        Raises `ClockWouldGoBack` where the clock is past it.
        """
        async with self._database.sessions() as session, session.begin():
            await self._time.advance_to(moment, session=session)
        return await self.status()


def _one[T](look: Select[T], *, name: str) -> Label[T]:
    return look.scalar_subquery().label(name)


def under_way(statuses: Mapping[str, ClockStatus], *, subscriptions: Subscriptions) -> list[str]:
    """What still has to happen before the clocks may move, in words; empty when the suite is at rest."""
    waits = []
    for service, status in statuses.items():
        if status.pending_events:
            waits.append(f"{service}: {status.pending_events} events not sent")
        if status.overdue_deadlines:
            waits.append(f"{service}: {status.overdue_deadlines} deadlines not fired")
        waits += [f"{service}: {count} wait for its {name}" for name, count in status.waiting.items() if count]
        for event in subscriptions.get(service, ()):
            publisher = statuses.get(event.TYPE.partition(".")[0])
            said = publisher.said.get(event.TYPE, 0) if publisher else 0
            heard = status.heard.get(f"{queue_name(event, service=service)} {event.TYPE}", 0)
            if heard < said:
                waits.append(f"{service}: heard {heard} of {said} {event.TYPE}")
    return waits


def next_stop(statuses: Mapping[str, ClockStatus], *, target: datetime) -> datetime:
    """How far all clocks may move in one step: to the first deadline of any service, at most to `target`."""
    return min([target, *(status.next_due for status in statuses.values() if status.next_due is not None)])
