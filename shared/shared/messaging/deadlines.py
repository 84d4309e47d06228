"""What has to happen at a time: fired within a second of it, in a transaction of its own, by any replica, once.

A deadline is claimed by an advisory lock on its key and its row deleted last, after its handler has locked the business
rows that it needs: the same order in which use cases cancel deadlines, so that the two never deadlock. A deadline that
fires although it became obsolete is harmless, for the handler decides again. One whose handler fails is kept, and
tried again later and later; the others are not held up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy import ColumnElement, Row, Select, Table, and_, bindparam, delete, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from shared.actor import Actor
from shared.database import Database, is_outage
from shared.failpoints import reach
from shared.messaging.broker import reconnect_pause
from shared.messaging.failures import describe
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.tables import DeliveryTables
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works
from shared.messaging.waiting import wait_for
from shared.observability.tracing import Tracing, mark_failed, tracing_to
from shared.time_source import TimeSource

BATCH = 100
AT_ONCE = 3
POLL_SECONDS = 0.5
MINIMUM_PAUSE = 0.02
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('deadline/' || :key, 0))")

log = structlog.get_logger(__name__)

type _Row = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredDeadline:
    """What a handler is told: the deadline as it was set. `due` may lie further back after an outage."""

    key: str
    kind: str
    due: datetime
    data: Mapping[str, str]


type DeadlineHandler = Callable[[FiredDeadline, UnitOfWork], Awaitable[None]]


class UnknownDeadline(LookupError):
    """No handler for this kind in this build; it is kept until a build that has one comes."""


class Deadlines:
    """The handlers by kind. Filled in `app.py`."""

    def __init__(self) -> None:
        self._handlers: dict[str, DeadlineHandler] = {}

    def on(self, kind: str, handler: DeadlineHandler) -> None:
        """Have `handler` called for deadlines of `kind`, inside a unit of work that is committed for it."""
        self._handlers[kind] = handler

    async def handle(self, deadline: FiredDeadline, *, work: UnitOfWork) -> None:
        """Call the handler of its kind. Raises `UnknownDeadline`."""
        handler = self._handlers.get(deadline.kind)
        if handler is None:
            raise UnknownDeadline(f"no handler for deadlines of kind {deadline.kind}")
        await handler(deadline, work)


class DeadlineLoop:
    """Fires one service's deadlines."""

    def __init__(
        self,
        *,
        service: str,
        database: Database,
        tables: DeliveryTables,
        works: Works,
        time_source: TimeSource,
        deadlines: Deadlines,
        metrics: DeliveryMetrics,
        tracing: Tracing | None = None,
    ) -> None:
        self._service = service
        self._database = database
        self._table = tables.deadline
        self._looking = _looking(tables.deadline)
        self._works = works
        self._time = time_source
        self._deadlines = deadlines
        self._tracing = tracing or tracing_to(None, service=service)
        self._metrics = metrics
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Fire until `stopping` is set; what has begun is finished. Outages of the database are waited out."""
        while not stopping.is_set():
            try:
                pause = await self.fire_due()
            except Exception as error:  # the edge: an outage is waited out, anything else is raised again
                if not is_outage(error):
                    raise
                log.warning("deadlines wait for the database", service=self._service, error=type(error).__name__)
                pause = reconnect_pause()
            await wait_for(stopping, at_most=pause)

    async def fire_due(self) -> float:
        """Fire what is due; seconds until it is worth looking again. Raises what the database raises in an outage."""
        async with self._database.looks() as session:
            await self._time.catch_up(session)
            now = self._time.now()
            seen = (await session.execute(self._looking, {"now": now})).all()
        due = [row for row in seen if row.next_try <= now]
        await asyncio.gather(*(self._fire_in_turn(row) for row in due))
        if len(due) == BATCH:
            return MINIMUM_PAUSE
        until_next = (seen[len(due)].next_try - now).total_seconds() if seen[len(due) :] else POLL_SECONDS
        return max(MINIMUM_PAUSE, min(POLL_SECONDS, until_next))

    async def _fire_in_turn(self, seen: _Row) -> None:
        attributes = {"aftersales.correlation_id": str(seen.correlation_id)} if seen.correlation_id else {}
        async with self._room:
            with self._tracing.span(
                f"deadline {seen.kind}", kind=SpanKind.INTERNAL, parent=seen.traceparent, attributes=attributes
            ):
                try:
                    await self._fire(seen)
                except Exception as error:  # noqa: BLE001 - the edge: whatever a handler raises ends here
                    mark_failed(type(error).__qualname__)
                    await self._keep(seen, error=error)

    async def _fire(self, seen: _Row) -> None:
        actor = Actor(kind="system", id=self._service, role="deadline")
        async with self._works.begin(Cause(actor=actor, correlation_id=seen.correlation_id)) as work:
            row = await self._claim(seen, work=work)
            if row is None:
                return
            self._metrics.clock_lateness.observe(max(0.0, (work.now - row.due).total_seconds()))
            deadline = FiredDeadline(key=row.key, kind=row.kind, due=row.due, data=row.data)
            await self._deadlines.handle(deadline, work=work)
            await work.session.flush()
            await work.session.execute(delete(self._table).where(self._unchanged(row)))
            reach("deadline.before_commit")
            await work.commit()

    async def _claim(self, seen: _Row, *, work: UnitOfWork) -> _Row | None:
        """The row as it stands now, or None where another replica has it or it was moved or cancelled."""
        if not await work.session.scalar(TRY_LOCK, {"key": seen.key}):
            return None
        return (await work.session.execute(select(self._table).where(self._unchanged(seen)))).one_or_none()

    def _unchanged(self, seen: _Row) -> ColumnElement[bool]:
        return and_(self._table.c.key == seen.key, self._table.c.next_try == seen.next_try)

    async def _keep(self, seen: _Row, *, error: Exception) -> None:
        if is_outage(error):
            log.warning("a deadline waits for the database", key=seen.key, error=type(error).__name__)
            return
        reason = describe(error)
        log.error("the handler of a deadline failed", key=seen.key, kind=seen.kind, error=reason)
        wait = min(FIRST_RETRY * 2 ** min(seen.failures, 20), LONGEST_RETRY)
        failed = update(self._table).values(
            failures=seen.failures + 1, last_error=reason, next_try=self._time.now() + wait
        )
        try:
            async with self._database.sessions() as session, session.begin():
                await session.execute(failed.where(self._unchanged(seen)))
        except (SQLAlchemyError, OSError) as outage:
            log.warning("a failed deadline was not noted; it is tried again", key=seen.key, error=type(outage).__name__)


def _looking(table: Table) -> Select[tuple[object, ...]]:
    """The deadlines that are due, and after them the one that is due next."""
    now = bindparam("now", type_=table.c.next_try.type)
    following = select(func.min(table.c.next_try)).where(table.c.next_try > now).scalar_subquery()
    return (
        select(table).where(table.c.next_try <= func.coalesce(following, now)).order_by(table.c.next_try).limit(BATCH)
    )
