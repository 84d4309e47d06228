"""Hears every event that the services say, as any other subscriber would, and lets whoever tests wait for one."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import EVENTS
from shared.contracts.envelope import Event
from testkit.patience import PATIENCE_SECONDS


@dataclass(frozen=True)
class Heard:
    """An event as it came by: when by the machine's clock, when by the business's, from whom, about which case."""

    at: datetime
    time: datetime
    service: str
    case: UUID
    event: Event


class NothingHeard(TimeoutError):
    """The event that was waited for did not come; the message says which of its type came instead."""


type Where[E: Event] = Callable[[E], bool] | Mapping[str, object]
"""Which event is meant: a question to it, or the values that its fields have, ids also as texts."""


def ignore(_heard: Heard) -> None:
    """For whoever wants to be told of nothing."""


class Watcher:
    """A subscriber of its own, on a queue that goes away with it. Runs in a thread; use it as a context."""

    def __init__(self, broker_url: str, *, tell: Callable[[Heard], None] = ignore) -> None:
        self.heard: list[Heard] = []
        self._broker_url = broker_url
        self._tell = tell
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._connection = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._connection.close(), self._loop).result(PATIENCE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def wait_for[E: Event](
        self, event: type[E], *, where: Where[E] = lambda _: True, within: float = PATIENCE_SECONDS
    ) -> E:
        """The first event of the type that fits, come already or to come.

        Raises `NothingHeard`, and TypeError where `where` names a field that the event does not have.
        """
        fits = _fits(event, where)
        found: list[E] = []

        def has_come() -> bool:
            found[:] = [heard.event for heard in self.heard if isinstance(heard.event, event) and fits(heard.event)]
            return bool(found)

        with self._news:
            if not self._news.wait_for(has_come, timeout=within):
                others = [heard.event for heard in self.heard if isinstance(heard.event, event)]
                raise NothingHeard(f"no such {event.TYPE} within {within:.0f} s; what came: {others[-3:]}")
        return found[0]

    async def _listen(self) -> aio_pika.abc.AbstractConnection:
        connection = await aio_pika.connect(self._broker_url)
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind("events", routing_key="#")
        await queue.consume(self._hear, no_ack=True)
        return connection

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        model = EVENTS.get(str(message.type))
        if model is None:  # of a service that is being tested, or of a newer suite
            return
        heard = Heard(
            at=datetime.now(UTC),
            time=datetime.fromisoformat(str(message.headers["cloudEvents_time"])),
            service=str(message.headers["cloudEvents_source"]),
            case=UUID(str(message.headers["cloudEvents_correlationid"])),
            event=model.model_validate_json(message.body),
        )
        with self._news:
            self.heard.append(heard)
            self._news.notify_all()
        self._tell(heard)


def _fits[E: Event](event: type[E], where: Where[E]) -> Callable[[E], bool]:
    if not isinstance(where, Mapping):
        return where
    unknown = where.keys() - event.model_fields.keys()
    if unknown:
        raise TypeError(f"{event.TYPE} has no {', '.join(sorted(unknown))}; it has {', '.join(event.model_fields)}")
    return lambda one: all(_is(getattr(one, name), value) for name, value in where.items())


def _is(found: object, wanted: object) -> bool:
    return found == wanted or (isinstance(found, UUID) and str(found) == wanted)
