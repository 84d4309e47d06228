"""From the outbox to the broker, in order per subject, until everything committed has been confirmed.

One relay of a service is active at a time: each round holds a transaction-level advisory lock. A round claims rows in
the order of their positions and publishes the subjects side by side on one channel, one row of a subject after the
other. What was confirmed is marked, exactly that; a round that dies in between says some events again, never fewer.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy import ARRAY, BigInteger, Row, Select, Table, Update, any_, bindparam, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Envelope
from shared.database import Database, is_outage
from shared.failpoints import reach
from shared.messaging.broker import BrokerIsAway, NotAccepted, Publisher, WireMessage, reconnect_pause
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import EVENTS_EXCHANGE
from shared.messaging.wake import Wake
from shared.messaging.wire import to_wire
from shared.observability.tracing import Tracing, mark_failed
from shared.time_source import TimeSource

BATCH = 1000
"""Rows of a round. Claiming and marking cost each round a commit, during which nothing is published."""
POLL_SECONDS = 1.0
ROUND_OF_ANOTHER_SECONDS = 0.05
"""Until it is tried again: what another relay of the service has claimed may be older than what woke this one."""
ROUND_SECONDS = 20.0
"""Shorter than the 30 s after which the database ends a transaction that lies idle."""
FIRST_HOLD_SECONDS = 1.0
LONGEST_HOLD_SECONDS = 60.0
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('relay', 0))")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did: rows it took up, and rows the broker confirmed."""

    claimed: int
    confirmed: int


