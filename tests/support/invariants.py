"""What must hold in the books of all services once nothing is under way, whatever was killed before.

`violations` is pure: it takes the books as they were read, and says in sentences what is wrong with them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseOpened
from shared.messaging.topology import queue_name

CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event in a service's outbox; `case_id` where it is about a case."""

    event_id: UUID
    service: str
    type: str
    subject: str
    sequence: int
    case_id: UUID | None
    sent: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """An event in a service's inbox."""

    consumer: str
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a case's timeline."""

    case_id: UUID
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Stands:
    """A case, or the work order of a case, and its state."""

    case_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Both databases and the broker at one time. `offers` and `offer_deadlines` are the ids of open offers."""

    cases: tuple[Stands, ...]
    orders: tuple[Stands, ...]
    said: tuple[Said, ...]
    heard: tuple[Heard, ...]
    told: tuple[Told, ...]
    offers: tuple[UUID, ...]
    offer_deadlines: tuple[UUID, ...]
    queues: Mapping[str, int]


def violations(books: Books, *, acknowledged: Collection[UUID]) -> list[str]:
    """Every invariant that is broken; `acknowledged` are the cases that a client got a 2xx for, all there may be."""
    return [
        *_cases(books, acknowledged=acknowledged),
        *_orders(books),
        *_sequences(books),
        *_inboxes(books),
        *_timelines(books),
        *_same("open offer", wanted=books.offers, found=books.offer_deadlines, place="the deadlines"),
        *(f"the queue {queue} holds {count} messages" for queue, count in books.queues.items() if count),
    ]


def _cases(books: Books, *, acknowledged: Collection[UUID]) -> Iterator[str]:
    """I1 to I3: what was acknowledged is there, once, and nothing else."""
    yield from _same("case", wanted=acknowledged, found=(case.case_id for case in books.cases), place="intake")
    opened = _about(books, event=CaseOpened.TYPE)
    yield from _same("case", wanted=acknowledged, found=opened, place="the events of cases that were opened")


def _orders(books: Books) -> Iterator[str]:
    """I4, I10: one work order for each case that was cleared, cancelled where the case is."""
    cleared = _about(books, event=CaseCleared.TYPE)
    yield from _same("cleared case", wanted=cleared, found=(order.case_id for order in books.orders), place="dispatch")
    cancelled = set(_about(books, event=CaseCancelled.TYPE))
    for case in books.cases:
        if (case.state == CANCELLED) != (case.case_id in cancelled):
            yield f"case {case.case_id} is {case.state}, which its events do not say"
    for order in books.orders:
        if (order.state == CANCELLED) != (order.case_id in cancelled):
            yield f"the work order of case {order.case_id} is {order.state}, which its case does not say"


def _sequences(books: Books) -> Iterator[str]:
    """I6, I8: everything was sent, and the events of a subject are numbered without gaps."""
    subjects: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in books.said:
        subjects[event.service, event.subject].append(event.sequence)
        if not event.sent:
            yield f"{event.type} {event.event_id} lies in the outbox"
    for (service, subject), numbers in subjects.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"{service} numbered the events of {subject} {sorted(numbers)}"


def _inboxes(books: Books) -> Iterator[str]:
    """I5, I6: every event was heard once by each service that hears its type, and by nobody else."""
    wanted = [
        (queue_name(EVENTS[event.type], service=service), event.event_id)
        for event in books.said
        for service, events in SUBSCRIPTIONS.items()
        if EVENTS[event.type] in events
    ]
    found = [(row.consumer, row.event_id) for row in books.heard]
    yield from _same("delivery", wanted=wanted, found=found, place="the inboxes")


def _timelines(books: Books) -> Iterator[str]:
    """Every event of a case stands in its timeline once."""
    wanted = [(event.case_id, event.event_id) for event in books.said if event.case_id is not None]
    found = [(line.case_id, line.event_id) for line in books.told]
    yield from _same("event", wanted=wanted, found=found, place="the timelines")


def _about(books: Books, *, event: str) -> list[UUID]:
    return [said.case_id for said in books.said if said.type == event and said.case_id is not None]


def _same[T: Hashable](what: str, *, wanted: Iterable[T], found: Iterable[T], place: str) -> Iterator[str]:
    """Whether `found` holds exactly what is `wanted`, each as often."""
    expected, counted = Counter(wanted), Counter(found)
    for one in expected.keys() | counted.keys():
        if counted[one] != expected[one]:
            yield f"{what} {_named(one)} is in {place} {counted[one]} times, not {expected[one]}"


def _named(one: Hashable) -> str:
    return " ".join(str(part) for part in one) if isinstance(one, tuple) else str(one)
