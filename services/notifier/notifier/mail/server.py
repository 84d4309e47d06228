"""Handing a mail to the mail server: what its answer means for the message."""

from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from notifier.domain.sending import FailureReason, Never, NotNow, Outcome, Taken
from notifier.settings import NotifierSettings, StartTls

FIRST_PERMANENT = 500
PARTING_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed to. `secret` means STARTTLS with a certificate that is checked."""

    host: str
    port: int
    secret: bool
    own_name: str
    seconds: float
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    async def take(self, mail: EmailMessage) -> Outcome:
        """Hand over one mail on a connection of its own. What the server answers to the connection is never final."""
        client = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.own_name,
            timeout=self.seconds,
            use_tls=False,
            start_tls=self.secret,
            username=self.username,
            password=self.password,
        )
        try:
            await client.connect()
            await client.send_message(mail)
        except (SMTPException, OSError) as error:
            return outcome_of(error)
        else:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=PARTING_SECONDS)
            return Taken()
        finally:
            client.close()


def mail_server(settings: NotifierSettings) -> MailServer:
    """The server that the settings name."""
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        secret=settings.smtp_starttls is StartTls.REQUIRED,
        own_name=settings.smtp_sender.rpartition("@")[2],
        seconds=settings.attempt_seconds,
        username=settings.smtp_username,
        password=settings.smtp_password,
    )


def outcome_of(error: SMTPException | OSError) -> Outcome:
    """What went wrong, as the message sees it: refused for good, or not now."""
    match error:
        case SMTPConnectError() | SMTPHeloError() | SMTPAuthenticationError():
            return NotNow(str(getattr(error, "code", "connect")))
        case SMTPRecipientsRefused(recipients=[refused, *_]):
            return _answer(refused.code)
        case SMTPResponseException(code=code):
            return _answer(code)
        case SMTPNotSupported():
            return Never(FailureReason.REFUSED, "not_supported")
        case TimeoutError():
            return NotNow("timeout")
        case _:
            return NotNow("disconnected")


def _answer(code: int) -> Outcome:
    """RFC 5321: 4yz may go later, 5yz never."""
    return Never(FailureReason.REFUSED, str(code)) if code >= FIRST_PERMANENT else NotNow(str(code))
