"""Events handed to a service as the broker hands them: to its real receiver, inbox and handlers, without a broker."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from aio_pika.abc import AbstractIncomingMessage
from prometheus_client import CollectorRegistry
from uuid_utils.compat import uuid7

from shared.contracts.envelope import Envelope, Event
from shared.messaging.broker import WireMessage
from shared.messaging.consumer import Consumers, Receiver
from shared.messaging.expiry import Memory
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.messaging.unit_of_work import Works
from shared.messaging.wire import to_wire
from testkit.patience import PATIENCE_SECONDS

NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"


@dataclass
class Handed:
    """One delivery of a message, and whether it was acknowledged."""

    wire: WireMessage
    acknowledged: int = 0
    headers: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = dict(self.wire.headers)
        self.body, self.message_id, self.type = self.wire.body, self.wire.message_id, self.wire.type
        self.content_type = self.wire.content_type

    async def ack(self) -> None:
        self.acknowledged += 1


class Deliveries:
    """The receiving half of one service. A delivery that is not acknowledged in its first attempt fails the test."""

    def __init__(self, consumers: Consumers, *, works: Works, tables: DeliveryTables) -> None:
        registry = CollectorRegistry()
        service = consumers.service
        self._registry = registry
        self._service = service
        self._queues = {type_: queue for queue in consumers.queues() for type_ in queue.types}
        self._gone = asyncio.Event()
        self._receiver = Receiver(
            consumers=consumers,
            works=works,
            tables=tables,
            publishing=Publishing(NO_BROKER, service=service, topology=CATALOGUE_TOPOLOGY),
            metrics=DeliveryMetrics(registry, service=service),
            memory=Memory(outbox=timedelta(days=14), inbox=timedelta(days=60)),
        )

    async def one_by_one(self, messages: Iterable[WireMessage]) -> None:
        """In this order, each after the one before was acknowledged."""
        for message in messages:
            await self._deliver(message)

    async def at_once(self, messages: Iterable[WireMessage]) -> None:
        """As many side by side as a worker takes."""
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self._deliver(message))

    async def _deliver(self, message: WireMessage) -> None:
        handed = Handed(message)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._receiver.receive(
                cast("AbstractIncomingMessage", handed), queue=self._queues[message.type], gone=self._gone
            )
        assert handed.acknowledged == 1
        assert self.metric("handler_attempts_failed_total") == 0

    def metric(self, name: str) -> float:
        """A counter of the receiver."""
        return self._registry.get_sample_value(name, {"service": self._service}) or 0


def message(event: Event, *, about: UUID, at: datetime, sequence: int) -> WireMessage:
    """The event as its publisher says it, with an id that every delivery of it has."""
    envelope = Envelope(
        id=uuid7(),
        type=event.TYPE,
        source=event.TYPE.partition(".")[0],
        subject=event.subject,
        time=at,
        sequence=sequence,
        correlationid=about,
        policyversion="tests",
    )
    return to_wire(envelope, body=event.model_dump_json().encode())
