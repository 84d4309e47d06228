"""The mail server of compose: what was delivered is shown by HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from smtplib import SMTP

import httpx
import pytest

from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port

HOST = "127.0.0.1"


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Of SMTP and HTTP; the server ends with 0 when it is asked to."""
    smtp, http = free_port(), free_port()
    environment = {**os.environ, "SMTP_PORT": str(smtp), "HTTP_PORT": str(http)}
    server = subprocess.Popen([sys.executable, "-m", "testkit.mail_server"], env=environment)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not answers(http) and time.monotonic() < give_up:
        time.sleep(0.05)  # another process cannot be awaited
    yield smtp, http
    server.terminate()
    assert server.wait(PATIENCE_SECONDS) == 0


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/healthz").is_success
    except httpx.TransportError:
        return False


def test_mails_are_shown_to_whom_they_went(ports: tuple[int, int]) -> None:
    smtp, http = ports
    for to in ("li@example.com", "zhao@example.com"):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "service@example.com", to, f"给 {to}"
        message.set_content("您好")
        with SMTP(HOST, smtp) as client:
            client.send_message(message)
    page = httpx.get(f"http://{HOST}:{http}/mails", params={"to": "zhao@example.com"})
    (mail,) = json.loads(page.text)
    assert (mail["to"], mail["subject"], mail["text"].strip()) == ("zhao@example.com", "给 zhao@example.com", "您好")
    assert len(httpx.get(f"http://{HOST}:{http}/mails").json()) == 2
    assert httpx.get(f"http://{HOST}:{http}/elsewhere").status_code == httpx.codes.NOT_FOUND
