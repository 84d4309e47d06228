"""Handing a mail to the mail server: what its answer means for the message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from notifier.domain.sending import FailureReason, Never, NotNow, Outcome, Taken
from notifier.settings import NotifierSettings, Tls

FIRST_PERMANENT = 500
LOG_IN_FIRST = frozenset({530, 534, 535, 538})
"""RFC 4954: what the server wants of us, not of the mail."""
PARTING_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed to. With `tls`, the certificate of the server is checked."""

    host: str
    port: int
    tls: Tls
    own_name: str
    seconds: float
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["Session"]:
        """For one mail. It is taken leave of at the end, when what became of the mail is known and written down."""
        client = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.own_name,
            timeout=self.seconds,
            use_tls=self.tls is Tls.IMPLICIT,
            start_tls=self.tls is Tls.REQUIRED,
            username=self.username,
            password=self.password,
        )
        try:
            yield Session(client)
            if client.is_connected:
                with suppress(SMTPException, OSError):
                    await client.quit(timeout=PARTING_SECONDS)
        finally:
            client.close()


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that is made when there is something to hand over."""

    client: SMTP

    async def take(self, mail: EmailMessage) -> Outcome:
        """Hand over one mail. What the server answers to the connection, log-in included, is never final."""
        try:
            await self.client.connect()
        except (SMTPException, OSError) as error:
            return NotNow(_detail(error))
        try:
            await self.client.send_message(mail)
        except (SMTPException, OSError) as error:
            return outcome_of(error)
        return Taken()


def mail_server(settings: NotifierSettings) -> MailServer:
    """The server that the settings name."""
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_starttls,
        own_name=settings.smtp_sender.rpartition("@")[2],
        seconds=settings.attempt_seconds,
        username=settings.smtp_username,
        password=settings.smtp_password,
    )


def outcome_of(error: SMTPException | OSError) -> Outcome:
    """What went wrong with a mail: refused for good by what was said of its receiver or its contents, or not now."""
    match error:
        case SMTPRecipientsRefused(recipients=[SMTPRecipientRefused(code=code), *_]) | SMTPDataError(code=code):
            is_final = code >= FIRST_PERMANENT and code not in LOG_IN_FIRST
            return Never(FailureReason.REFUSED, str(code)) if is_final else NotNow(str(code))
        case SMTPNotSupported():
            return Never(FailureReason.REFUSED, "not_supported")
        case _:
            return NotNow(_detail(error))


def _detail(error: SMTPException | OSError) -> str:
    match error:
        case SMTPResponseException(code=code):
            return str(code)
        case TimeoutError():
            return "timeout"
        case SMTPNotSupported():
            return "not_supported"
        case _:
            return "disconnected"
