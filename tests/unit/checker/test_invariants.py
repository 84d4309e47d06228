"""The checker finds every row that is missing, every row that is there twice, and whatever else breaks an invariant."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.dispatch import TechnicianAssigned, WorkOrderOpened
from shared.contracts.intake import CaseCleared, CaseOpened, CustomerErased
from shared.contracts.parts import DepositPaid, DepositRefunded
from support.consistent_books import (
    BOARD,
    CALL,
    CALLED_OFF,
    CASES,
    DONE_TWICE,
    GOES_ON,
    HELD,
    HOUR,
    NOON,
    SOURCE,
    TECHNICIAN,
    UNCLEARED,
    consistent,
    order_of,
)
from testkit.checker.books import Books, Climb, Deadline, Heard, Message, Pieces, Said, Visit
from testkit.checker.checking import in_the_books, violations
from testkit.checker.trails import NO_TECHNICIAN_IN_TWO_PLACES
from testkit.checker.violations import Invariant

ROWS = tuple(field.name for field in fields(Books) if isinstance(getattr(consistent(), field.name), tuple))
MAY_COME_AGAIN = {"mails", "wire"}
"""A mail may be delivered more than once, under one id, and so may an event."""
ALONE = {"calls", "visits", "wire", "unchained"}
"""Nothing else in the books speaks of these: that one is missing is found by whoever was told of it."""
GHOST = UUID(int=1)


def changed(table: str, rows: tuple[object, ...]) -> dict[str, Any]:
    return {table: rows}


def broken(books: Books) -> dict[Invariant, list[str]]:
    found: dict[Invariant, list[str]] = {}
    for one in violations(books, acknowledged=CASES):
        found.setdefault(one.invariant, []).append(one.says)
    return found


def with_said(books: Books, number: int, **changes: Any) -> Books:
    said = list(books.said)
    said[number] = replace(said[number], **changes)
    return replace(books, said=tuple(said))


def number_of(books: Books, type_: str, *, subject: str = "") -> int:
    return next(place for place, one in enumerate(books.said) if one.type == type_ and subject in one.subject)


def test_books_that_agree_violate_nothing() -> None:
    assert violations(consistent(), acknowledged=CASES) == []


def test_every_book_holds_something_that_could_be_lost() -> None:
    assert all(getattr(consistent(), table) for table in ROWS if table != "unchained")


@pytest.mark.parametrize("table", [table for table in ROWS if table not in ALONE])
def test_any_row_that_is_missing_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    nobody_else_knows = [books.said[-1], books.chain[-1], *books.deadlines[1:]]
    for number, row in enumerate(rows):
        if row in nobody_else_knows or (table == "said" and row.type == "intake.call_ended.v1"):
            continue
        if table == "chain" and row.position == 2:
            continue  # the end of a chain: who noted its head elsewhere knows of it
        without = replace(books, **changed(table, (*rows[:number], *rows[number + 1 :])))
        assert violations(without, acknowledged=CASES), f"{row} was not missed"


@pytest.mark.parametrize("table", [table for table in ROWS if table not in MAY_COME_AGAIN | {"unchained"}])
def test_any_row_that_is_there_twice_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    for row in rows:
        twice = replace(books, **changed(table, (*rows, row)))
        assert violations(twice, acknowledged=CASES), f"{row} was doubled unnoticed"


def test_i1_and_i3_what_was_acknowledged_and_what_nobody_sent_are_named() -> None:
    other = UUID(int=99)
    [lost] = violations(consistent(), acknowledged=(*CASES, other))
    assert (lost.invariant, lost.says) == ("I1", f"case {other} is in intake 0 times, not 1")
    [unexpected] = violations(consistent(), acknowledged=set(CASES) - {UNCLEARED})
    assert (unexpected.invariant, unexpected.says) == ("I3", f"case {UNCLEARED} is in intake 1 times, not 0")


def test_i2_a_call_that_is_there_twice_and_one_that_opened_two_cases_are_found() -> None:
    books = consistent()
    again = replace(books.calls[0], call_id=UUID(int=999))
    assert broken(replace(books, calls=(*books.calls, again))) == {
        "I2": [f"call {SOURCE} call-7 is in intake 2 times, not 1"]
    }
    opened_too = tuple(replace(case, call_id=CALL) if case.case_id == UNCLEARED else case for case in books.cases)
    [found] = broken(replace(books, cases=opened_too))["I2"]
    assert found == f"call {CALL} is in the cases that opened by themselves 2 times, not 1"
    by_hand = tuple(replace(case, registered_by="agent-1") for case in opened_too)
    assert broken(replace(books, cases=by_hand)) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda books: with_said(books, 3, causation_id=UUID(int=987)),
        lambda books: replace(books, deadlines=(*books.deadlines, Deadline("offer", "offer", GHOST))),
        lambda books: replace(books, deadlines=(*books.deadlines, Deadline("revisit", "revisit", GHOST))),
        lambda books: replace(books, orders=(*books.orders, replace(books.orders[0], order_id=GHOST, round=9))),
        lambda books: replace(books, requests=(*books.requests, GHOST)),
        lambda books: replace(books, revisits=(*books.revisits, GHOST)),
        lambda books: replace(
            books, messages=(*books.messages, Message(GHOST, "assignment_failed", GHOST, "S1", None, "withdrawn"))
        ),
        lambda books: replace(books, escalations=(*books.escalations, Climb(GHOST, GHOST, 0))),
        lambda books: replace(books, mails=(*books.mails, GHOST)),
    ],
)
def test_i4_an_effect_that_nothing_committed_explains_is_found(change: Callable[[Books], Books]) -> None:
    assert "I4" in broken(change(consistent()))


def test_i5_an_event_that_nobody_heard_and_one_heard_by_somebody_who_should_not_are_found() -> None:
    books = consistent()
    assert "I5" in broken(replace(books, heard=books.heard[1:]))
    stranger = Heard("dispatch.on_case_opened", books.said[0].event_id)
    assert broken(replace(books, heard=(*books.heard, stranger))) == {
        "I5": [f"delivery dispatch.on_case_opened {books.said[0].event_id} is in the inboxes 1 times, not 0"]
    }


def test_i6_a_delivery_and_an_effect_that_happened_twice_are_found() -> None:
    books = consistent()
    assert "I6" in broken(replace(books, heard=(*books.heard, books.heard[0])))
    assert "I6" in broken(replace(books, messages=(*books.messages, replace(books.messages[0], message_id=GHOST))))
    assert "I6" in broken(replace(books, told=(*books.told, books.told[0])))


def test_i7_two_events_that_were_swapped_are_found() -> None:
    books = consistent()
    cleared = number_of(books, CaseCleared.TYPE)
    opened = number_of(books, CaseOpened.TYPE)
    swapped = with_said(with_said(books, opened, position=cleared + 1000), cleared, position=opened + 1000)
    assert any("numbered the events of" in found for found in broken(swapped)["I7"])
    assert any("numbered the events of" in found for found in broken(with_said(books, cleared, sequence=5))["I7"])
    assert "before an earlier one" in broken(with_said(books, opened, sent=False))["I7"][0]
    wire = list(books.wire)
    wire[opened], wire[cleared] = wire[cleared], wire[opened]
    assert "in the order [2, 1]" in broken(replace(books, wire=tuple(wire)))["I7"][0]


def test_i7_an_event_that_comes_again_late_is_in_order() -> None:
    books = consistent()
    assert broken(replace(books, wire=(*books.wire, books.wire[0]))) == {}


def test_i8_what_lies_in_the_outbox_and_in_a_queue_is_found_but_for_the_poison_that_was_put_in() -> None:
    books = consistent()
    last = number_of(books, "intake.call_ended.v1")
    assert set(broken(with_said(books, last, sent=False))) == {"I8"}
    dead = "dispatch.on_case_cleared.dead"
    poisoned = replace(books, queues={dead: 2})
    assert broken(poisoned) == {"I8": [f"the queue {dead} holds 2 messages"]}
    assert list(in_the_books(poisoned, poison={dead: 2})) == []
    assert [one.invariant for one in in_the_books(poisoned, poison={dead: 3})] == ["I8"]


def test_i8_and_i6_a_message_that_is_not_sent_and_one_that_failed_are_found() -> None:
    books = consistent()
    for state, invariant in (("due", "I8"), ("failed", "I6")):
        rows = (replace(books.messages[0], state=state), *books.messages[1:])
        assert invariant in broken(replace(books, messages=rows))


@pytest.mark.parametrize(
    ("table", "before", "after", "complaint"),
    [
        ("orders", "cancelled", "offered", f"the work order of case {CALLED_OFF} is offered"),
        ("orders", "offered", "cancelled", f"the work order of case {GOES_ON} is cancelled"),
        ("orders", "offered", "assigned", f"dispatch.work_order {order_of(GOES_ON)} is assigned"),
        ("orders", "signed_off", "completed", f"work order {order_of(DONE_TWICE)} is in the events"),
        ("cases", "awaiting_quote", "cancelled", f"case {UNCLEARED} is cancelled"),
        ("cases", "awaiting_quote", "awaiting_waiver", f"intake.case {UNCLEARED} is awaiting_waiver"),
        ("cases", "resolved", "cleared", f"case {DONE_TWICE} is cleared, but its work order is completed"),
        ("cases", "resolved", "closed", f"case {DONE_TWICE} is closed without a resolution or a closer"),
        ("deposits", "held", "refunded", f"deposit {HELD} is in the events {DepositRefunded.TYPE}"),
        ("deposits", "held", "required", f"deposit {HELD} is in the events {DepositPaid.TYPE}"),
    ],
)
def test_i9_and_i10_a_state_that_nothing_explains_is_found(table: str, before: str, after: str, complaint: str) -> None:
    books = consistent()
    rows = list(getattr(books, table))
    number = next(number for number, row in enumerate(rows) if row.state == before)
    rows[number] = replace(rows[number], state=after)
    found = broken(replace(books, **changed(table, tuple(rows))))
    assert set(found) & {"I9", "I10"}
    assert any(complaint in one for says in found.values() for one in says), found


def test_i9_a_step_that_is_not_possible_is_found() -> None:
    books = consistent()
    order = str(order_of(DONE_TWICE))
    assigned = number_of(books, TechnicianAssigned.TYPE, subject=order)
    found = broken(with_said(books, assigned, type=WorkOrderOpened.TYPE))["I9"]
    assert f"dispatch.work_order {order}: work_order_opened is no step from offered" in found


def test_i9_times_that_run_backwards_are_found() -> None:
    books = consistent()
    cases = [replace(case, resolved_at=NOON - HOUR) if case.resolved_at else case for case in books.cases]
    assert set(broken(replace(books, cases=tuple(cases)))) == {"I9"}


@pytest.mark.parametrize("wrong", [Pieces(BOARD, 5, 2, 1), Pieces(BOARD, 4, 3, 1), Pieces(BOARD, 4, 2, 0)])
def test_i10_a_piece_that_no_movement_explains_is_found(wrong: Pieces) -> None:
    assert "I10" in broken(replace(consistent(), stock=(wrong,)))


def test_i10_a_piece_that_is_reserved_for_nobody_is_found() -> None:
    books = consistent()
    moved = replace(books, stock=(Pieces(BOARD, 4, 3, 1),), movements=(*books.movements, Pieces(BOARD, 0, 1, 0)))
    [found] = broken(moved)["I10"]
    assert "but requests keep 2" in found
    negative = replace(books, stock=(Pieces(BOARD, -1, 2, 1),), movements=(*books.movements, Pieces(BOARD, -5, 0, 0)))
    assert any("negative" in found for found in broken(negative)["I10"])


def test_i10_an_end_that_another_service_does_not_know_of_is_found() -> None:
    books = consistent()
    assert set(broken(replace(books, called_off=books.called_off[1:]))) == {"I10"}
    assert set(broken(replace(books, ended=()))) == {"I10"}
    unheard_of = replace(books.cases[2], state="lost")
    assert "I10" in broken(replace(books, cases=(*books.cases[:2], unheard_of, *books.cases[3:])))


def test_i11_a_technician_in_two_places_and_a_constraint_that_is_gone_are_found() -> None:
    books = consistent()
    overlapping = Visit(GHOST, TECHNICIAN, NOON + HOUR / 2, NOON + 3 * HOUR)
    assert set(broken(replace(books, visits=(*books.visits, overlapping)))) == {"I11"}
    elsewhere = replace(overlapping, technician_id=GHOST)
    assert broken(replace(books, visits=(*books.visits, elsewhere))) == {}
    assert set(broken(replace(books, guards=books.guards - {NO_TECHNICIAN_IN_TWO_PLACES}))) == {"I11"}


def test_i13_an_audit_entry_that_was_changed_removed_or_not_chained_is_found() -> None:
    books = consistent()
    first, *others = books.chain
    assert first.entry is not None
    altered = replace(first, entry={**first.entry, "actor_id": "somebody else"})
    for chain, complaint in (
        ((altered, *others), "is not what was chained"),
        ((replace(first, entry=None), *others), "is gone"),
        (tuple(others), "something is missing"),
    ):
        [found] = broken(replace(books, chain=chain))["I13"]
        assert complaint in found
    assert set(broken(replace(books, unchained=(GHOST,)))) == {"I13"}
    assert set(broken(replace(books, guards=books.guards - {("parts", "audit_entry.append_only")}))) == {"I13"}


def test_what_is_older_than_asked_for_is_left_out() -> None:
    since = UUID("01990000-0000-7000-8000-000000000000")
    older, younger = UUID("01980000-0000-7000-8000-000000000001"), UUID("01990000-0000-7000-8000-000000000001")
    lost = {one.says: one for one in violations(consistent(), acknowledged=(*CASES, older, younger))}
    assert [one.concerns(since) for one in lost.values()] == [False, True]


def test_an_erasure_has_no_life_of_its_own() -> None:
    books = consistent()
    erased = Said(
        event_id=UUID(int=701),
        service="intake",
        type=CustomerErased.TYPE,
        subject="customer/1",
        sequence=1,
        position=701,
        causation_id=None,
        body={},
        sent=True,
    )
    assert set(broken(replace(books, said=(*books.said, erased)))) == {"I5"}