NOTHING = Round(claimed=0, confirmed=0)
"""Nothing waited."""
OF_ANOTHER = Round(claimed=0, confirmed=0)
"""Another relay of the service was in its round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    position: int
    subject: str
    traceparent: str | None
    message: WireMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    seconds: float
    until: float


class Relay:
    """Publishes one service's outbox."""

    def __init__(
        self,
        *,
        service: str,
        database: Database,
        tables: DeliveryTables,
        publishing: Publishing,
        time_source: TimeSource,
        wake: Wake,
        tracing: Tracing,
        metrics: DeliveryMetrics,
    ) -> None:
        self._service = service
        self._database = database
        self._outbox = tables.outbox
        self._claiming = _claiming(tables.outbox)  # built once: to build them takes longer than to carry them out
        self._asking = select(select(tables.outbox).where(tables.outbox.c.sent_at.is_(None)).exists())
        self._marking = _marking(tables.outbox)
        self._publishing = publishing
        self._time = time_source
        self._wake = wake
        self._tracing = tracing
        self._metrics = metrics
        self._held: dict[str, _Hold] = {}

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Relay until `stopping` is set; a round that has begun is finished. Outages of a server are waited out."""
        look = self.relay_once
        while not stopping.is_set():
            try:
                done = await look()
            except (BrokerIsAway, SQLAlchemyError, OSError) as error:
                if not (isinstance(error, BrokerIsAway) or is_outage(error)):
                    raise
                log.warning("relay waits for a server", service=self._service, error=str(error)[:200])
                await asyncio.sleep(reconnect_pause())
                continue
            if done is OF_ANOTHER:
                await asyncio.sleep(ROUND_OF_ANOTHER_SECONDS)
            elif done.confirmed == 0 or done.claimed < BATCH:
                look = self.relay_once if await self._wake.wait(at_most=POLL_SECONDS) else self._poll

    async def relay_once(self) -> Round:
        """One round. Raises what a server raises in an outage, after marking what had been confirmed."""
        publisher = await self._publishing.publisher()
        async with self._database.sessions() as session, session.begin():
            if not await session.scalar(TRY_LOCK):
                return OF_ANOTHER
            rows = await self._claim(session)
            if not rows:
                return NOTHING
            reach("relay.before_publish")
            confirmed: list[int] = []
            outage = await self._publish(rows, publisher=publisher, confirmed=confirmed)
            reach("relay.after_confirm")
            await self._mark(confirmed, session=session)
        self._metrics.events_sent.inc(len(confirmed))
        if outage is not None:
            raise outage
        if len(confirmed) < len(rows):
            await self._publishing.close()  # opening it again declares what may be missing
        return Round(claimed=len(rows), confirmed=len(confirmed))

    async def _poll(self) -> Round:
        """Nobody woke it: to ask whether something waits costs a third of a round."""
        await self._publishing.publisher()
        async with self._database.looks() as session:
            something_waits = await session.scalar(self._asking)
        return await self.relay_once() if something_waits else NOTHING

    async def _claim(self, session: AsyncSession) -> list[_Pending]:
        now = time.monotonic()
        held = [subject for subject, hold in self._held.items() if hold.until > now]
        pending = self._claiming.where(self._outbox.c.subject.not_in(held)) if held else self._claiming
        return [self._pending(row) for row in await session.execute(pending)]

    async def _publish(
        self, rows: Sequence[_Pending], *, publisher: Publisher, confirmed: list[int]
    ) -> BrokerIsAway | None:
        """Add what was confirmed to `confirmed`; an outage is returned, not raised, for they must be marked first."""
        subjects: dict[str, list[_Pending]] = {}
        for row in rows:
            subjects.setdefault(row.subject, []).append(row)
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                results = await asyncio.gather(
                    *(self._say(rows, publisher=publisher, confirmed=confirmed) for rows in subjects.values()),
                    return_exceptions=True,
                )
        except TimeoutError:
            return BrokerIsAway("the broker confirms too slowly")
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in failures:
            if not isinstance(failure, BrokerIsAway):
                raise failure
        return next((failure for failure in failures if isinstance(failure, BrokerIsAway)), None)

    async def _say(self, rows: Sequence[_Pending], *, publisher: Publisher, confirmed: list[int]) -> None:
        """The rows of one subject, each after the one before was confirmed; a refusal holds back the rest."""
        for row in rows:
            if not await self._accepted(row, publisher=publisher):
                return
            confirmed.append(row.position)
            self._held.pop(row.subject, None)

    async def _accepted(self, row: _Pending, *, publisher: Publisher) -> bool:
        with self._span(row):
            try:
                await publisher.publish(row.message, exchange=EVENTS_EXCHANGE, routing_key=row.message.type)
            except NotAccepted as error:
                mark_failed(type(error).__qualname__)
                self._hold(row, error=error)
                return False
        return True

    def _span(self, row: _Pending) -> AbstractContextManager[object]:
        """Nothing happens within it that a trace would have to be handed on to, so it costs nothing unless recorded."""
        if not self._tracing.records:
            return nullcontext()
        attributes = {"messaging.system": "rabbitmq", "messaging.message.id": row.message.message_id}
        return self._tracing.span(
            f"publish {row.message.type}", kind=SpanKind.PRODUCER, parent=row.traceparent, attributes=attributes
        )

    def _hold(self, row: _Pending, *, error: NotAccepted) -> None:
        before = self._held.get(row.subject)
        seconds = min(before.seconds * 2, LONGEST_HOLD_SECONDS) if before else FIRST_HOLD_SECONDS
        self._held[row.subject] = _Hold(seconds=seconds, until=time.monotonic() + seconds)
        log.error("the broker refused an event", subject=row.subject, event_id=row.message.message_id, error=str(error))

    async def _mark(self, confirmed: Sequence[int], *, session: AsyncSession) -> None:
        if confirmed:
            await session.execute(self._marking, {"confirmed": list(confirmed), "now": self._time.now()})

    def _pending(self, row: Row[tuple[object, ...]]) -> _Pending:
        envelope = Envelope(
            id=row.event_id,
            type=row.type,
            source=self._service,
            subject=row.subject,
            time=row.time,
            sequence=row.sequence,
            correlationid=row.correlation_id,
            causationid=row.causation_id,
            traceparent=row.traceparent,
            policyversion=row.policy_version,
        )
        return _Pending(
            position=row.position,
            subject=row.subject,
            traceparent=row.traceparent,
            message=to_wire(envelope, body=row.body),
        )


def _claiming(outbox: Table) -> Select[tuple[object, ...]]:
    return select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.position).limit(BATCH)


def _marking(outbox: Table) -> Update:
    confirmed = bindparam("confirmed", type_=ARRAY(BigInteger))  # the same statement however many there are
    return update(outbox).where(outbox.c.position == any_(confirmed)).values(sent_at=bindparam("now"))
