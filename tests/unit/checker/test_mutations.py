"""One corruption for each invariant, of books and a history that are clean: each is named, and by its own number."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.intake import CaseOpened
from support.consistent_books import CASES, NOON, consistent
from testkit.checker.books import Books, Writing
from testkit.checker.checking import Evidence, check
from testkit.checker.history import Request
from testkit.checker.trails import Canaries
from testkit.checker.violations import INVARIANTS, Invariant

CANARY = "金丝雀九七三一"

type Mutation = Callable[[Evidence], Evidence]


def clean() -> Evidence:
    return Evidence(
        books=consistent(),
        history=[
            Request(
                key=f"key-{case}",
                what="case",
                makes=True,
                invoked=NOON,
                done=NOON,
                outcome="ok",
                status=201,
                id=case,
                answer="a",
            )
            for case in CASES
        ],
        canaries=Canaries(contact=(CANARY,)),
        writings=[Writing("intake.log", "all is well")],
    )


def in_books(change: Callable[[Books], Mapping[str, Any]]) -> Mutation:
    return lambda evidence: replace(evidence, books=replace(evidence.books, **change(evidence.books)))


def a_case_dropped(books: Books) -> Mapping[str, Any]:
    return {"cases": books.cases[1:], "owned": {**books.owned, "case": books.owned["case"] - {CASES[0]}}}


def two_events_swapped(books: Books) -> Mapping[str, Any]:
    first, second, *others = books.said
    return {"said": (replace(first, position=second.position), replace(second, position=first.position), *others)}


def an_event_repeated(books: Books) -> Mapping[str, Any]:
    """A case that is opened once more in the middle of its life."""
    first, second, *others = books.said
    return {"said": (first, replace(second, type=CaseOpened.TYPE), *others)}


def a_window_widened(books: Books) -> Mapping[str, Any]:
    early, late = books.visits
    return {"visits": (replace(early, ends_at=late.ends_at), late)}


def an_entry_altered(books: Books) -> Mapping[str, Any]:
    first, *others = books.chain
    return {"chain": (replace(first, entry={**(first.entry or {}), "action": "nothing_happened"}), *others)}


def answered_differently(evidence: Evidence) -> Evidence:
    again = evidence.history[0].model_copy(update={"answer": "b"})
    return replace(evidence, history=[*evidence.history, again])


MUTATIONS: Mapping[Invariant, Mutation] = {
    "I1": in_books(a_case_dropped),
    "I2": in_books(lambda books: {"calls": (*books.calls, books.calls[0])}),
    "I3": lambda evidence: replace(evidence, history=evidence.history[1:]),
    "I4": in_books(lambda books: {"said": books.said[1:]}),
    "I5": in_books(lambda books: {"heard": books.heard[1:]}),
    "I6": in_books(lambda books: {"heard": (*books.heard, books.heard[0])}),
    "I7": in_books(two_events_swapped),
    "I8": in_books(lambda books: {"queues": {**books.queues, "dispatch.on_case_cleared.retry.5s": 1}}),
    "I9": in_books(an_event_repeated),
    "I10": in_books(lambda books: {"movements": books.movements[1:]}),
    "I11": in_books(a_window_widened),
    "I12": answered_differently,
    "I13": in_books(an_entry_altered),
    "I14": lambda evidence: replace(evidence, writings=[Writing("intake.log", f"hello {CANARY}")]),
}


def test_what_is_clean_is_clean() -> None:
    assert check(clean()).violations == ()


def test_there_is_a_corruption_for_every_invariant() -> None:
    assert tuple(MUTATIONS) == INVARIANTS


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_a_corruption_is_named_by_the_invariant_that_it_breaks(invariant: Invariant) -> None:
    assert invariant in check(MUTATIONS[invariant](clean())).violated
