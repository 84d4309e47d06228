"""One connection as the server meets it: whoever takes it has to use it, and nothing grows without end.

uvicorn waits for the head of a request, and for somebody who reads the answer, for as long as it takes, and keeps
whatever a client calls a header.
"""

import asyncio
from typing import ClassVar, override

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_LIMIT = 64 * 1024
"""Bytes of a head, or between two pieces of a body."""

CLIENT_SECONDS = 30.0
TIMED_OUT, HEAD_TOO_LARGE = 408, 431


class Connection(HttpToolsProtocol):
    """uvicorn's, with a limit on heads (431) and `seconds` for a head to be complete (408) and for answers to be taken.

    Who never begins a request, and who does not read, is cut off without a word. Bodies are `shared.http.reception`'s.
    """

    seconds: ClassVar[float] = CLIENT_SECONDS

    _head_due: asyncio.TimerHandle | None = None
    _answer_due: asyncio.TimerHandle | None = None
    _begun = False
    _refused = False
    _in_a_row = 0
    """Bytes since the last whole head or piece of a body."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect_head()

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._in_a_row += len(data)
        super().data_received(data)
        if self._in_a_row > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse(HEAD_TOO_LARGE)
        elif self._head_due is None and self._answered and self.timeout_keep_alive_task is None:
            self._expect_head()

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
            self._expect_reader()

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._expect_reader()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reader()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._have_reader()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        self._have_reader()
        super().connection_lost(exc)

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _expect_head(self) -> None:
        self._head_due = self.loop.call_later(self.seconds, self._give_up)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _expect_reader(self) -> None:
        """An answer that nobody takes would be kept for ever, even by a connection that is closed already."""
        if self._answer_due is None:
            self._answer_due = self.loop.call_later(self.seconds, self.transport.abort)

    def _have_reader(self) -> None:
        if self._answer_due is not None:
            self._answer_due.cancel()
            self._answer_due = None

    def _give_up(self) -> None:
        if self._begun:
            self._refuse(TIMED_OUT)
        else:
            self.transport.abort()

    def _refuse(self, status: int) -> None:
        """Answer, and listen for a while without hearing: whoever is still sending would lose the answer else."""
        if self._answered:
            self._refused = True
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.write_eof()
            self._expect_reader()
        else:  # in the middle of a body, or behind a request that is not answered yet
            self.transport.abort()


def connections(*, seconds: float) -> type[Connection]:
    """The connections of a server whose clients have so long."""
    return type("Connection", (Connection,), {"seconds": seconds})
