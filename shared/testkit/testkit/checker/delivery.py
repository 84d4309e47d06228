"""What must hold of events between services: I4 to I8."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from uuid import UUID

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.messaging.topology import queue_name
from testkit.checker.books import Books, Said
from testkit.checker.violations import Violation, once, same, violation


def causes(books: Books) -> Iterator[Violation]:
    """I4, I6: what an event, a deadline, a message or an escalation is about was said, or is there."""
    known = {event.event_id for event in books.said}
    effects = [
        *(("event", event.event_id, event.causation_id) for event in books.said if event.causation_id is not None),
        *(("message", message.message_id, message.event_id) for message in books.messages),
        *(("escalation", climb.escalation_id, climb.event_id) for climb in books.escalations),
        *(("line of a timeline", line.case_id, line.event_id) for line in books.told),
    ]
    for what, id_, cause in effects:
        if cause not in known:
            yield violation("I4", (what, id_, "about", cause), "has a cause that nobody said")
    for deadline in books.deadlines:
        if deadline.about not in books.owned[deadline.what]:
            about = ("deadline", deadline.kind, deadline.about)
            yield violation("I4", about, f"is about a {deadline.what} that there is not")
    planned = ((deadline.kind, deadline.what, deadline.about) for deadline in books.deadlines)
    yield from once("deadline", planned, place="the deadlines", invariant="I6")
    offered = [deadline.about for deadline in books.deadlines if deadline.kind == "offer"]
    yield from same("open offer", wanted=books.offers, found=offered, place="the deadlines", invariant="I4")


def inboxes(books: Books) -> Iterator[Violation]:
    """I5, I6: every event was heard once by each service that hears its type, and by nobody else."""
    wanted = {
        (queue_name(EVENTS[event.type], service=service), event.event_id)
        for event in books.said
        for service in _hearers(EVENTS[event.type])
    }
    found = [(row.consumer, row.event_id) for row in books.heard]
    yield from same("delivery", wanted=wanted, found=set(found), place="the inboxes", invariant="I5")
    yield from once("delivery", found, place="the inboxes", invariant="I6")


def outboxes(books: Books) -> Iterator[Violation]:
    """I6, I8: every event is there once, and was sent."""
    yield from once("event", (event.event_id for event in books.said), place="the outboxes", invariant="I6")
    for event in books.said:
        if not event.sent:
            yield violation("I8", (event.type, event.event_id), "lies in the outbox")


def in_order(books: Books) -> Iterator[Violation]:
    """I7: the events of a subject are numbered as they were said, none is sent before one that came earlier, and what
    was overheard came in that order, but for repetitions.
    """
    subjects: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for event in sorted(books.said, key=lambda event: event.position):
        subjects[event.service, event.subject].append(event)
    for (service, subject), events in subjects.items():
        ids = frozenset(event.event_id for event in events) | _id_of(subject)  # an old one's first events may be gone
        numbers = [event.sequence for event in events]
        if numbers != list(range(1, len(numbers) + 1)):
            yield Violation("I7", subject, f"{service} numbered the events of {subject} {numbers}", ids)
        if any(later.sent and not earlier.sent for earlier, later in pairwise(events)):
            yield Violation("I7", subject, f"{service} sent an event of {subject} before an earlier one", ids)
    yield from _overheard(books)


def queues(found: Mapping[str, int], *, poison: Mapping[str, int]) -> Iterator[Violation]:
    """I8: nothing waits anywhere, and the dead-letter queues hold exactly the poison that was put in."""
    for queue, count in found.items():
        expected = poison.get(queue, 0)
        if count != expected:
            about = f"the queue {queue}"
            yield Violation("I8", about, f"{about} holds {count} messages" + (f", not {expected}" if expected else ""))


def _overheard(books: Books) -> Iterator[Violation]:
    known = {event.event_id: event for event in books.said}
    first_appearances = dict.fromkeys(books.wire)
    heard: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in (known[id_] for id_ in first_appearances if id_ in known):
        heard[event.service, event.subject].append(event.sequence)
    for (service, subject), numbers in heard.items():
        if numbers != sorted(numbers):
            yield Violation("I7", subject, f"{service} sent the events of {subject} in the order {numbers}")


def _id_of(subject: str) -> frozenset[UUID]:
    try:
        return frozenset({UUID(subject.partition("/")[2])})
    except ValueError:
        return frozenset()


def _hearers(event: type[Event]) -> Iterable[str]:
    return [service for service, events in SUBSCRIPTIONS.items() if event in events]
