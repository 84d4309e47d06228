"""What must hold of what clients were told: I1, I2, I3 and I12, by their histories."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID

import httpx

from testkit.checker.books import Books
from testkit.checker.history import Request
from testkit.checker.violations import Violation, once, violation

CASE = "case"
KEPT = timedelta(days=7)
"""How long the same key gets the same answer."""
COME_BACK = frozenset({httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.GONE})
"""Refusals that a repeated request may get: the first is being answered, or its answer went with an erased customer."""


@dataclass(frozen=True)
class Promises:
    """The requests of all clients, by their keys."""

    requests: Sequence[Request]

    @cached_property
    def by_key(self) -> Mapping[str, Sequence[Request]]:
        """Every attempt at each request, in order."""
        found: dict[str, list[Request]] = defaultdict(list)
        for request in self.requests:
            found[request.key].append(request)
        return found

    def acknowledged(self, what: str) -> set[UUID]:
        """The ids that somebody got a 2xx for."""
        return {one.id for one in self.requests if one.what == what and one.outcome == "ok" and one.id is not None}

    @property
    def kinds(self) -> set[str]:
        """What was asked for."""
        return {request.what for request in self.requests}

    def keys(self, outcome: str) -> set[str]:
        """Keys with at least one such outcome."""
        return {request.key for request in self.requests if request.outcome == outcome}

    @property
    def unknown_cases(self) -> set[str]:
        """Keys of cases of which nobody knows whether they were registered."""
        settled = self.keys("ok")
        return {one.key for one in self.requests if _registers(one) and one.outcome == "info"} - settled


def kept(promises: Promises, *, books: Books) -> Iterator[Violation]:
    """I1: every id that a client got a 2xx for is in its owner's table."""
    for what in sorted(promises.kinds & books.owned.keys()):
        for lost in sorted(promises.acknowledged(what) - books.owned[what]):
            yield violation("I1", (what, lost), "was acknowledged and is not there")


def one_for_each_key(promises: Promises) -> Iterator[Violation]:
    """I2: the same key never makes a second thing, and two keys never share one case."""
    for key, attempts in promises.by_key.items():
        made = {one.id for one in attempts if one.outcome == "ok"}
        if len(made) > 1:
            says = f"key {key} made {len(made)} things: {', '.join(sorted(map(str, made)))}"
            yield Violation("I2", f"key {key}", says, doubled=True)
    cases = {(one.key, one.id) for one in promises.requests if _registers(one) and one.outcome == "ok"}
    made_by = (id_ for _, id_ in cases)
    yield from once("case", made_by, place="the answers to different keys", invariant="I2")


def nothing_else(promises: Promises, *, books: Books) -> Iterator[Violation]:
    """I3: a case that nobody got a 2xx for can only be one that somebody was not answered about.

    Without any history nobody knows what was sent.
    """
    if not promises.requests:
        return
    unclaimed = unclaimed_cases(promises, books=books)
    for case in unclaimed[len(promises.unknown_cases) :]:
        yield violation("I3", (CASE, case), "is there, and nobody sent it")


def unclaimed_cases(promises: Promises, *, books: Books) -> list[UUID]:
    """The cases that nobody got a 2xx for, the oldest first."""
    acknowledged = promises.acknowledged(CASE)
    return [
        case.case_id
        for case in sorted(books.cases, key=lambda case: case.opened_at)
        if case.case_id not in acknowledged
    ]


def same_answers(promises: Promises) -> Iterator[Violation]:
    """I12: the same key gets the same status and body for seven days."""
    for key, attempts in promises.by_key.items():
        first = next((one for one in attempts if one.outcome == "ok"), None)
        if first is None:
            continue
        later = [one for one in attempts if first.done <= one.invoked < first.done + KEPT]
        if wrong := [one for one in attempts if one.outcome == "ok" and _differs(one, first=first)]:
            yield violation("I12", ("key", key), f"was answered {first.status}, then differently: {_told(wrong)}")
        if refused := [one for one in later if one.outcome == "fail" and one.status not in COME_BACK]:
            yield violation("I12", ("key", key), f"was answered {first.status}, then refused: {_told(refused)}")


def _registers(request: Request) -> bool:
    return request.what == CASE and request.makes


def _differs(one: Request, *, first: Request) -> bool:
    is_kept = one.invoked < first.done + KEPT
    return is_kept and (one.status, one.answer) != (first.status, first.answer)


def _told(requests: Iterable[Request]) -> str:
    return ", ".join(str(one.status) for one in requests)
