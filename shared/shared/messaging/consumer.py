"""The wrapper round every handler: read, note in the inbox, handle, commit, and only then acknowledge.

outcome of one attempt            what becomes of the message
handled, or a duplicate           acknowledged
unreadable                        to `.dead` at once, with the reason
older than what the inbox knows   to `.dead` at once: nobody can tell whether it had its effect
the handler raised                counted; to the retry queue, after the last attempt to `.dead` with its error
a server is away                  nothing counted, nothing acknowledged: the handler pauses and tries again
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from aio_pika.abc import AbstractIncomingMessage
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from shared.contracts.envelope import Envelope, Event
from shared.database import is_contention, is_outage
from shared.failpoints import reach
from shared.messaging.broker import BrokerIsAway, NotAccepted, WireMessage, broker_errors, reconnect_pause
from shared.messaging.expiry import Memory
from shared.messaging.failures import describe
from shared.messaging.handling import Forgotten, Handling, Left, Understood
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import HandlerQueue, Topology
from shared.messaging.unit_of_work import UnitOfWork, Works
from shared.messaging.waiting import wait_for
from shared.messaging.wire import Unreadable, complaints, read_envelope, traceparent_of
from shared.observability.tracing import Tracing, current_traceparent, describe_span, mark_failed, tracing_to

ATTEMPTS = 5
AT_ONCE = 5
ATTEMPTS_HEADER = "x-attempts"
ERROR_HEADER = "x-error"
REASON_HEADER = "x-dead-reason"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is known about the event that a handler is called with."""

    envelope: Envelope


type EventHandler[E: Event] = Callable[[E, Delivery, UnitOfWork], Awaitable[None]]
type _Effect = Callable[[Delivery, UnitOfWork], Awaitable[None]]


class NotSubscribed(LookupError):
    """A handler for an event that the service does not hear, or none for one that it does. A wiring mistake."""


class Consumers:
    """The handlers of one service, one for each event that it hears. Filled in `app.py`."""

    def __init__(self, *, service: str, topology: Topology) -> None:
        self.service = service
        self._queues = {type_: queue for queue in topology.queues(service) for type_ in queue.types}
        self._readers: dict[str, Callable[[bytes], _Effect]] = {}
        self._gathered: set[str] = set()

    def gather[E: Event](self, event: type[E], handler: EventHandler[E]) -> None:
        """As `on`, for a handler that locks nothing but rows of its event's case: deliveries share a transaction.

        They are handled in the order of their cases, so that two transactions do not lock cases crosswise. Where they
        do so with something else, a customer for instance, the server ends one of them (40P01): nothing is lost or
        counted, and each of its deliveries is tried alone. A handler that locks what cases share, such as a turn or a
        stock, must not be here: it would hold that while it waits for the next case, for which somebody else may be
        waiting with the shared row.
        """
        self.on(event, handler)
        self._gathered.add(event.TYPE)

    def gathers(self, type_: str | None) -> bool:
        """Whether deliveries of this type share transactions."""
        return type_ in self._gathered

    def on[E: Event](self, event: type[E], handler: EventHandler[E]) -> None:
        """Have `handler` called for `event`, inside a unit of work that is committed for it."""
        if event.TYPE not in self._queues:
            raise NotSubscribed(f"{self.service} does not hear {event.TYPE}: add it to SUBSCRIPTIONS in the catalogue")

        def read(body: bytes) -> _Effect:
            try:
                return partial(handler, event.model_validate_json(body))
            except ValidationError as error:
                raise Unreadable(f"{event.TYPE}: {complaints(error)}") from error

        self._readers[event.TYPE] = read
        self._gathered.discard(event.TYPE)

    def queues(self) -> tuple[HandlerQueue, ...]:
        """The queues to consume from. Raises `NotSubscribed` where an event that the service hears has no handler."""
        missing = sorted(self._queues.keys() - self._readers.keys())
        if missing:
            raise NotSubscribed(f"{self.service} has no handler for {', '.join(missing)}")
        return tuple({queue.name: queue for queue in self._queues.values()}.values())

    def read(self, envelope: Envelope, *, body: bytes) -> _Effect:
        """The handler, bound to the event that `body` holds. Raises `Unreadable`."""
        reader = self._readers.get(envelope.type)
        if reader is None:
            raise Unreadable(f"{self.service} knows no event {envelope.type}")
        return reader(body)


@dataclass(slots=True, kw_only=True)
class _Taken:
    """A message in hand. Once it has failed by itself it shares no transaction any more: others would wait for it."""

    message: AbstractIncomingMessage
    queue: HandlerQueue
    gone: asyncio.Event
    shares: bool


