"""All invariants at once: over the books alone, and over the books and what clients were told."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from testkit.checker import cases, delivery, promises
from testkit.checker.aftercare import aftercare, post, watched_post
from testkit.checker.books import Books, Writing
from testkit.checker.history import Request
from testkit.checker.lives import lived
from testkit.checker.promises import Promises
from testkit.checker.report import Report
from testkit.checker.store import store
from testkit.checker.trails import Canaries, chained, one_place_at_a_time, secret
from testkit.checker.violations import Violation
from testkit.suite import SERVICES

NO_POISON: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a run left behind.

    `history` is that of all clients; where it is empty nobody knows what they sent. `poison` is how many messages were
    put into each dead-letter queue on purpose, `canaries` are the marks that the run's customers bore, `writings` what
    can be read without a key, `opened` what the services' keys open.
    """

    books: Books
    history: Sequence[Request] = ()
    poison: Mapping[str, int] = NO_POISON
    canaries: Canaries = field(default_factory=Canaries)
    writings: Iterable[Writing] = ()
    opened: Iterable[Writing] = ()


def check(evidence: Evidence) -> Report:
    """Hold everything against everything: what became of the requests, and every invariant that is violated."""
    return report_of(evidence, found=whatever_is_wrong(evidence))


def report_of(evidence: Evidence, *, found: Iterable[Violation]) -> Report:
    """What became of the requests, and what was found."""
    return Report.of(Promises(evidence.history), books=evidence.books, violations=found)


def whatever_is_wrong(evidence: Evidence) -> list[Violation]:
    """Every violation that the evidence shows."""
    told = Promises(evidence.history)
    return [
        *promises.kept(told, books=evidence.books),
        *promises.one_for_each_key(told),
        *promises.nothing_else(told, books=evidence.books),
        *promises.same_answers(told),
        *in_the_books(evidence.books, poison=evidence.poison),
        *secret(evidence.books.said, writings=evidence.writings, opened=evidence.opened, canaries=evidence.canaries),
    ]


def violations(books: Books, *, acknowledged: Collection[UUID]) -> list[Violation]:
    """What is wrong, where somebody knows every case that there may be: `acknowledged` are those he got a 2xx for."""
    return [*cases.acknowledged_cases(books, acknowledged=acknowledged), *in_the_books(books)]


def in_the_books(books: Books, *, poison: Mapping[str, int] = NO_POISON) -> Iterator[Violation]:
    """What is wrong with the books alone, whatever clients were told."""
    yield from cases.once_each(books)
    yield from cases.orders(books)
    yield from cases.endings(books)
    yield from cases.stated(books)
    yield from cases.conserved(books)
    yield from cases.requests(books)
    yield from cases.timelines(books)
    yield from delivery.causes(books)
    yield from delivery.inboxes(books)
    yield from delivery.outboxes(books)
    yield from delivery.in_order(books)
    yield from delivery.queues(books.queues, poison=poison)
    yield from lived(books.said, states=_states(books))
    yield from store(
        books.said, lines=books.lines, stock=books.stock, movements=books.movements, deposits=books.deposits
    )
    yield from aftercare(books.said, revisits=books.revisits, surveys=books.surveys)
    yield from post(books.said, messages=books.messages, escalations=books.escalations)
    if books.mails is not None:
        yield from watched_post(books.said, messages=books.messages, escalations=books.escalations, mails=books.mails)
    yield from one_place_at_a_time(books)
    yield from chained(books, services=SERVICES)


def _states(books: Books) -> Mapping[str, Mapping[UUID, str]]:
    """Where things stand, of which the events tell the whole life."""
    return {
        "intake.case": {case.case_id: case.state for case in books.cases},
        "dispatch.work_order": {order.order_id: order.state for order in books.orders},
        "parts.deposit": {deposit.deposit_id: deposit.state for deposit in books.deposits},
    }
