"""What the answers of a mail server mean for a message, and when it is given our password."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from pydantic import ValidationError

from notifier.domain.sending import FailureReason, Never, NotNow, Outcome, Taken
from notifier.mail.server import MailServer, outcome_of
from notifier.settings import NotifierSettings, Tls
from shared.security.tokens import create_key_file
from support.post_room import settings_for
from testkit.smtp_sink import SmtpSink


def refused(code: int) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused([SMTPRecipientRefused(code, "no", "s1@staff.example")])


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (refused(550), Never(FailureReason.REFUSED, "550")),
        (refused(452), NotNow("452")),
        (refused(530), NotNow("530")),
        (SMTPDataError(554, "looks like spam"), Never(FailureReason.REFUSED, "554")),
        (SMTPDataError(451, "later"), NotNow("451")),
        (SMTPSenderRefused(550, "not from you", "service@aftersales.example"), NotNow("550")),
        (SMTPServerDisconnected("gone"), NotNow("disconnected")),
    ],
)
def test_only_what_is_said_of_the_receiver_or_the_contents_is_final(error: SMTPException, outcome: Outcome) -> None:
    assert outcome_of(error) == outcome


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "service@aftersales.example", "s1@staff.example"
    message.set_content("text")
    return message


def server(sink: SmtpSink, *, tls: Tls) -> MailServer:
    return MailServer(host="127.0.0.1", port=sink.port, tls=tls, own_name="aftersales.example", seconds=20)


async def test_a_mail_is_taken_before_leave_is_taken() -> None:
    with SmtpSink.running() as sink:
        async with server(sink, tls=Tls.OFF).session() as session:
            assert await session.take(mail()) == Taken()
            assert sink.partings == 0
        assert sink.partings == 1
        assert len(sink.mails) == 1


async def test_a_server_that_cannot_be_spoken_to_in_secret_is_not_the_fault_of_the_mail() -> None:
    with SmtpSink.running() as sink:
        async with server(sink, tls=Tls.REQUIRED).session() as session:
            assert isinstance(await session.take(mail()), NotNow)
        assert sink.asked == []


@pytest.mark.parametrize(
    ("host", "tls", "is_allowed"),
    [
        ("mail.example", Tls.OFF, False),
        ("192.0.2.7", Tls.OFF, False),
        ("mail.example", Tls.REQUIRED, True),
        ("mail.example", Tls.IMPLICIT, True),
        ("127.0.0.1", Tls.OFF, True),
        ("::1", Tls.OFF, True),
        ("localhost", Tls.OFF, True),
    ],
)
def test_the_password_goes_over_a_secret_connection_or_stays_on_this_machine(
    tmp_path: Path, host: str, tls: Tls, *, is_allowed: bool
) -> None:
    create_key_file(tmp_path / "jwt.json")
    usual = settings_for(
        "postgresql://nobody",
        tmp_path / "jwt.json",
        broker_url="amqp://nobody",
        smtp_port=25,
        intake_url="http://nobody",
    )
    given = usual.model_dump() | {"smtp_host": host, "smtp_starttls": tls, "smtp_username": "us", "smtp_password": "x"}
    if is_allowed:
        assert NotifierSettings(**given).smtp_username == "us"
        return
    with pytest.raises(ValidationError, match="SMTP_STARTTLS=required or implicit"):
        NotifierSettings(**given)
