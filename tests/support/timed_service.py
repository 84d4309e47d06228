"""A tiny service that runs clocks on a real database, with a test clock that is moved by hand."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData, func, select

from shared.actor import Actor
from shared.clocks.explanation import ClockExplanation
from shared.clocks.keeping import CLOCK_DEADLINE, Announcement, Clocks
from shared.clocks.tables import clock_tables
from shared.clocks.terms import BREACH, ClockPolicy, RequiredBy
from shared.contracts.intake import ClockBreached, ClockWarned
from shared.database import Database, database
from shared.messaging.deadlines import DeadlineLoop, Deadlines
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.tables import delivery_tables
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works
from shared.time_source import MovableTime
from shared.working_time import Calendar

AGENT = Cause(actor=Actor(kind="person", id="agent", role="agent"))

metadata = MetaData()
delivery = delivery_tables(metadata)
clock_rows = clock_tables(metadata)


class TimedService:
    """One service with clocks; `case_id` is the subject that most tests talk about."""

    def __init__(self, url: str, *, calendars: Mapping[str, Calendar], promise: ClockPolicy | RequiredBy) -> None:
        self.database: Database = database(url, service="timed")
        self.time = MovableTime(delivery.test_clock)
        self.works = Works(
            self.database.sessions, tables=delivery, time=self.time, policy_version="test", wake=lambda: None
        )
        self.clocks = Clocks(clock_rows, calendars=calendars, policy_version="test", announce=self._announce)
        self.promise = promise
        self.broke = asyncio.Event()
        self.case_id = uuid4()
        deadlines = Deadlines()
        deadlines.on(CLOCK_DEADLINE, self.clocks.fire)
        self.loop = DeadlineLoop(
            service="timed",
            database=self.database,
            tables=delivery,
            works=self.works,
            time_source=self.time,
            deadlines=deadlines,
            metrics=DeliveryMetrics(CollectorRegistry(), service="timed"),
        )

    async def _announce(self, announcement: Announcement, work: UnitOfWork) -> None:
        """What intake would say, for a case whose number is always the same."""
        case_id, clock = announcement.subject_id, announcement.clock
        if announcement.mark == BREACH:
            self.broke.set()
            work.publish(ClockBreached(case_id=case_id, case_number="C-1", clock=clock))
        else:
            work.publish(ClockWarned(case_id=case_id, case_number="C-1", mark=str(announcement.mark), clock=clock))

    async def create_tables(self) -> None:
        async with self.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)

    async def at(self, moment: datetime) -> None:
        """Move the clock to a moment and fire what became due by then."""
        async with self.database.sessions() as session, session.begin():
            await self.time.advance_to(moment, session=session)
        await self.loop.fire_due()

    async def start(self, at: datetime) -> UUID:
        async with self.works.begin(AGENT) as work:
            clock_id = await self.clocks.start(
                work, name="arrival", subject_id=self.case_id, at=at, promise=self.promise, reason="call"
            )
            await work.commit()
        return clock_id

    async def enter(self, kind: Literal["pause", "resume"], at: datetime, *, ref: str = "hold-1") -> UUID:
        verb = self.clocks.pause if kind == "pause" else self.clocks.resume
        async with self.works.begin(AGENT) as work:
            clock_id = await verb(work, name="arrival", subject_id=self.case_id, at=at, ref=ref, reason="customer")
            await work.commit()
        return clock_id

    async def stop(self, at: datetime) -> UUID:
        async with self.works.begin(AGENT) as work:
            clock_id = await self.clocks.stop(work, name="arrival", subject_id=self.case_id, at=at, reason="arrived")
            await work.commit()
        return clock_id

    async def said(self) -> list[str]:
        """What was published, in order: the mark, or `breach`."""
        return [str(body.get("mark", "breach")) for body in await self.bodies()]

    async def bodies(self) -> list[dict[str, object]]:
        async with self.database.sessions() as session:
            rows = await session.scalars(select(delivery.outbox.c.body).order_by(delivery.outbox.c.position))
            return [json.loads(body) for body in rows]

    async def deadlines(self) -> list[datetime]:
        async with self.database.sessions() as session:
            return list(await session.scalars(select(delivery.deadline.c.due)))

    async def explained(self, clock_id: UUID) -> ClockExplanation:
        async with self.database.sessions() as session:
            told = await self.clocks.explain(session, clock_id=clock_id, at=self.time.now())
        assert told is not None
        return told

    async def rows(self) -> int:
        async with self.database.sessions() as session:
            return await session.scalar(select(func.count()).select_from(clock_rows.clock_entry)) or 0
