"""The transactions in which deliveries have their effect: the inbox first, then the handlers, then one commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.actor import Actor
from shared.contracts.envelope import Envelope
from shared.database import is_away
from shared.failpoints import reach
from shared.gathering import Gathering
from shared.messaging import inbox
from shared.messaging.expiry import Memory
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.tables import DeliveryTables
from shared.messaging.topology import HandlerQueue
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works

TOGETHER_AT_MOST = 20
"""Deliveries of one transaction: they all wait for the slowest, and for one another where one fails."""

type Effect = Callable[[UnitOfWork], Awaitable[None]]


class Forgotten(Exception):
    """The event is older than what the inbox remembers. Handling it could be handling it twice."""


class Left(Exception):
    """It was not begun before the consumers were told to end: the broker delivers it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A delivery that was read, with what it is to effect. `traceparent` is the trace of its delivery.

    Once `gone` is set it is not begun any more.
    """

    envelope: Envelope
    gone: asyncio.Event
    queue: HandlerQueue
    effect: Effect
    traceparent: str | None

    @property
    def receipt(self) -> inbox.Receipt:
        """As the inbox notes it."""
        return inbox.Receipt(consumer=self.queue.name, event_id=self.envelope.id, type=self.envelope.type)

    @property
    def cause(self) -> Cause:
        """Why the handler acts."""
        return Cause(
            actor=Actor(kind="system", id=self.queue.service, role="consumer"),
            correlation_id=self.envelope.correlationid,
            causation_id=self.envelope.id,
        )


class Handling:
    """Gives deliveries their effect once, alone or together. Raises what a handler raises, Forgotten, and Left."""

    def __init__(
        self, *, works: Works, tables: DeliveryTables, memory: Memory, metrics: DeliveryMetrics, at_once: int
    ) -> None:
        self._works = works
        self._tables = tables
        self._memory = memory
        self._metrics = metrics
        self._room = asyncio.Semaphore(at_once)
        # a statement that takes too long is one handler's own: its neighbours have to be tried without it
        self._gathering: Gathering[Understood, None] = Gathering(
            self._begun, within=0, at_most=TOGETHER_AT_MOST, of_all=is_away
        )

    async def alone(self, delivery: Understood) -> None:
        """In a transaction of its own, `at_once` at a time."""
        async with self._room:
            if delivery.gone.is_set():
                raise Left
            await self._handle([delivery])

    async def together(self, delivery: Understood) -> None:
        """In one transaction with whatever else comes meanwhile; where that fails, each is tried alone."""
        await self._gathering.add(delivery)

    async def _begun(self, deliveries: Sequence[Understood]) -> Sequence[Left | None]:
        results = [Left() if one.gone.is_set() else None for one in deliveries]
        begun = [one for one, left in zip(deliveries, results, strict=True) if left is None]
        if begun:
            await self._handle(begun)
        return results

    async def _handle(self, deliveries: Sequence[Understood]) -> None:
        async with self._works.begin(deliveries[0].cause) as work:
            new = await inbox.take(
                [one.receipt for one in deliveries], now=work.now, session=work.session, tables=self._tables
            )
            # the same one may have come twice at the same moment
            first = list({one.envelope.id: one for one in deliveries if one.envelope.id in new}.values())
            if first:
                await self._effect(first, work=work)
        self._metrics.duplicates.inc(len(deliveries) - len(first))
        self._metrics.events_handled.inc(len(first))

    async def _effect(self, deliveries: Sequence[Understood], *, work: UnitOfWork) -> None:
        for one in sorted(deliveries, key=lambda one: one.envelope.correlationid):  # all lock cases in one order
            if self._memory.may_have_forgotten(one.envelope.id, now=datetime.now(UTC)):
                days = self._memory.inbox.days
                raise Forgotten(f"the inbox knows {days} days; nobody can tell whether this event had its effect")
            work.act_for(one.cause, traceparent=one.traceparent)
            await one.effect(work)
        reach("consumer.before_commit")
        await work.commit()
