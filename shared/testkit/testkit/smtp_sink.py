"""A real mail server that keeps what it is given, and refuses, hangs or breaks off when told to.

Used by the demo and by tests. It runs on a thread of its own, so that whoever holds it may be synchronous or not.
"""

import asyncio
import email
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from testkit.servers.ports import free_port

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.02
LINK = re.compile(r"https?://\S+")


class Behaviour(StrEnum):
    """What becomes of the next mails: for all, or for one address."""

    TAKE = "take"
    REFUSE_FOR_NOW = "refuse_for_now"
    REFUSE = "refuse"
    HANG = "hang"
    BREAK_OFF = "break_off"
    """The connection is closed before the mail was taken."""
    TAKE_AND_BREAK_OFF = "take_and_break_off"
    """The mail is taken, and the connection closed before anybody was told so."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was delivered."""

    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """The addresses in the text, in order."""
        return LINK.findall(self.text)

    def _part(self, subtype: str) -> str:
        part = self.message.get_body(preferencelist=(subtype,))
        return "" if part is None else str(part.get_content())


class SmtpSink:
    """The server. `behave` says what becomes of mails from now on."""

    def __init__(self, port: int, *, host: str = HOST) -> None:
        self.port = port
        self._host = host
        self._lock = threading.Lock()
        self._mails: list[Mail] = []
        self._behaviour = Behaviour.TAKE
        self._of_address: dict[str, Behaviour] = {}
        self._asked: list[str] = []
        self._partings = 0
        self._controller: Controller | None = None

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["SmtpSink"]:
        """A sink on a free port, for as long as the block lasts."""
        sink = cls(free_port())
        sink.start()
        try:
            yield sink
        finally:
            sink.stop()

    @property
    def mails(self) -> list[Mail]:
        """Everything that was delivered so far, in order."""
        with self._lock:
            return list(self._mails)

    @property
    def asked(self) -> list[str]:
        """The address of every attempt so far, whatever became of it."""
        with self._lock:
            return list(self._asked)

    @property
    def partings(self) -> int:
        """How often somebody took his leave (QUIT)."""
        with self._lock:
            return self._partings

    def to(self, address: str) -> list[Mail]:
        """What was delivered to one address, in order."""
        return [mail for mail in self.mails if mail.to == address]

    def wait_for(self, wanted: Callable[[list[Mail]], bool]) -> list[Mail]:
        """The mails, once they are what is wanted. Raises TimeoutError."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not wanted(mails := self.mails):
            if time.monotonic() > give_up:
                raise TimeoutError(f"{len(mails)} mails came, and not what was waited for")
            time.sleep(LOOK_SECONDS)  # whoever waits may be synchronous; mails come from another process
        return mails

    def behave(self, behaviour: Behaviour, *, to: str | None = None) -> None:
        """Do so with the next mails; with those `to` one address only, if it is named."""
        with self._lock:
            if to is None:
                self._behaviour = behaviour
                self._of_address.clear()
            else:
                self._of_address[to] = behaviour

    def forget(self) -> None:
        """Begin anew: nothing was delivered yet, and whatever comes is taken."""
        with self._lock:
            self._mails, self._asked, self._partings = [], [], 0
            self._behaviour = Behaviour.TAKE
            self._of_address.clear()

    def start(self) -> None:
        """Listen; again after `stop`, on the same port."""
        self._controller = Controller(_Taking(self), hostname=self._host, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Listen no more: connections are refused."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def behaviour(self, address: str) -> Behaviour:
        """What becomes of a mail to this address."""
        with self._lock:
            return self._of_address.get(address, self._behaviour)

    def note(self, address: str) -> None:
        """Somebody wants to deliver to this address."""
        with self._lock:
            self._asked.append(address)

    def note_parting(self) -> None:
        """Somebody took his leave."""
        with self._lock:
            self._partings += 1

    def keep(self, mail: Mail) -> None:
        """One more was delivered."""
        with self._lock:
            self._mails.append(mail)


class _Taking:
    """The hooks that aiosmtpd calls, named as it wants them."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_RCPT(  # noqa: N802  # named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self._sink.note(address)
        match self._sink.behaviour(address):
            case Behaviour.REFUSE_FOR_NOW:
                return "451 4.3.0 no time now"
            case Behaviour.REFUSE:
                return "550 5.1.1 nobody of this name here"
            case _:
                envelope.rcpt_tos.append(address)
                return "250 OK"

    async def handle_QUIT(  # noqa: N802  # named by aiosmtpd
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self._sink.note_parting()
        return "221 Bye"

    async def handle_DATA(  # noqa: N802  # named by aiosmtpd
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        address = envelope.rcpt_tos[0]
        behaviour = self._sink.behaviour(address)
        if behaviour in {Behaviour.TAKE, Behaviour.TAKE_AND_BREAK_OFF}:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            message = email.message_from_bytes(content, _class=EmailMessage, policy=default)
            self._sink.keep(Mail(to=address, message=message))
        while self._sink.behaviour(address) is Behaviour.HANG:  # noqa: ASYNC110  # another thread ends it
            await asyncio.sleep(LOOK_SECONDS)
        if behaviour is not Behaviour.TAKE:
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
            raise ConnectionResetError
        return "250 OK"
