"""The checker of the fault tests finds every row that is missing, and every row that is there twice."""

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.dispatch import TechnicianOffered, WorkOrderCancelled, WorkOrderOpened
from shared.contracts.envelope import Event
from shared.contracts.intake import CallEnded, CaseCancelled, CaseCleared, CaseOpened
from shared.messaging.topology import queue_name
from support.invariants import Books, Heard, Said, Stands, Told, violations

GOES_ON, CALLED_OFF, UNCLEARED = UUID(int=1), UUID(int=2), UUID(int=3)
CASES = (GOES_ON, CALLED_OFF, UNCLEARED)
STORIES: dict[UUID, tuple[type[Event], ...]] = {
    GOES_ON: (CaseOpened, CaseCleared, WorkOrderOpened, TechnicianOffered),
    CALLED_OFF: (CaseOpened, CaseCleared, WorkOrderOpened, CaseCancelled, WorkOrderCancelled),
    UNCLEARED: (CaseOpened,),
}
OFFER = UUID(int=900)
ROWS = ("cases", "orders", "said", "heard", "told", "offers", "offer_deadlines")


def said(case: UUID, story: tuple[type[Event], ...]) -> list[Said]:
    found: list[Said] = []
    for number, event in enumerate(story):
        service = event.TYPE.partition(".")[0]
        found.append(
            Said(
                event_id=UUID(int=100 * case.int + number),
                service=service,
                type=event.TYPE,
                subject=f"{event.SUBJECT[0]}/{case}",
                sequence=1 + sum(one.service == service for one in found),
                case_id=case,
                sent=True,
            )
        )
    return found


def heard(event: Said) -> list[Heard]:
    return [
        Heard(queue_name(model, service=service), event.event_id)
        for service, models in SUBSCRIPTIONS.items()
        for model in models
        if event.type == model.TYPE
    ]


def consistent() -> Books:
    call = Said(
        event_id=UUID(int=700),
        service="intake",
        type=CallEnded.TYPE,
        subject="call/7",
        sequence=1,
        case_id=None,
        sent=True,
    )
    events = [event for case in CASES for event in said(case, STORIES[case])]
    return Books(
        cases=(Stands(GOES_ON, "cleared"), Stands(CALLED_OFF, "cancelled"), Stands(UNCLEARED, "awaiting_quote")),
        orders=(Stands(GOES_ON, "offered"), Stands(CALLED_OFF, "cancelled")),
        said=(*events, call),
        heard=tuple(row for event in events for row in heard(event)),
        told=tuple(Told(event.case_id, event.event_id) for event in events if event.case_id is not None),
        offers=(OFFER,),
        offer_deadlines=(OFFER,),
        queues={"dispatch.on_case_cleared": 0, "dispatch.on_case_cleared.dead": 0},
    )


def changed(table: str, rows: tuple[object, ...]) -> dict[str, Any]:
    return {table: rows}


def test_books_that_agree_violate_nothing() -> None:
    assert violations(consistent(), acknowledged=CASES) == []


def test_the_tests_below_cover_all_rows() -> None:
    assert {field.name for field in fields(Books)} == {*ROWS, "queues"}


@pytest.mark.parametrize("table", ROWS)
def test_any_row_that_is_missing_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    for number, row in enumerate(rows):
        without = replace(books, **changed(table, (*rows[:number], *rows[number + 1 :])))
        if row == books.said[-1] and table == "said":
            continue  # the call: nothing else speaks of it
        assert violations(without, acknowledged=CASES), f"{row} was not missed"


@pytest.mark.parametrize("table", ROWS)
def test_any_row_that_is_there_twice_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    for row in rows:
        twice = replace(books, **changed(table, (*rows, row)))
        assert violations(twice, acknowledged=CASES), f"{row} was doubled unnoticed"


def test_what_was_acknowledged_and_what_nobody_sent_are_named() -> None:
    other = UUID(int=4)
    assert f"case {other} is in intake 0 times, not 1" in violations(consistent(), acknowledged=(*CASES, other))
    assert f"case {UNCLEARED} is in intake 1 times, not 0" in violations(consistent(), acknowledged=CASES[:2])


def test_an_event_that_was_not_sent_and_two_that_were_swapped_are_found() -> None:
    books = consistent()
    first, second, *others = books.said
    unsent = replace(books, said=(replace(first, sent=False), second, *others))
    assert violations(unsent, acknowledged=CASES) == [f"{first.type} {first.event_id} lies in the outbox"]
    skipped = replace(books, said=(first, replace(second, sequence=5), *others))
    assert any("numbered the events of" in found for found in violations(skipped, acknowledged=CASES))


def test_a_state_that_its_events_do_not_say_is_found() -> None:
    books = consistent()
    revived = replace(books, orders=(books.orders[0], Stands(CALLED_OFF, "offered")))
    [found] = violations(revived, acknowledged=CASES)
    assert found.startswith(f"the work order of case {CALLED_OFF} is offered")
    closed = replace(books, cases=(Stands(GOES_ON, "cancelled"), *books.cases[1:]))
    assert len(violations(closed, acknowledged=CASES)) == 1


def test_a_message_that_lies_in_a_queue_is_found() -> None:
    books = replace(consistent(), queues={"dispatch.on_case_cleared.dead": 2})
    assert violations(books, acknowledged=CASES) == ["the queue dispatch.on_case_cleared.dead holds 2 messages"]
