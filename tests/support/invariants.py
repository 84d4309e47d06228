"""What must hold in the books of all services once nothing is under way, whatever was killed before.

`violations` is pure: it takes the books as they were read, and says in sentences what is wrong with them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.dispatch import PartsRequested, WorkOrderCompleted, WorkOrderSignedOff
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseOpened, CaseResolved
from shared.messaging.topology import queue_name
from support.comparing import once, same
from support.invariants_of_aftercare import Climb, Message, aftercare, post
from support.invariants_of_parts import Deposit, Line, Pieces, store
from support.said import Said, ids

CANCELLED, CLEARED = "cancelled", "cleared"
COMPLETED = frozenset({"completed", "signed_off"})


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
    """A case and its state."""

    case_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class Order:
    """A work order: the one of its case's round."""

    order_id: UUID
    case_id: UUID
    round: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All databases, the broker and the post at one time.

    `offers` and `offer_deadlines` are the ids of open offers; `asked` are the parts requests as dispatch knows them,
    `requests` as parts does; `revisits` and `surveys` are the work orders that have one; `mails` are the ids of the
    messages that were delivered, each as often as it was.
    """

    cases: tuple[Stands, ...]
    orders: tuple[Order, ...]
    said: tuple[Said, ...]
    heard: tuple[Heard, ...]
    told: tuple[Told, ...]
    offers: tuple[UUID, ...]
    offer_deadlines: tuple[UUID, ...]
    asked: tuple[UUID, ...]
    requests: tuple[UUID, ...]
    lines: tuple[Line, ...]
    stock: tuple[Pieces, ...]
    movements: tuple[Pieces, ...]
    deposits: tuple[Deposit, ...]
    revisits: tuple[UUID, ...]
    surveys: tuple[UUID, ...]
    messages: tuple[Message, ...]
    escalations: tuple[Climb, ...]
    mails: tuple[UUID, ...]
    queues: Mapping[str, int]


def violations(books: Books, *, acknowledged: Collection[UUID]) -> list[str]:
    """Every invariant that is broken; `acknowledged` are the cases that a client got a 2xx for, all there may be."""
    return [
        *_cases(books, acknowledged=acknowledged),
        *_orders(books),
        *_endings(books),
        *_sequences(books),
        *_inboxes(books),
        *_timelines(books),
        *same("open offer", wanted=books.offers, found=books.offer_deadlines, place="the deadlines"),
        *_requests(books),
        *store(books.said, lines=books.lines, stock=books.stock, movements=books.movements, deposits=books.deposits),
        *aftercare(books.said, revisits=books.revisits, surveys=books.surveys),
        *post(books.said, messages=books.messages, escalations=books.escalations, mails=books.mails),
        *(f"the queue {queue} holds {count} messages" for queue, count in books.queues.items() if count),
    ]


def _cases(books: Books, *, acknowledged: Collection[UUID]) -> Iterator[str]:
    """I1 to I3: what was acknowledged is there, once, and nothing else."""
    yield from same("case", wanted=acknowledged, found=(case.case_id for case in books.cases), place="intake")
    opened = ids(books.said, event=CaseOpened, field="case_id")
    yield from same("case", wanted=acknowledged, found=opened, place="the events of cases that were opened")


def _orders(books: Books) -> Iterator[str]:
    """I4, I10: one work order for each round of a case that was cleared; none goes on where the case is cancelled."""
    rounds = [(event.id_in("case_id"), event.body["round"]) for event in books.said if event.type == CaseCleared.TYPE]
    found = [(order.case_id, order.round) for order in books.orders]
    yield from same("round of a case", wanted=rounds, found=found, place="dispatch")
    cancelled = _called_off(books.said)
    for case in books.cases:
        if (case.state == CANCELLED) != (case.case_id in cancelled):
            yield f"case {case.case_id} is {case.state}, which its events do not say"
    for order in books.orders:
        is_called_off = order.case_id in cancelled and order.state not in COMPLETED  # what was done before stays done
        if (order.state == CANCELLED) != is_called_off:
            yield f"the work order of case {order.case_id} is {order.state}, which its case does not say"


def _called_off(said: Iterable[Said]) -> set[UUID]:
    """The cases whose cancellation did not cross a repair, which resolves them all the same."""
    cancelled = set()
    for event in sorted(said, key=lambda event: event.sequence):
        if event.type == CaseCancelled.TYPE:
            cancelled.add(event.id_in("case_id"))
        elif event.type == CaseResolved.TYPE:
            cancelled.discard(event.id_in("case_id"))
    return cancelled


def _endings(books: Books) -> Iterator[str]:
    """Each work order is completed once and signed for once, and its case knows."""
    for event, states in ((WorkOrderCompleted, COMPLETED), (WorkOrderSignedOff, COMPLETED - {"completed"})):
        ended = [order.order_id for order in books.orders if order.state in states]
        found = ids(books.said, event=event, field="work_order_id")
        yield from same("work order", wanted=ended, found=found, place=f"the events {event.TYPE}")
    latest = {order.case_id: order for order in sorted(books.orders, key=lambda order: order.round)}
    for case in books.cases:
        order = latest.get(case.case_id)
        if case.state == CLEARED and order is not None and order.state in COMPLETED:
            yield f"case {case.case_id} is {case.state}, but its work order is {order.state}"


def _requests(books: Books) -> Iterator[str]:
    """I4: parts were asked for by a work order, once, and both sides know of it."""
    wanted = ids(books.said, event=PartsRequested, field="request_id")
    yield from same("parts request", wanted=wanted, found=books.asked, place="dispatch")
    yield from same("parts request", wanted=wanted, found=books.requests, place="parts")


def _sequences(books: Books) -> Iterator[str]:
    """I6, I8: everything was sent, and the events of a subject are numbered without gaps."""
    yield from once("event", (event.event_id for event in books.said), place="the outboxes")
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
        for service in _hearers(EVENTS[event.type])
    ]
    found = [(row.consumer, row.event_id) for row in books.heard]
    yield from same("delivery", wanted=wanted, found=found, place="the inboxes")


def _hearers(event: type[Event]) -> list[str]:
    return [service for service, events in SUBSCRIPTIONS.items() if event in events]


def _timelines(books: Books) -> Iterator[str]:
    """Every event of a case stands in its timeline once."""
    wanted = [(UUID(case), event.event_id) for event in books.said if (case := event.body.get("case_id"))]
    found = [(line.case_id, line.event_id) for line in books.told]
    yield from same("event", wanted=wanted, found=found, place="the timelines")