class Receiver:
    """Takes the deliveries of all queues of one worker, `at_once` at a time beside those that share transactions."""

    def __init__(
        self,
        *,
        consumers: Consumers,
        works: Works,
        tables: DeliveryTables,
        publishing: Publishing,
        metrics: DeliveryMetrics,
        memory: Memory,
        tracing: Tracing | None = None,
        attempts: int = ATTEMPTS,
        at_once: int = AT_ONCE,
    ) -> None:
        self._consumers = consumers
        self._handling = Handling(works=works, tables=tables, memory=memory, metrics=metrics, at_once=at_once)
        self._publishing = publishing
        self._tracing = tracing or tracing_to(None, service=consumers.service)
        self._metrics = metrics
        self._attempts = attempts
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Return once no delivery is being handled."""
        await self._idle.wait()

    async def receive(self, message: AbstractIncomingMessage, *, queue: HandlerQueue, gone: asyncio.Event) -> None:
        """Handle one delivery to its end. Once `gone` is set nothing more is begun: the broker delivers it again."""
        shares = self._consumers.gathers(message.type) and ATTEMPTS_HEADER not in message.headers
        taken = _Taken(message=message, queue=queue, gone=gone, shares=shares)
        self._under_way += 1
        self._idle.clear()
        try:
            while not gone.is_set():
                if await self._settled(taken):
                    return
                await wait_for(gone, at_most=reconnect_pause())
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._idle.set()

    async def _settled(self, taken: _Taken) -> bool:
        """Whether the message needs nothing more; False while a server is away, and where it was not begun."""
        name, parent = taken.queue.name, traceparent_of(taken.message)
        attributes = {"messaging.system": "rabbitmq", "messaging.destination.name": name}
        with self._tracing.span(f"handle {name}", kind=SpanKind.CONSUMER, parent=parent, attributes=attributes):
            return await self._settle(taken)

    async def _settle(self, taken: _Taken) -> bool:
        message, queue = taken.message, taken.queue
        try:
            await self._handle(taken)
        except Left:
            return False
        except (Unreadable, Forgotten) as error:
            mark_failed(type(error).__qualname__)
            why = _Why(reason=type(error).__name__.lower(), error=str(error))
            moved = await self._move(message, queue=queue, to=queue.dead, why=why)
        except Exception as error:  # noqa: BLE001 - the edge: whatever a handler raises ends here
            mark_failed(type(error).__qualname__)
            if is_outage(error):
                log.warning("consumer waits for the database", queue=queue.name, error=type(error).__name__)
                taken.shares = taken.shares and not is_contention(error)
                return False
            moved = await self._count(message, queue=queue, error=error)
        else:
            moved = True
        if moved:
            reach("consumer.before_ack")
            await _acknowledge(message)
        return moved

    async def _handle(self, taken: _Taken) -> None:
        envelope = read_envelope(taken.message)
        describe_span(
            {
                "messaging.message.id": str(envelope.id),
                "aftersales.event_type": envelope.type,
                "aftersales.correlation_id": str(envelope.correlationid),
            }
        )
        delivery = Understood(
            envelope=envelope,
            gone=taken.gone,
            queue=taken.queue,
            effect=partial(self._consumers.read(envelope, body=taken.message.body), Delivery(envelope=envelope)),
            traceparent=current_traceparent(),
        )
        await (self._handling.together if taken.shares else self._handling.alone)(delivery)

    async def _count(self, message: AbstractIncomingMessage, *, queue: HandlerQueue, error: Exception) -> bool:
        self._metrics.attempts_failed.inc()
        counted = message.headers.get(ATTEMPTS_HEADER)
        attempts = (counted if isinstance(counted, int) else 0) + 1
        why = _Why(reason="failed", error=describe(error), attempts=attempts)
        log.error("a handler failed", queue=queue.name, attempts=attempts, error=why.error)
        return await self._move(
            message, queue=queue, to=queue.retry if attempts < self._attempts else queue.dead, why=why
        )

    async def _move(self, message: AbstractIncomingMessage, *, queue: HandlerQueue, to: str, why: "_Why") -> bool:
        """Whether a copy lies safely in the queue `to`, so that the original may be acknowledged."""
        copy = WireMessage(
            message_id=message.message_id or "",
            type=message.type or "",
            body=message.body,
            content_type=message.content_type or "application/octet-stream",
            headers={**_plain(message.headers), **why.headers()},
        )
        try:
            publisher = await self._publishing.publisher()
            await publisher.publish(copy, exchange=queue.exchange, routing_key=to)
        except BrokerIsAway:
            return False
        except NotAccepted as error:
            log.warning("a message could not be set aside", queue=to, error=str(error))
            await self._publishing.close()  # opening it again declares what is missing
            return False
        if to == queue.dead:
            log.error("a message went to the dead letters", queue=to, message_id=copy.message_id, error=why.error)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Why:
    reason: str
    error: str
    attempts: int = 1

    def headers(self) -> dict[str, str | int]:
        return {REASON_HEADER: self.reason, ERROR_HEADER: self.error, ATTEMPTS_HEADER: self.attempts}


def _plain(headers: Mapping[str, object]) -> dict[str, str | int]:
    return {name: value for name, value in headers.items() if isinstance(value, str | int)}


async def _acknowledge(message: AbstractIncomingMessage) -> None:
    try:
        with broker_errors():
            await message.ack()
    except BrokerIsAway as error:
        log.info("not acknowledged; it will come again as a duplicate", error=str(error)[:200])
