"""One transaction of a use case: rows, inbox, deadlines and outgoing events are committed together or not at all."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from shared.actor import Actor
from shared.contracts.envelope import Event
from shared.failpoints import reach
from shared.messaging.closing import Piece, write_all
from shared.messaging.deadline_rows import PlannedDeadline, deadlines_written
from shared.messaging.outbox import OutgoingEvent, events_written
from shared.messaging.tables import DeliveryTables
from shared.observability.tracing import current_traceparent, link_to
from shared.time_source import TimeSource

NOTHING: Mapping[str, str] = MappingProxyType({})


class WorkIsOver(RuntimeError):
    """The unit of work was committed already; nothing can be added to it. A bug in the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why there is a transaction: who acts, for which case or call, because of which event."""

    actor: Actor
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


class UnitOfWork:
    """What a use case gets: a session, one instant, and ways to say and to plan something.

    Use cases never commit; the edge that opened the work does, once. Leaving the block without commit rolls back.
    """

    def __init__(self, session: AsyncSession, *, now: datetime, cause: Cause, setting: "Setting") -> None:
        self.session = session
        self.now = now
        self.cause = cause
        self._setting = setting
        self._events: list[OutgoingEvent] = []
        self._deadlines: dict[str, PlannedDeadline | None] = {}
        self._left: dict[Piece, list[Mapping[str, object]]] = {}
        self._traceparent = current_traceparent()
        self._is_over = False

    def new_id(self) -> UUID:
        """A uuid7: sortable by the time it was made."""
        return uuid7()

    @property
    def traceparent(self) -> str | None:
        """The trace that goes on with what this work says and plans; None where nothing is traced."""
        return self._traceparent

    def continue_trace(self, traceparent: str | None) -> None:
        """Have what is said and planned from now on belong to a trace that began earlier: the story goes on in it.

        The request or delivery that does so keeps its own trace, with a link to that one. None changes nothing.
        """
        if traceparent is not None and traceparent != self._traceparent:
            link_to(traceparent)
            self._traceparent = traceparent

    def tell_of(self, traceparent: str | None) -> None:
        """Have what is said and planned from now on belong to this trace, or to none: for the work of several requests.

        Each of them may link its own trace to that one.
        """
        self._traceparent = traceparent

    def act_for(self, cause: Cause, *, traceparent: str | None) -> None:
        """Have what is done from now on this cause, and belong to this trace: for the work of several deliveries."""
        self.cause, self._traceparent = cause, traceparent

    def publish(self, event: Event, *, correlation_id: UUID | None = None) -> UUID:
        """Say `event` when the work commits. Events of one subject are heard in the order they were published here.

        It correlates with `correlation_id`, else with its own `case_id`, else with the cause of this work, else with
        its subject. Returns the id under which everybody will know the event.
        """
        self._must_be_open()
        event_id = self.new_id()
        self._events.append(
            OutgoingEvent(
                event_id=event_id,
                type=event.TYPE,
                subject=event.subject,
                time=self.now,
                correlation_id=correlation_id or _own_correlation(event, cause=self.cause),
                causation_id=self.cause.causation_id,
                traceparent=self._traceparent,
                policy_version=self._setting.policy_version,
                body=event.model_dump_json().encode(),
            )
        )
        return event_id

    def set_deadline(self, key: str, *, kind: str, due: datetime, data: Mapping[str, str] = NOTHING) -> None:
        """Have the handler of `kind` called with `data` at `due`. A deadline of the same `key` is replaced."""
        self._must_be_open()
        self._deadlines[key] = PlannedDeadline(
            kind=kind, due=due, data=data, correlation_id=self.cause.correlation_id, traceparent=self._traceparent
        )

    def cancel_deadline(self, key: str) -> None:
        """Forget the deadline of this key; no error where there is none."""
        self._must_be_open()
        self._deadlines[key] = None

    def leave(self, row: Mapping[str, object], *, by: Piece) -> None:
        """Have a row written right before the commit, with others of its kind: for rows that nobody reads before."""
        self._must_be_open()
        self._left.setdefault(by, []).append(row)

    async def commit(self) -> None:
        """Write everything, commit, wake the relay. Database errors are raised as they are and roll back."""
        self._must_be_open()
        await self.session.flush()
        reach("work.after_insert")
        await write_all(self._pieces(), session=self.session)
        self._is_over = True
        reach("work.before_commit")
        await self.session.commit()
        reach("work.after_commit")
        if self._events or self._deadlines:
            self._setting.wake()

    def _pieces(self) -> dict[Piece, Mapping[str, Sequence[object]]]:
        pieces = {piece: piece.parameters(rows) for piece, rows in self._left.items()}
        if self._deadlines or self._events:
            tables = self._setting.tables
            pieces |= (deadlines_written(self._deadlines, tables=tables), events_written(self._events, tables=tables))
        return pieces

    def _must_be_open(self) -> None:
        if self._is_over:
            raise WorkIsOver("this unit of work was committed already")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all units of work of one process share."""

    tables: DeliveryTables
    policy_version: str
    wake: Callable[[], None]


class Works:
    """Opens units of work. Built once in `app.py`.

    `policy_version` is stamped on every event; `wake` is called after each commit that left something for the relay.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        tables: DeliveryTables,
        time: TimeSource,
        policy_version: str,
        wake: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._time = time
        self._setting = Setting(tables=tables, policy_version=policy_version, wake=wake)

    @asynccontextmanager
    async def begin(self, cause: Cause) -> AsyncIterator[UnitOfWork]:
        """A transaction that begins now and ends with the block: committed if the block did so, rolled back if not."""
        async with self._sessions() as session:
            await self._time.catch_up(session)
            yield UnitOfWork(session, now=self._time.now(), cause=cause, setting=self._setting)


def _own_correlation(event: Event, *, cause: Cause) -> UUID:
    _, subject_field = event.SUBJECT
    own = getattr(event, "case_id", None) or cause.correlation_id or getattr(event, subject_field)
    if not isinstance(own, UUID):
        raise TypeError(f"{event.TYPE} has neither a case nor a UUID as its subject: pass a correlation id")
    return own
