"""What the story needs of a suite, wherever it runs: as processes of this machine, in containers, or elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import httpx

from testkit.smtp_sink import Mail


class Place(Protocol):
    """Where a service is reached."""

    @property
    def url(self) -> str: ...


class Mailbox(Protocol):
    """What the suite's mail server was given."""

    def to(self, address: str) -> Sequence[Mail]:
        """What was delivered to one address, in order."""


class RunningSuite(Protocol):
    """A suite that runs and may be used."""

    @property
    def services(self) -> Mapping[str, Place]: ...

    @property
    def mails(self) -> Mailbox: ...

    def token(self, role: str, *, subject: str | None = None, scope: str | None = None) -> str:
        """A token of somebody with a role; of a machine with these scopes."""

    def client(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """An HTTP client that shows a token of the role."""

    def push_client(self) -> httpx.Client:
        """An HTTP client without a token, as contact centres have: their pushes prove themselves."""
