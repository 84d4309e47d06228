"""A suite that runs already somewhere, of which only the addresses are known and the key that signs its tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.security.tokens import mint_token
from testkit.patience import PATIENCE_SECONDS
from testkit.smtp_sink import Mail

SERVICES = tuple(SUBSCRIPTIONS)
ISSUER = AUDIENCE = "aftersales"
DAY = 24 * 3600
PLACE = "{service}"


class WrongAddress(ValueError):
    """The addresses that were given do not lead to every service; the message says what they may be."""


@dataclass(frozen=True)
class At:
    """Where a service is reached."""

    url: str


@dataclass(frozen=True)
class MailPage:
    """The mails that the mail server of compose shows at `url`."""

    url: str

    def to(self, address: str) -> list[Mail]:
        """What was delivered to one address, in order."""
        shown = httpx.get(f"{self.url}/mails", params={"to": address}, timeout=PATIENCE_SECONDS).raise_for_status()
        return [_mail(one) for one in shown.json()]


@dataclass(frozen=True)
class AttachedSuite:
    """It is used and left as it is. `key_file` holds the private key that its services trust."""

    services: Mapping[str, At]
    mails: MailPage
    key_file: Path
    issuer: str = ISSUER
    audience: str = AUDIENCE

    def token(self, role: str, *, subject: str | None = None, scope: str | None = None) -> str:
        """A token of somebody with a role, good for a day; of a machine with these scopes."""
        return mint_token(
            self.key_file,
            subject=subject or f"{role}-1",
            role=role,
            issuer=self.issuer,
            audience=self.audience,
            scope=scope,
            lifetime_seconds=DAY,
        )

    def client(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """An HTTP client that shows a token of the role."""
        token = self.token(role, subject=subject, scope=scope)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.services[service].url, headers=headers, timeout=PATIENCE_SECONDS)

    def push_client(self) -> httpx.Client:
        """An HTTP client without a token, as contact centres have."""
        return httpx.Client(base_url=self.services["intake"].url, timeout=PATIENCE_SECONDS)


def places(addresses: str) -> dict[str, At]:
    """Where each service is, from `http://{service}.example` or `intake=http://… dispatch=http://… …`.

    Raises `WrongAddress`.
    """
    if PLACE in addresses:
        return {service: At(addresses.replace(PLACE, service).rstrip("/")) for service in SERVICES}
    named = dict(word.split("=", 1) for word in addresses.split() if "=" in word)
    if named.keys() != set(SERVICES):
        expected = " ".join(f"{service}=http://…" for service in SERVICES)
        raise WrongAddress(f"{addresses!r} may be 'http://{PLACE}.example' or '{expected}'")
    return {service: At(url.rstrip("/")) for service, url in named.items()}


def _mail(shown: Mapping[str, str]) -> Mail:
    message = EmailMessage()
    message["Subject"], message["Message-ID"] = shown["subject"], shown["message_id"]
    message.set_content(shown["text"])
    message.add_alternative(shown["html"], subtype="html")
    return Mail(to=shown["to"], message=message)
