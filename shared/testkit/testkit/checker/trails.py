"""What must hold of technicians' time, of the audit log and of what may be read: I11, I13, I14."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from shared.audit import BEGINNING, entry_hash
from testkit.checker.books import Books, Link, Said, Visit, Writing
from testkit.checker.violations import Violation, violation

GUARDS = ("audit_entry.append_only", "audit_entry.no_truncate", "audit_link.append_only", "audit_link.no_delete")
"""Triggers by which each database itself refuses to change the audit log."""
NO_TECHNICIAN_IN_TWO_PLACES = ("dispatch", "visit.visit_no_technician_in_two_places")
KEPT_INSIDE = "intake."
"""Where contact data may lie, sealed."""


@dataclass(frozen=True, slots=True)
class Canaries:
    """Marks that nobody else's data bears: of how customers are called and reached, and of what they say and sign."""

    contact: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def one_place_at_a_time(books: Books) -> Iterator[Violation]:
    """I11: no two windows of a technician overlap, and the database itself refuses them."""
    windows: dict[object, list[Visit]] = defaultdict(list)
    for visit in sorted(books.visits, key=lambda visit: (visit.starts_at, visit.ends_at)):
        windows[visit.technician_id].append(visit)
    for technician, visits in windows.items():
        for earlier, later in pairwise(visits):
            if later.starts_at < earlier.ends_at:
                about = ("technician", technician, "in visits", earlier.visit_id, later.visit_id)
                yield violation("I11", about, "is in two places at once")
    if NO_TECHNICIAN_IN_TWO_PLACES not in books.guards:
        yield violation("I11", NO_TECHNICIAN_IN_TWO_PLACES, "is not among the constraints")


def chained(books: Books, *, services: Iterable[str]) -> Iterator[Violation]:
    """I13: every audit row is in the chain, and none was changed, removed or added since."""
    for service in services:
        for guard in GUARDS:
            if (service, guard) not in books.guards:
                yield violation("I13", (service, guard), "does not guard the audit log")
        links = sorted((link for link in books.chain if link.service == service), key=lambda link: link.position)
        yield from _chain(service, links=links)
    for entry in books.unchained:
        yield violation("I13", ("audit entry", entry), "is not in the chain")


def _chain(service: str, *, links: Iterable[Link]) -> Iterator[Violation]:
    previous = BEGINNING
    for position, link in enumerate(links, start=1):
        about = (service, "audit entry", link.position)
        if link.position != position:
            yield violation("I13", about, f"follows on {position - 1}: something is missing")
            return
        if link.entry is None:
            yield violation("I13", about, "is gone")
        elif entry_hash(link.entry, previous=previous) != link.hash:
            yield violation("I13", about, "is not what was chained")
        previous = link.hash


def secret(
    said: Iterable[Said], *, writings: Iterable[Writing], opened: Iterable[Writing], canaries: Canaries
) -> Iterator[Violation]:
    """I14: what a customer is called, says or signs stands nowhere in plain text; what a service seals, `opened` with
    its keys, shows his contact data in intake alone.
    """
    told = (Writing(f"{event.service}: event {event.type} {event.event_id}", _text(event)) for event in said)
    for place in (*told, *writings):
        if shows(place.text, of=(*canaries.contact, *canaries.words)):
            yield violation("I14", place.place, "shows what a customer is called or said")
    for place in opened:
        if not place.place.startswith(KEPT_INSIDE) and shows(place.text, of=canaries.contact):
            yield violation("I14", place.place, "keeps contact data outside intake")


def shows(text: str, *, of: Iterable[str]) -> bool:
    """Whether one of the marks stands in a text, as it is or as JSON writes it."""
    return any(mark in text or json.dumps(mark)[1:-1] in text for mark in of)


def _text(event: Said) -> str:
    return json.dumps(event.body, ensure_ascii=False)
