"""`python -m testkit.mail_server`: a mail server for compose that keeps every mail and shows them by HTTP.

Port 1025 takes mails; port 8025 answers `GET /mails?to=<address>` with all, or all to one address, in the order in
which they came: a list of objects with `to`, `subject`, `message_id`, `text` and `html`; and `GET /healthz`. Nothing is
sent on, and nothing is kept when it ends.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread
from typing import override
from urllib.parse import parse_qs, urlsplit

from testkit.smtp_sink import Mail, SmtpSink

SMTP_PORT, HTTP_PORT = 1025, 8025
EVERYWHERE = "0.0.0.0"  # noqa: S104  # a container's own address is not known beforehand


class Mailbox(BaseHTTPRequestHandler):
    """Shows what the sink was given."""

    def __init__(self, request: object, client_address: tuple[str, int], server: BaseServer, *, sink: SmtpSink) -> None:
        self._sink = sink
        super().__init__(request, client_address, server)  # type: ignore[arg-type]  # a private union of sockets

    def do_GET(self) -> None:  # named by http.server
        """The mails, or 404."""
        asked = urlsplit(self.path)
        match asked.path:
            case "/healthz":
                self._answer("ok")
            case "/mails":
                to = parse_qs(asked.query).get("to")
                self._answer(_shown(self._sink.to(to[0]) if to else self._sink.mails))
            case _:
                self.send_error(HTTPStatus.NOT_FOUND, "it may be /mails, /mails?to=<address> or /healthz")

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who asks again and again would fill the log."""

    def _answer(self, body: str | Sequence[dict[str, str]]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(json.dumps(body, ensure_ascii=False).encode())


def _shown(mails: Sequence[Mail]) -> list[dict[str, str]]:
    return [
        {
            "to": mail.to,
            "subject": mail.subject,
            "message_id": mail.message_id,
            "text": mail.text,
            "html": mail.html,
        }
        for mail in mails
    ]


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before any thread: they take it over
    sink = SmtpSink(int(os.environ.get("SMTP_PORT", SMTP_PORT)), host=EVERYWHERE)
    pages = ThreadingHTTPServer((EVERYWHERE, int(os.environ.get("HTTP_PORT", HTTP_PORT))), partial(Mailbox, sink=sink))
    sink.start()
    Thread(target=pages.serve_forever, daemon=True).start()
    signal.sigwait(ends)
    pages.shutdown()
    sink.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
