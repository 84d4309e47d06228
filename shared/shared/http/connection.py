"""One connection as the server meets it: whoever takes it has to use it, and nothing grows without end.

uvicorn waits for the head of a request, and for somebody who reads the answer, for as long as it takes, and keeps
whatever a client calls a header.
"""

import asyncio
from typing import ClassVar, override

import structlog
from uuid_utils.compat import uuid7
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.problems import HeadTooLarge, Malformed, Problem, TooSlow
from shared.http.unread import Unread
from shared.observability.metrics import ClientMetrics, LetGo

HEAD_LIMIT = 64 * 1024
"""Bytes of a head, or between two pieces of a body."""

CLIENT_SECONDS = 30.0

log = structlog.stdlib.get_logger("shared.http")


class Connection(HttpToolsProtocol):
    """uvicorn's, with a limit on heads (431), and `seconds` for a head to be complete (408).

    Who never begins a request, and who in `seconds` takes nothing of an answer, is cut off without a word. Bodies are
    `shared.http.reception`'s.
    """

    seconds: ClassVar[float] = CLIENT_SECONDS
    clients: ClassVar[ClientMetrics]

    _unread: Unread
    _head_due: asyncio.TimerHandle | None = None
    _end_due: asyncio.TimerHandle | None = None
    _begun = False
    _refused = False
    _in_a_row = 0
    """Bytes since the last whole head or piece of a body."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._unread = Unread(transport, seconds=self.seconds, give_up=self._leave_unread)
        self._expect_head()

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._in_a_row += len(data)
        super().data_received(data)
        if self._is_over:
            return
        if self._in_a_row > HEAD_LIMIT:
            self.clients.let_go(LetGo.LARGE_HEAD)
            self._refuse(_head_too_large())
        elif self._head_due is None and self._answered and self.timeout_keep_alive_task is None:
            self._expect_head()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(Malformed("this is no HTTP request", expected="a request of HTTP/1.1 (RFC 9112)"))

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True

    @override
    def on_headers_complete(self) -> None:
        self._in_a_row = 0
        self._begun = False
        self._have_head()
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        self._in_a_row = 0
        super().on_body(body)

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._unread.watch()

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._unread.watch()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.watch()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():  # what is left of the last answer has to be taken too
            self._unread.end()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        self._unread.end()
        if self._end_due is not None:
            self._end_due.cancel()
        super().connection_lost(exc)

    @property
    def _is_over(self) -> bool:
        return self._refused or self.transport.is_closing()

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    @property
    def _may_answer(self) -> bool:
        """Whether the client can only take it for the answer to what it is sending."""
        return self._answered or (not self.pipeline and self.cycle.more_body and not self.cycle.response_started)

    def _expect_head(self) -> None:
        self._head_due = self.loop.call_later(self.seconds, self._give_up)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        if self._begun:
            self.clients.let_go(LetGo.SLOW_HEAD)
            self._refuse(_too_slow(self.seconds))
        else:
            self.clients.let_go(LetGo.SILENT)
            self.transport.abort()

    def _leave_unread(self) -> None:
        self.clients.let_go(LetGo.SLOW_READER)
        self.transport.abort()

    def _refuse(self, problem: Problem) -> None:
        """Answer, and listen for a while without hearing: whoever is still sending would lose the answer else."""
        if not self._may_answer:  # behind a request that is not answered yet
            self.transport.abort()
            return
        self._refused = True
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(self._whole(problem))
        self.transport.write_eof()
        self._end_due = self.loop.call_later(self.seconds, self.transport.abort)

    def _whole(self, problem: Problem) -> bytes:
        correlation_id = str(uuid7())
        log.info("not a request", status=problem.status, correlation_id=correlation_id)
        answer = problem.response(correlation_id=correlation_id)
        own = [(b"x-correlation-id", correlation_id.encode()), (b"connection", b"close")]
        headers = [*self.server_state.default_headers, *answer.raw_headers, *own]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        return STATUS_LINE[problem.status] + lines + b"\r\n" + bytes(answer.body)


def connections(*, seconds: float, clients: ClientMetrics) -> type[Connection]:
    """The connections of a server whose clients have so long, and which counts whom it let go."""
    return type("Connection", (Connection,), {"seconds": seconds, "clients": clients})


def _too_slow(seconds: float) -> TooSlow:
    return TooSlow(
        f"the head of the request did not arrive within {seconds:g} s", expected="a request that is sent in one go"
    )


def _head_too_large() -> HeadTooLarge:
    return HeadTooLarge(
        f"the head of the request is larger than {HEAD_LIMIT} bytes",
        expected=f"an address and headers of at most {HEAD_LIMIT} bytes",
    )
