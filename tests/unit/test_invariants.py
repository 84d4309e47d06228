"""The checker of the fault tests finds every row that is missing, and every row that is there twice."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from uuid import UUID, uuid5

import pytest

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.dispatch import (
    ClockBreached,
    PartsRequested,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderOpened,
    WorkOrderSignedOff,
)
from shared.contracts.envelope import Event
from shared.contracts.intake import CallEnded, CaseCancelled, CaseCleared, CaseOpened, CaseReopened, CaseResolved
from shared.contracts.notifier import EscalationRaised, MessageDelivered
from shared.contracts.parts import DepositPaid, DepositRefunded, DepositRequired, DepositWaived
from shared.messaging.topology import queue_name
from support.invariants import Books, Heard, Order, Stands, Told, violations
from support.invariants_of_aftercare import TOLD, Climb, Message
from support.invariants_of_parts import Deposit, Line, Pieces
from support.said import Said

GOES_ON, CALLED_OFF, UNCLEARED, DONE_TWICE, TOO_LATE = CASES = tuple(UUID(int=number) for number in range(1, 6))
OFFER, REQUEST, HELD, WAIVED, CLIMB = (UUID(int=number) for number in range(900, 905))
BOARD = "PCB-77"
FIRST, SECOND = {"round": 1}, {"round": 2}
ASKED = {"request_id": str(REQUEST), "lines": [{"part_code": BOARD, "quantity": 3}]}

type Step = tuple[type[Event], Mapping[str, Any]]


def order_of(case: UUID, *, round_: int = 1) -> UUID:
    return uuid5(case, f"order {round_}")


def about(round_: int, case: UUID) -> Mapping[str, Any]:
    return {"work_order_id": str(order_of(case, round_=round_))}


STORIES: dict[UUID, tuple[Step, ...]] = {
    GOES_ON: (
        (CaseOpened, {}),
        (CaseCleared, FIRST),
        (WorkOrderOpened, {}),
        (PartsRequested, ASKED),
        (DepositRequired, {"deposit_id": str(HELD)}),
        (DepositPaid, {"deposit_id": str(HELD)}),
        (TechnicianOffered, {}),
        (ClockBreached, {}),
        (EscalationRaised, {"escalation_id": str(CLIMB), "level": 1}),
        (EscalationRaised, {"escalation_id": str(CLIMB), "level": 2}),
    ),
    CALLED_OFF: (
        (CaseOpened, {}),
        (CaseCleared, FIRST),
        (WorkOrderOpened, {}),
        (DepositRequired, {"deposit_id": str(WAIVED)}),
        (CaseCancelled, {}),
        (WorkOrderCancelled, {}),
        (DepositWaived, {"deposit_id": str(WAIVED)}),
    ),
    UNCLEARED: ((CaseOpened, {}),),
    DONE_TWICE: (
        (CaseOpened, {}),
        (CaseCleared, FIRST),
        (WorkOrderCompleted, about(1, DONE_TWICE)),
        (CaseResolved, {}),
        (WorkOrderSignedOff, about(1, DONE_TWICE)),
        (CaseReopened, {}),
        (CaseCleared, SECOND),
        (WorkOrderCompleted, about(2, DONE_TWICE)),
        (CaseResolved, {}),
    ),
    TOO_LATE: (
        (CaseOpened, {}),
        (CaseCleared, FIRST),
        (WorkOrderCompleted, about(1, TOO_LATE)),
        (CaseCancelled, {}),
        (CaseResolved, {}),
    ),
}
MAY_COME_AGAIN = "mails"
"""A mail may be delivered more than once, under one id."""
ROWS = tuple(field.name for field in fields(Books) if field.name != "queues")


def said(case: UUID, story: tuple[Step, ...]) -> list[Said]:
    numbers: Counter[tuple[str, str]] = Counter()
    found: list[Said] = []
    for place, (event, body) in enumerate(story):
        service, subject = event.TYPE.partition(".")[0], f"{event.SUBJECT[0]}/{case}"
        numbers[service, subject] += 1
        found.append(
            Said(
                event_id=UUID(int=100 * case.int + place),
                service=service,
                type=event.TYPE,
                subject=subject,
                sequence=numbers[service, subject],
                body={"case_id": str(case), **body},
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


def messages_about(events: list[Said]) -> list[Message]:
    """What the standard policy has told, of those events that these stories have."""
    routes = {type_.TYPE: route for route, type_ in TOLD.items()}
    told = [(event, routes[event.type], None) for event in events if event.type in routes]
    climbed = [
        (event, "arrival_breached", level) for event in events if event.type == ClockBreached.TYPE for level in (1, 2)
    ]
    return [
        Message(UUID(int=5000 + number), route, event.event_id, "S1", level, "delivered")
        for number, (event, route, level) in enumerate([*told, *climbed])
    ]


def delivered(message: Message) -> Said:
    return Said(
        event_id=uuid5(message.message_id, "delivered"),
        service="notifier",
        type=MessageDelivered.TYPE,
        subject=f"message/{message.message_id}",
        sequence=1,
        body={"message_id": str(message.message_id)},
        sent=True,
    )


def consistent() -> Books:
    call = Said(
        event_id=UUID(int=700), service="intake", type=CallEnded.TYPE, subject="call/7", sequence=1, body={}, sent=True
    )
    stories = [event for case in CASES for event in said(case, STORIES[case])]
    [breach] = [event for event in stories if event.type == ClockBreached.TYPE]
    messages = messages_about(stories)
    events = [*stories, *(delivered(message) for message in messages)]
    return Books(
        cases=(
            Stands(GOES_ON, "cleared"),
            Stands(CALLED_OFF, "cancelled"),
            Stands(UNCLEARED, "awaiting_quote"),
            Stands(DONE_TWICE, "resolved"),
            Stands(TOO_LATE, "resolved"),
        ),
        orders=(
            Order(order_of(GOES_ON), GOES_ON, 1, "offered"),
            Order(order_of(CALLED_OFF), CALLED_OFF, 1, "cancelled"),
            Order(order_of(DONE_TWICE), DONE_TWICE, 1, "signed_off"),
            Order(order_of(DONE_TWICE, round_=2), DONE_TWICE, 2, "completed"),
            Order(order_of(TOO_LATE), TOO_LATE, 1, "completed"),
        ),
        said=(*events, call),
        heard=tuple(row for event in events for row in heard(event)),
        told=tuple(Told(event.id_in("case_id"), event.event_id) for event in stories),
        offers=(OFFER,),
        offer_deadlines=(OFFER,),
        asked=(REQUEST,),
        requests=(REQUEST,),
        lines=(Line(REQUEST, BOARD, 3, 2, 1),),
        stock=(Pieces(BOARD, 4, 2, 1),),
        movements=(Pieces(BOARD, 5, 0, 0), Pieces(BOARD, 0, 3, 0), Pieces(BOARD, -1, -1, 1)),
        deposits=(Deposit(HELD, "held"), Deposit(WAIVED, "waived")),
        revisits=(order_of(DONE_TWICE),),
        surveys=(order_of(DONE_TWICE),),
        messages=tuple(messages),
        escalations=(Climb(CLIMB, breach.event_id, 2),),
        mails=tuple(message.message_id for message in messages),
        queues={"dispatch.on_case_cleared": 0, "dispatch.on_case_cleared.dead": 0},
    )


def changed(table: str, rows: tuple[object, ...]) -> dict[str, Any]:
    return {table: rows}


def test_books_that_agree_violate_nothing() -> None:
    assert violations(consistent(), acknowledged=CASES) == []


def test_every_book_holds_something_that_could_be_lost() -> None:
    assert all(getattr(consistent(), table) for table in ROWS)


@pytest.mark.parametrize("table", ROWS)
def test_any_row_that_is_missing_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    for number, row in enumerate(rows):
        without = replace(books, **changed(table, (*rows[:number], *rows[number + 1 :])))
        if row == books.said[-1] and table == "said":
            continue  # the call: nothing else speaks of it
        assert violations(without, acknowledged=CASES), f"{row} was not missed"


@pytest.mark.parametrize("table", [table for table in ROWS if table != MAY_COME_AGAIN])
def test_any_row_that_is_there_twice_is_found(table: str) -> None:
    books = consistent()
    rows = getattr(books, table)
    for row in rows:
        twice = replace(books, **changed(table, (*rows, row)))
        assert violations(twice, acknowledged=CASES), f"{row} was doubled unnoticed"


def test_a_mail_that_comes_twice_under_one_id_is_what_was_promised_and_one_of_nobody_is_not() -> None:
    books = consistent()
    assert violations(replace(books, mails=(*books.mails, *books.mails)), acknowledged=CASES) == []
    stray = UUID(int=1234)
    found = violations(replace(books, mails=(*books.mails, stray)), acknowledged=CASES)
    assert found == [f"a mail came of the message {stray}, which there is not"]


def test_what_was_acknowledged_and_what_nobody_sent_are_named() -> None:
    other = UUID(int=99)
    assert f"case {other} is in intake 0 times, not 1" in violations(consistent(), acknowledged=(*CASES, other))
    without = set(CASES) - {UNCLEARED}
    assert f"case {UNCLEARED} is in intake 1 times, not 0" in violations(consistent(), acknowledged=without)


def test_an_event_that_was_not_sent_and_two_that_were_swapped_are_found() -> None:
    books = consistent()
    first, second, *others = books.said
    unsent = replace(books, said=(replace(first, sent=False), second, *others))
    assert violations(unsent, acknowledged=CASES) == [f"{first.type} {first.event_id} lies in the outbox"]
    skipped = replace(books, said=(first, replace(second, sequence=5), *others))
    assert any("numbered the events of" in found for found in violations(skipped, acknowledged=CASES))


@pytest.mark.parametrize(
    ("table", "before", "after", "complaint"),
    [
        ("orders", "cancelled", "offered", f"the work order of case {CALLED_OFF} is offered"),
        ("orders", "offered", "cancelled", f"the work order of case {GOES_ON} is cancelled"),
        ("orders", "signed_off", "completed", f"work order {order_of(DONE_TWICE)} is in the events"),
        ("cases", "awaiting_quote", "cancelled", f"case {UNCLEARED} is cancelled"),
        ("cases", "resolved", "cleared", f"case {DONE_TWICE} is cleared, but its work order is completed"),
        ("deposits", "held", "refunded", f"deposit {HELD} is in the events {DepositRefunded.TYPE}"),
        ("deposits", "held", "required", f"deposit {HELD} is in the events {DepositPaid.TYPE}"),
        ("messages", "delivered", "due", "is not sent yet"),
        ("messages", "delivered", "failed", "could not be delivered"),
    ],
)
def test_a_state_that_nothing_explains_is_found(table: str, before: str, after: str, complaint: str) -> None:
    books = consistent()
    rows = list(getattr(books, table))
    number = next(number for number, row in enumerate(rows) if row.state == before)
    rows[number] = replace(rows[number], state=after)
    found = violations(replace(books, **changed(table, tuple(rows))), acknowledged=CASES)
    assert any(complaint in one for one in found), found


@pytest.mark.parametrize("wrong", [Pieces(BOARD, 5, 2, 1), Pieces(BOARD, 4, 3, 1), Pieces(BOARD, 4, 2, 0)])
def test_a_piece_that_no_movement_explains_is_found(wrong: Pieces) -> None:
    assert violations(replace(consistent(), stock=(wrong,)), acknowledged=CASES)


def test_a_piece_that_is_reserved_for_nobody_is_found() -> None:
    books = consistent()
    moved = replace(books, stock=(Pieces(BOARD, 4, 3, 1),), movements=(*books.movements, Pieces(BOARD, 0, 1, 0)))
    [found] = violations(moved, acknowledged=CASES)
    assert "but requests keep 2" in found
    negative = replace(books, stock=(Pieces(BOARD, -1, 2, 1),), movements=(*books.movements, Pieces(BOARD, -5, 0, 0)))
    assert any("negative" in found for found in violations(negative, acknowledged=CASES))


def test_a_message_and_an_escalation_that_nobody_gave_cause_for_are_found() -> None:
    books = consistent()
    ghost = Message(UUID(int=6000), "assignment_failed", UUID(int=1), "S1", None, "withdrawn")
    [found] = violations(replace(books, messages=(*books.messages, ghost)), acknowledged=CASES)
    assert found.endswith("which nobody said")
    climb = Climb(UUID(int=6001), UUID(int=1), 0)
    assert violations(replace(books, escalations=(*books.escalations, climb)), acknowledged=CASES)


def test_a_message_that_lies_in_a_queue_is_found() -> None:
    books = replace(consistent(), queues={"dispatch.on_case_cleared.dead": 2})
    assert violations(books, acknowledged=CASES) == ["the queue dispatch.on_case_cleared.dead holds 2 messages"]
