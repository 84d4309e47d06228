"""Carries messages to the mail server, beside the worker: what is sent is never sent inside a transaction.

One short transaction takes messages in hand under a lease, another one writes down what became of each. Who is killed
in between leaves the lease to run out: the message is sent again under the same Message-ID, and no oftener than that.
Replicas work side by side; each takes what no other has in hand.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import structlog
from opentelemetry.trace import SpanKind
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.desk import Desk
from notifier.domain.sending import FailureReason, Never, NotNow, Outcome, Taken
from notifier.mail.contacts import Contacts
from notifier.mail.server import Session, mail_server
from notifier.mail.writing import Writer
from notifier.queries import messages
from notifier.settings import NotifierSettings
from notifier.standing import Standing
from notifier.use_cases.claim_messages import Addressee, CustomerToAsk, Errand, claim_messages
from notifier.use_cases.record_attempt import record_attempt
from shared.actor import Actor
from shared.database import is_outage
from shared.failpoints import reach
from shared.messaging.broker import reconnect_pause
from shared.messaging.unit_of_work import Cause, Works
from shared.messaging.waiting import end_all, wait_for
from shared.observability.tracing import Tracing, mark_failed

AT_ONCE = 5
CONNECTIONS = AT_ONCE + 1
"""To the database: of each attempt that is written down, and of whoever takes the next."""
POLL_SECONDS = 0.5
FINISH_SECONDS = 8.0
LOOK_SECONDS = 15.0
LEASE_OF_ATTEMPTS = 2
"""A lease is as long as so many attempts: nobody's attempt outlives his lease."""

CAUSE = Cause(actor=Actor(kind="system", id="notifier", role="courier"))

log = structlog.stdlib.get_logger(__name__)


class Courier:
    """Runs in every worker. Started and stopped once, like the worker.

    `schema_is_current` is asked until it says yes before anything is done.
    """

    def __init__(
        self,
        *,
        settings: NotifierSettings,
        desk: Desk,
        works: Works,
        tracing: Tracing,
        registry: CollectorRegistry,
        schema_is_current: Callable[[], Awaitable[bool]],
    ) -> None:
        self._desk = desk
        self._works = works
        self._tracing = tracing
        self._seconds = settings.attempt_seconds
        self._schema_is_current = schema_is_current
        self._server = mail_server(settings)
        self._writer = Writer(desk=desk, public_url=settings.public_url, sender=settings.smtp_sender)
        self._client = httpx.AsyncClient(
            base_url=settings.intake_url,
            headers={"Authorization": f"Bearer {settings.intake_token}"},
            timeout=settings.attempt_seconds,
        )
        language = desk.policy.sending.customer_language
        self._contacts = Contacts(self._client, language=language)
        self._attempts = Counter(
            "notifier_message_attempts", "Attempts at sending a message.", ["outcome"], registry=registry
        )
        self._standing = Standing(registry)
        self._look_at = 0.0
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._in_hand: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin, without waiting for any server."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take nothing more in hand, finish what is; what takes too long is left to the lease."""
        self._stopping.set()
        if self._running is not None:
            await self._running
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)
            await end_all(late)
        await self._client.aclose()

    async def problem(self) -> str | None:
        """For readiness. A mail server that is away is none: messages wait for it, and nobody else has to."""
        return "the courier does not run" if self._running is None or self._running.done() else None

    async def waiting(self, session: AsyncSession) -> int:
        """How many messages wait to be sent now, those in hand included."""
        return await messages.count_due(session)

    async def take(self) -> list[Errand]:
        """What is due and fits into the hands, leased to this courier."""
        lease = timedelta(seconds=LEASE_OF_ATTEMPTS * self._seconds)
        async with self._works.begin(CAUSE) as work:
            errands = await claim_messages(work, at_most=AT_ONCE - len(self._in_hand), lease=lease, desk=self._desk)
            await work.commit()
            return errands

    async def look(self) -> None:
        """Show what waits for a person."""
        async with self._works.begin(CAUSE) as work:
            await self._standing.look(work)

    async def carry(self, errand: Errand) -> None:
        """One attempt from its beginning to its record, in the trace of what led to the message."""
        attributes: dict[str, str | int] = {
            "aftersales.message_id": str(errand.message_id),
            "aftersales.attempt": errand.attempt,
        }
        with self._tracing.span("send message", kind=SpanKind.CLIENT, parent=errand.traceparent, attributes=attributes):
            await self._carry(errand)

    async def _carry(self, errand: Errand) -> None:
        async with self._server.session() as session:
            outcome = await self._tried(errand, session=session)
            reach("courier.after_send")
            await self._note(errand, outcome=outcome)

    async def _tried(self, errand: Errand, *, session: Session) -> Outcome:
        """What nobody thought of is a failure for now: it is tried again with pauses, and given up in time."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._attempt(errand, session=session)
        except TimeoutError:
            return NotNow("timeout")
        except Exception:  # the edge: whatever an attempt meets becomes its outcome, and costs no other message
            log.exception("an attempt failed inside", message_id=str(errand.message_id))
            return NotNow("internal")

    async def _note(self, errand: Errand, *, outcome: Outcome) -> None:
        if not isinstance(outcome, Taken):
            mark_failed(outcome.detail)
        self._attempts.labels(type(outcome).__name__.lower()).inc()
        async with self._works.begin(CAUSE) as work:
            await record_attempt(
                work, message_id=errand.message_id, number=errand.attempt, outcome=outcome, desk=self._desk
            )
            await work.commit()

    async def _attempt(self, errand: Errand, *, session: Session) -> Outcome:
        to = await self._contacts.of(errand.to.customer_id) if isinstance(errand.to, CustomerToAsk) else errand.to
        if not isinstance(to, Addressee):
            return to
        if errand.contents is None:
            raise TypeError("a message to somebody has contents")
        try:
            mail = self._writer.write(errand, contents=errand.contents, to=to)
        except ValueError:  # the email package's word for what no header can hold
            return Never(FailureReason.NO_ADDRESS, "unusable")
        return await session.take(mail)

    async def _run(self) -> None:
        has_schema = False
        while not self._stopping.is_set():
            pause = POLL_SECONDS
            try:
                has_schema = has_schema or await self._schema_is_current()
                if has_schema and time.monotonic() >= self._look_at:
                    await self.look()
                    self._look_at = time.monotonic() + LOOK_SECONDS
                if has_schema and len(self._in_hand) < AT_ONCE and await self._step():
                    continue
            except Exception as error:  # the edge: mail goes on, whatever one round meets
                if not is_outage(error):
                    log.exception("the courier failed and goes on")
                pause = reconnect_pause()
            await wait_for(self._stopping, at_most=pause)

    async def _step(self) -> bool:
        """Take what is due and set out with it; whether there was anything."""
        errands = await self.take()
        for errand in errands:
            task = asyncio.create_task(self._safely(errand))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        return bool(errands)

    async def _safely(self, errand: Errand) -> None:
        """The edge: an attempt that cannot be written down is made again when its lease runs out."""
        try:
            await self.carry(errand)
        except Exception as error:  # the edge: nobody above waits for this task
            if is_outage(error):
                log.warning("an attempt was not noted; it is made again", message_id=str(errand.message_id))
            else:
                log.exception("an attempt failed inside; it is made again", message_id=str(errand.message_id))
