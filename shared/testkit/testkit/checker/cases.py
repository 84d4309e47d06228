"""What must hold of cases and their work orders: I1 to I3 against what was acknowledged, I4, I6, I9 and I10.

Everything here is pure: it takes the books as they were read, and says in sentences what is wrong with them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from uuid import UUID

from shared.contracts.dispatch import PartsRequested, WorkOrderCompleted, WorkOrderSignedOff
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseClosed, CaseOpened, CaseResolved
from testkit.checker.books import Books, Case, Said, ids
from testkit.checker.violations import Violation, once, same, violation

CANCELLED, CLEARED, CLOSED = "cancelled", "cleared", "closed"
OPEN = frozenset({"awaiting_quote", "awaiting_consent", "awaiting_waiver", CLEARED, "resolved", "reopened"})
COMPLETED = frozenset({"completed", "signed_off"})


def acknowledged_cases(books: Books, *, acknowledged: Collection[UUID]) -> Iterator[Violation]:
    """I1, I3: what was acknowledged is there, and nothing else, where a client knows of everything there may be."""
    there = {case.case_id for case in books.cases}
    for case in sorted(set(acknowledged) - there):
        yield violation("I1", ("case", case), "is in intake 0 times, not 1")
    for case in sorted(there - set(acknowledged)):
        yield violation("I3", ("case", case), "is in intake 1 times, not 0")


def once_each(books: Books) -> Iterator[Violation]:
    """I2: each case and each call is there once; at most one case opened by itself for a call."""
    yield from once("case", (case.case_id for case in books.cases), place="intake", invariant="I2")
    calls = [(call.source_id, call.provider_call_id) for call in books.calls]
    yield from once("call", calls, place="intake", invariant="I2")
    sources = {call.call_id: str(call.source_id) for call in books.calls}
    by_itself = [
        case.call_id
        for case in books.cases
        if case.call_id is not None and case.registered_by == sources.get(case.call_id)
    ]
    yield from once("call", by_itself, place="the cases that opened by themselves", invariant="I2")


def orders(books: Books) -> Iterator[Violation]:
    """I4, I9: one work order for each round of a case that was cleared; none goes on where the case is cancelled."""
    rounds = [(event.id_in("case_id"), event.body["round"]) for event in books.said if event.type == CaseCleared.TYPE]
    found = [(order.case_id, order.round) for order in books.orders]
    yield from same("round of a case", wanted=rounds, found=found, place="dispatch", invariant="I4")
    yield from once("work order", (order.order_id for order in books.orders), place="dispatch", invariant="I6")
    cancelled = _called_off(books.said)
    for case in books.cases:
        if (case.state == CANCELLED) != (case.case_id in cancelled):
            yield violation("I9", ("case", case.case_id), f"is {case.state}, which its events do not say")
    for order in books.orders:
        is_called_off = order.case_id in cancelled and order.state not in COMPLETED  # what was done before stays done
        if (order.state == CANCELLED) != is_called_off:
            about = ("the work order of case", order.case_id)
            yield violation("I9", about, f"is {order.state}, which its case does not say")


def endings(books: Books) -> Iterator[Violation]:
    """I9: each work order is completed once and signed for once, and its case knows."""
    for event, states in ((WorkOrderCompleted, COMPLETED), (WorkOrderSignedOff, COMPLETED - {"completed"})):
        ended = [order.order_id for order in books.orders if order.state in states]
        found = ids(books.said, event=event, field="work_order_id")
        yield from same("work order", wanted=ended, found=found, place=f"the events {event.TYPE}", invariant="I9")
    latest = {order.case_id: order for order in sorted(books.orders, key=lambda order: order.round)}
    for case in books.cases:
        order = latest.get(case.case_id)
        if case.state == CLEARED and order is not None and order.state in COMPLETED:
            about = ("case", case.case_id)
            yield violation("I9", about, f"is {case.state}, but its work order is {order.state}")


def stated(books: Books) -> Iterator[Violation]:
    """I9: the times of a case never run backwards; a closed case has a resolution and a closer."""
    for case in books.cases:
        about = ("case", case.case_id)
        times = [time for time in (case.opened_at, case.resolved_at, case.closed_at) if time is not None]
        if any(later < earlier for earlier, later in pairwise(times)):
            yield violation("I9", about, "has times that run backwards")
        if case.state == CLOSED and not (case.resolution and case.closed_by and case.resolved_at and case.closed_at):
            yield violation("I9", about, "is closed without a resolution or a closer")


def conserved(books: Books) -> Iterator[Violation]:
    """I10: opened = open + closed + cancelled, and dispatch and feedback know of the same ends."""
    opened = ids(books.said, event=CaseOpened, field="case_id")
    standing = [case.case_id for case in books.cases if _known_state(case)]
    place = "the cases that are open, closed or cancelled"
    yield from same("case", wanted=opened, found=standing, place=place, invariant="I10")
    for event, known, place in (
        (CaseCancelled, books.called_off, "the cancelled cases that dispatch knows"),
        (CaseClosed, books.ended, "the closed cases that feedback knows"),
    ):
        said = set(ids(books.said, event=event, field="case_id"))
        yield from same("case", wanted=said, found=known, place=place, invariant="I10")


def counts(cases: Iterable[Case]) -> Counter[str]:
    """How many cases are open, closed and cancelled."""
    return Counter("open" if case.state in OPEN else case.state for case in cases)


def requests(books: Books) -> Iterator[Violation]:
    """I4: parts were asked for by a work order, once, and both sides know of it."""
    wanted = ids(books.said, event=PartsRequested, field="request_id")
    yield from same("parts request", wanted=wanted, found=books.asked, place="dispatch", invariant="I4")
    yield from same("parts request", wanted=wanted, found=books.requests, place="parts", invariant="I4")


def timelines(books: Books) -> Iterator[Violation]:
    """I6: every event of a case stands in its timeline once."""
    wanted = [(UUID(str(case)), event.event_id) for event in books.said if (case := event.body.get("case_id"))]
    found = [(line.case_id, line.event_id) for line in books.told]
    yield from same("event", wanted=wanted, found=found, place="the timelines", invariant="I6")


def _known_state(case: Case) -> bool:
    return case.state in OPEN or case.state in {CLOSED, CANCELLED}


def _called_off(said: Iterable[Said]) -> set[UUID]:
    """The cases whose cancellation did not cross a repair, which resolves them all the same."""
    cancelled = set()
    for event in sorted(said, key=lambda event: event.sequence):
        if event.type == CaseCancelled.TYPE:
            cancelled.add(event.id_in("case_id"))
        elif event.type == CaseResolved.TYPE:
            cancelled.discard(event.id_in("case_id"))
    return cancelled
