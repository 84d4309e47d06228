"""Keeping every handler attached to its queue.

One stretch of consuming is: connect, declare what has to be there, subscribe, and watch. When anything breaks, the
connection, the channel or a single consumer, the whole stretch is thrown away and the next one begins. There is one
way to begin, so a start, a restarted broker and a queue deleted under its consumer are all the same case.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog
from faststream.rabbit import RabbitBroker, RabbitMessage, RabbitQueue

from shared.messaging.broker import (
    BrokerIsAway,
    BrokerRefuses,
    broker_errors,
    close_quietly,
    consuming_broker,
    passing_connection,
    reconnect_pause,
)
from shared.messaging.consumer import Receiver
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.topology import Declares, HandlerQueue
from shared.messaging.waiting import end_all, wait_for

LOOK_SECONDS = 0.5
ATTACH_SECONDS = 30.0
ASK_AGAIN_SECONDS = 5.0
"""Between two attempts at what the broker refused: somebody may have loaded the rights of this release meanwhile."""
FINISH_SECONDS = 10.0
"""How long handlers that have begun may take once the process is asked to end."""

log = structlog.get_logger(__name__)


class Consuming:
    """Consumes from `queues` of one service until it is told to stop."""

    def __init__(
        self,
        url: str,
        *,
        service: str,
        queues: tuple[HandlerQueue, ...],
        topology: Declares,
        receiver: Receiver,
        metrics: DeliveryMetrics,
    ) -> None:
        self._url = url
        self._service = service
        self._name = f"{service} consuming"
        self._queues = queues
        self._topology = topology
        self._receiver = receiver
        self._metrics = metrics
        self._attached = 0
        self._refused: Sequence[str] = ()
        self._away: BrokerIsAway | None = None

    @property
    def problem(self) -> str | None:
        """For readiness: what the broker refuses of this service's own, or why a handler has no queue."""
        if self._refused:
            more = f" (and {len(self._refused) - 1} more)" if self._refused[1:] else ""
            return f"the broker refuses what this release needs: {self._refused[0]}{more}; load its definitions"
        if self.all_attached:
            return None
        return "not every handler has its queue" + (f": {self._away}" if self._away else "")

    @property
    def all_attached(self) -> bool:
        """Whether the broker delivers to every handler, as far as was seen within the last half second."""
        return self._attached == len(self._queues)

    @property
    def refusal(self) -> BrokerRefuses | None:
        """What the broker said where it refused the last attempt; None where it did not, or was away."""
        return self._away if isinstance(self._away, BrokerRefuses) else None

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set, then finish what has begun."""
        while not stopping.is_set():
            try:
                await self._stretch(stopping)
            except BrokerIsAway as error:
                self._away = error
                log.warning("consumers are not attached", error=str(error))
            finally:
                self._note(attached=0)
            await wait_for(stopping, at_most=reconnect_pause())

    async def _stretch(self, stopping: asyncio.Event) -> None:
        try:
            await self._declare()
        except BrokerIsAway:
            self._refused = ()  # what it was refused earlier says nothing of a broker that is away now
            raise
        broker = consuming_broker(self._url, name=self._name)
        gone, lost = asyncio.Event(), asyncio.Event()
        asking: asyncio.Task[None] | None = None
        with broker_errors():
            connection = await broker.connect()
        connection.close_callbacks.add(lambda *_: lost.set())  # it would repair itself before anybody looks
        try:
            with broker_errors():
                async with asyncio.timeout(ATTACH_SECONDS):  # a queue that is stuck never answers
                    await self._attach(broker, gone=gone)
            asking = asyncio.create_task(self._ask_again())
            while not stopping.is_set():
                if lost.is_set():
                    raise BrokerIsAway("the connection was closed")
                await self._look(broker)
                await wait_for(stopping, at_most=LOOK_SECONDS)
            gone.set()
            await self._finish()
        finally:
            gone.set()
            await end_all([] if asking is None else [asking])
            await close_quietly(connection)

    async def _ask_again(self) -> None:
        """As long as something is refused. The consumers that are attached work on, whatever is answered."""
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)  # the broker tells nobody that rights were given
            if not self._refused:
                continue
            try:
                with broker_errors():
                    async with asyncio.timeout(ATTACH_SECONDS):  # a queue that is stuck never answers
                        await self._declare()
            except BrokerIsAway as error:
                log.warning("what was refused could not be asked for again", error=str(error))

    async def _declare(self) -> None:
        async with passing_connection(self._url, name=self._name) as passing:
            refused = (await self._topology.declare(passing)).get(self._service, ())
        if refused and refused != self._refused:
            log.error("the broker refuses what is this service's own", refused=list(refused))
        self._refused = refused

    async def _attach(self, broker: RabbitBroker, *, gone: asyncio.Event) -> None:
        for queue in self._queues:
            self._subscribe(broker, queue=queue, gone=gone)
        await broker.start()

    def _subscribe(self, broker: RabbitBroker, *, queue: HandlerQueue, gone: asyncio.Event) -> None:
        async def receive(message: RabbitMessage) -> None:
            await self._receiver.receive(message.raw_message, queue=queue, gone=gone)

        broker.subscriber(RabbitQueue(queue.name, declare=False), no_reply=True)(receive)

    async def _look(self, broker: RabbitBroker) -> None:
        with broker_errors():
            async with asyncio.timeout(LOOK_SECONDS):
                channel = await broker.config.channel_manager.get_channel()
                consumers = (await channel.get_underlay_channel()).consumers
        self._note(attached=len(consumers))
        if not self.all_attached:
            raise BrokerIsAway(f"only {len(consumers)} of {len(self._queues)} consumers are attached")

    def _note(self, *, attached: int) -> None:
        self._attached = attached
        if self.all_attached:
            self._away = None
        self._metrics.consumers_attached.set(attached)

    async def _finish(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                await self._receiver.idle()
