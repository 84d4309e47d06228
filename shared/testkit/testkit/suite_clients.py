"""HTTP clients of a running suite, one per person, closed together."""

from typing import Self

import httpx

from testkit.patience import PATIENCE_SECONDS
from testkit.running import RunningSuite


class Clients:
    """Use it as a context."""

    def __init__(self, suite: RunningSuite) -> None:
        self._suite = suite
        self._open: dict[tuple[str, str, str | None, str | None], httpx.Client] = {}
        self._strangers: dict[str, httpx.Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in (*self._open.values(), *self._strangers.values()):
            client.close()

    def of(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """The client of somebody with a role at one service; of a machine with these scopes."""
        key = (service, role, subject, scope)
        if key not in self._open:
            self._open[key] = self._suite.client(service, role=role, subject=subject, scope=scope)
        return self._open[key]

    def stranger(self, service: str) -> httpx.Client:
        """A client that shows no token."""
        if service not in self._strangers:
            self._strangers[service] = httpx.Client(
                base_url=self._suite.services[service].url, timeout=PATIENCE_SECONDS
            )
        return self._strangers[service]
