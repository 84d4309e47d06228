"""Waking the relay as soon as something was committed, in this process or another one of the service.

A process that relays needs nobody else for what it committed itself. Any other one notifies, after the commit and on a
connection of its own: NOTIFY inside the business transaction would make all commits of the database queue up behind
one lock. Losing one costs no more than the relay's poll interval.
"""

import asyncio

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.database import CONNECT_SECONDS, Database, driver_url
from shared.messaging.broker import reconnect_pause
from shared.messaging.waiting import wait_for

CHANNEL = "outbox"
DEBOUNCE_SECONDS = 0.02
PROBE_SECONDS = 10

log = structlog.get_logger(__name__)


class Wake:
    """Set by whoever committed, waited for by the relay."""

    def __init__(self, database: Database, *, url: str) -> None:
        self._database = database
        self._url = driver_url(url)
        self._event = asyncio.Event()
        self._notifying: asyncio.Task[None] | None = None
        self._listens = False

    def __call__(self) -> None:
        """Wake the relay of this process, or soon those of others; commits in between share one call."""
        self.this_process()
        if not self._listens and (self._notifying is None or self._notifying.done()):
            self._notifying = asyncio.create_task(self._notify())

    def this_process(self) -> None:
        """Wake the relay of this process only."""
        self._event.set()

    async def wait(self, *, at_most: float) -> bool:
        """Return when woken, or after `at_most` seconds; whether it was woken."""
        is_woken = await wait_for(self._event, at_most=at_most)
        self._event.clear()
        return is_woken

    async def listen(self) -> None:
        """Pass on what other processes notify, for ever; reconnects by itself. Called where a relay runs."""
        self._listens = True
        try:
            while True:
                try:
                    await self._listen_once()
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                    log.info("wake-up connection lost", error=type(error).__name__)
                await asyncio.sleep(reconnect_pause())
        finally:
            self._listens = False

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(
            self._url, timeout=CONNECT_SECONDS, server_settings={"application_name": "wake-up"}
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *_: self.this_process())
            while not await wait_for(lost, at_most=PROBE_SECONDS):
                await connection.execute("SELECT 1", timeout=CONNECT_SECONDS)
            raise ConnectionError("the wake-up connection was lost")
        finally:
            connection.terminate()

    async def _notify(self) -> None:
        await asyncio.sleep(DEBOUNCE_SECONDS)
        try:
            async with self._database.engine.connect() as connection:
                await connection.execute(text(f"NOTIFY {CHANNEL}"))
                await connection.commit()
        except (SQLAlchemyError, OSError) as error:
            log.info("other processes were not woken; they poll", error=type(error).__name__)
