"""What the fixture `aftersales` hands out: a running suite with everything that a test of another service needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx

from shared.contracts.envelope import Event
from testkit.business_time import BusinessTime
from testkit.clients import Person
from testkit.contact_centre import ContactCentre, at_intake
from testkit.patience import PATIENCE_SECONDS
from testkit.running import RunningSuite
from testkit.smtp_sink import Mail
from testkit.suite_clients import Clients
from testkit.watcher import Watcher, Where


@dataclass
class Aftersales[S: RunningSuite]:
    """A suite that runs: `broker_url` is where its events are heard, `watcher` has heard them since it was opened."""

    suite: S
    broker_url: str
    clients: Clients
    watcher: Watcher

    @classmethod
    @contextmanager
    def using(cls, suite: S, *, broker_url: str) -> Iterator["Aftersales[S]"]:
        """The suite with clients and a watcher, which are closed afterwards; the suite itself goes on."""
        with Clients(suite) as clients, Watcher(broker_url) as watcher:
            yield cls(suite=suite, broker_url=broker_url, clients=clients, watcher=watcher)

    def url(self, service: str) -> str:
        """Where a service is reached: `http://host:port`."""
        return self.suite.services[service].url

    def token(self, role: str, *, subject: str | None = None, scope: str | None = None) -> str:
        """A bearer token of somebody with a role, at any service; of a machine (`role="machine"`) with these scopes."""
        return self.suite.token(role, subject=subject, scope=scope)

    def client(self, service: str, *, role: str, subject: str | None = None, scope: str | None = None) -> httpx.Client:
        """An HTTP client of somebody with a role at one service, the same for the same person."""
        return self.clients.of(service, role=role, subject=subject, scope=scope)

    def person(self, service: str, *, role: str, subject: str | None = None) -> Person:
        """The same, with Idempotency-Key and If-Match as they have to be."""
        return Person(self.client(service, role=role, subject=subject))

    @cached_property
    def time(self) -> BusinessTime:
        """The test clocks of all services. Needs a suite that was started with them, as every one but yours is."""
        return BusinessTime({name: self.client(name, role="admin") for name in self.suite.services})

    def mails_to(self, address: str) -> list[Mail]:
        """What was delivered to a mail address, in order, once nothing is under way."""
        self.time.settle()
        return list(self.suite.mails.to(address))

    def contact_centre[C: ContactCentre](self, kind: type[C], *, country: str = "CN") -> C:
        """A contact centre of this kind, with a push source and a secret of its own at intake."""
        admin = self.person("intake", role="admin")
        return at_intake(kind, admin=admin, client=self.clients.stranger("intake"), country=country)

    def wait_for[E: Event](
        self, event: type[E], *, where: Where[E] = lambda _: True, within: float = PATIENCE_SECONDS
    ) -> E:
        """The first event of this type that fits, said already or to be said.

        `where` is a question to the event, or the values that its fields have. `within` is in seconds. Raises
        `NothingHeard`, and TypeError where `where` names a field that the event does not have.
        """
        return self.watcher.wait_for(event, where=where, within=within)
