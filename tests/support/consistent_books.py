"""Books that agree in everything, about five small stories: what a mutation of them breaks has to be noticed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.audit import BEGINNING, entry_hash
from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.dispatch import (
    ClockBreached,
    PartsRequested,
    TechnicianArrived,
    TechnicianAssigned,
    TechnicianOffered,
    VisitScheduled,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderOpened,
    WorkOrderSignedOff,
)
from shared.contracts.envelope import Event
from shared.contracts.intake import (
    CallEnded,
    CaseCancelled,
    CaseCleared,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResolved,
)
from shared.contracts.notifier import EscalationRaised, MessageDelivered
from shared.contracts.parts import DepositPaid, DepositRequired, DepositWaived, PartsIssued, PartsReserved
from shared.messaging.topology import queue_name
from testkit.checker.aftercare import TOLD
from testkit.checker.books import (
    Books,
    Call,
    Case,
    Climb,
    Deadline,
    Deposit,
    Heard,
    Line,
    Link,
    Message,
    Order,
    Pieces,
    Said,
    Told,
    Visit,
)
from testkit.checker.tables import OWNERS
from testkit.checker.trails import GUARDS, NO_TECHNICIAN_IN_TWO_PLACES
from testkit.suite import SERVICES

NOON = datetime(2040, 3, 5, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOES_ON, CALLED_OFF, UNCLEARED, DONE_TWICE, TOO_LATE = CASES = tuple(UUID(int=number) for number in range(1, 6))
OFFER, REQUEST, HELD, WAIVED, CLIMB, TECHNICIAN, CALL, SOURCE = (UUID(int=number) for number in range(900, 908))
BOARD = "PCB-77"

type Step = tuple[type[Event], Mapping[str, Any]]
type Story = tuple[Step, ...]


def order_of(case: UUID, *, round_: int = 1) -> UUID:
    """The work order of a case's round."""
    return uuid5(case, f"order {round_}")


def _order(case: UUID, *, round_: int = 1) -> Mapping[str, Any]:
    return {"work_order_id": str(order_of(case, round_=round_))}


def _round(number: int) -> Mapping[str, Any]:
    return {"round": number}


def _repaired(case: UUID, *, round_: int = 1) -> Story:
    order = _order(case, round_=round_)
    return (
        (WorkOrderOpened, order),
        (TechnicianOffered, order),
        (TechnicianAssigned, order),
        (VisitScheduled, order),
        (TechnicianArrived, order),
        (WorkOrderCompleted, order),
    )


_ASKED = {"request_id": str(REQUEST), "lines": [{"part_code": BOARD, "quantity": 3}]}
_KEPT, _PAID, _FORGIVEN = {"request_id": str(REQUEST)}, {"deposit_id": str(HELD)}, {"deposit_id": str(WAIVED)}
STORIES: Mapping[UUID, Story] = {
    GOES_ON: (
        (CaseOpened, {}),
        (CaseCleared, _round(1)),
        (WorkOrderOpened, _order(GOES_ON)),
        (PartsRequested, {**_order(GOES_ON), **_ASKED}),
        (PartsReserved, _KEPT),
        (PartsIssued, _KEPT),
        (DepositRequired, _PAID),
        (DepositPaid, _PAID),
        (TechnicianOffered, _order(GOES_ON)),
        (ClockBreached, _order(GOES_ON)),
        (EscalationRaised, {"escalation_id": str(CLIMB), "level": 1}),
        (EscalationRaised, {"escalation_id": str(CLIMB), "level": 2}),
    ),
    CALLED_OFF: (
        (CaseOpened, {}),
        (CaseCleared, _round(1)),
        (WorkOrderOpened, _order(CALLED_OFF)),
        (DepositRequired, _FORGIVEN),
        (CaseCancelled, {}),
        (WorkOrderCancelled, _order(CALLED_OFF)),
        (DepositWaived, _FORGIVEN),
    ),
    UNCLEARED: ((CaseOpened, {}),),
    DONE_TWICE: (
        (CaseOpened, {}),
        (CaseCleared, _round(1)),
        *_repaired(DONE_TWICE),
        (CaseResolved, {}),
        (WorkOrderSignedOff, _order(DONE_TWICE)),
        (CaseClosed, {}),
        (CaseReopened, {}),
        (CaseCleared, _round(2)),
        *_repaired(DONE_TWICE, round_=2),
        (CaseResolved, {}),
    ),
    TOO_LATE: (
        (CaseOpened, {}),
        (CaseCleared, _round(1)),
        *_repaired(TOO_LATE),
        (CaseCancelled, {}),
        (CaseResolved, {}),
    ),
}


def consistent() -> Books:
    """Nothing is under way, and nothing is wrong."""
    events = list(_everything())
    stories = [event for event in events if event.body.get("case_id")]
    [breach] = [event for event in events if event.type == ClockBreached.TYPE]
    messages = _messages(stories)
    said = (*events, *(_delivered(message, position=900 + place) for place, message in enumerate(messages)))
    return Books(
        cases=(
            _case(GOES_ON, "cleared"),
            _case(CALLED_OFF, "cancelled"),
            _case(UNCLEARED, "awaiting_quote"),
            _case(DONE_TWICE, "resolved"),
            _case(TOO_LATE, "resolved"),
        ),
        calls=(Call(CALL, SOURCE, "call-7"),),
        owned=_owned(messages),
        orders=(
            Order(order_of(GOES_ON), GOES_ON, 1, "offered"),
            Order(order_of(CALLED_OFF), CALLED_OFF, 1, "cancelled"),
            Order(order_of(DONE_TWICE), DONE_TWICE, 1, "signed_off"),
            Order(order_of(DONE_TWICE, round_=2), DONE_TWICE, 2, "completed"),
            Order(order_of(TOO_LATE), TOO_LATE, 1, "completed"),
        ),
        visits=(
            Visit(UUID(int=800), TECHNICIAN, NOON, NOON + HOUR),
            Visit(UUID(int=801), TECHNICIAN, NOON + HOUR, NOON + 2 * HOUR),
        ),
        said=said,
        heard=tuple(row for event in said for row in _heard(event)),
        told=tuple(Told(event.id_in("case_id"), event.event_id) for event in stories),
        offers=(OFFER,),
        deadlines=(Deadline("offer", "offer", OFFER), Deadline("call_silent", "call", CALL)),
        called_off=(CALLED_OFF, TOO_LATE),
        ended=(DONE_TWICE,),
        asked=(REQUEST,),
        requests=(REQUEST,),
        lines=(Line(REQUEST, BOARD, 3, 2, 1),),
        stock=(Pieces(BOARD, 4, 2, 1),),
        movements=(Pieces(BOARD, 5, 0, 0), Pieces(BOARD, 0, 3, 0), Pieces(BOARD, -1, -1, 1)),
        deposits=(Deposit(HELD, "held"), Deposit(WAIVED, "waived")),
        revisits=(order_of(DONE_TWICE),),
        surveys=(order_of(DONE_TWICE),),
        messages=messages,
        escalations=(Climb(CLIMB, breach.event_id, 2),),
        mails=tuple(message.message_id for message in messages),
        chain=tuple(link for service in SERVICES for link in _chain(service)),
        unchained=(),
        guards=frozenset(
            {NO_TECHNICIAN_IN_TWO_PLACES, *((service, guard) for service in SERVICES for guard in GUARDS)}
        ),
        queues={"dispatch.on_case_cleared": 0, "dispatch.on_case_cleared.dead": 0},
        wire=tuple(event.event_id for event in said),
    )


def _everything() -> Iterator[Said]:
    """What is said, in order; each event of a story comes of the one before."""
    numbers: Counter[tuple[str, str]] = Counter()
    for case, story in STORIES.items():
        before: UUID | None = None
        for place, (event, body) in enumerate(story):
            said = {"case_id": str(case), **body}
            kind, field = event.SUBJECT
            service, subject = event.TYPE.partition(".")[0], f"{kind}/{said[field]}"
            numbers[service, subject] += 1
            id_ = UUID(int=100 * case.int + place)
            yield Said(
                event_id=id_,
                service=service,
                type=event.TYPE,
                subject=subject,
                sequence=numbers[service, subject],
                position=id_.int,
                causation_id=before,
                body=said,
                sent=True,
            )
            before = id_
    yield _alone(CallEnded, service="intake", subject=f"call/{CALL}", id_=UUID(int=700), position=700)


def _alone(event: type[Event], *, service: str, subject: str, id_: UUID, position: int, **body: str) -> Said:
    return Said(
        event_id=id_,
        service=service,
        type=event.TYPE,
        subject=subject,
        sequence=1,
        position=position,
        causation_id=None,
        body=body,
        sent=True,
    )


def _delivered(message: Message, *, position: int) -> Said:
    id_ = message.message_id
    return _alone(
        MessageDelivered,
        service="notifier",
        subject=f"message/{id_}",
        id_=uuid5(id_, "delivered"),
        position=position,
        message_id=str(id_),
    )


def _heard(event: Said) -> list[Heard]:
    return [
        Heard(queue_name(model, service=service), event.event_id)
        for service, models in SUBSCRIPTIONS.items()
        for model in models
        if event.type == model.TYPE
    ]


def _messages(events: list[Said]) -> tuple[Message, ...]:
    """What the standard policy has told, of those events that these stories have."""
    routes = {type_.TYPE: route for route, type_ in TOLD.items()}
    told = [(event, routes[event.type], None) for event in events if event.type in routes]
    climbed = [
        (event, "arrival_breached", level) for event in events if event.type == ClockBreached.TYPE for level in (1, 2)
    ]
    return tuple(
        Message(UUID(int=5000 + number), route, event.event_id, "S1", level, "delivered")
        for number, (event, route, level) in enumerate([*told, *climbed])
    )


def _case(case: UUID, state: str) -> Case:
    resolved = NOON + HOUR if state == "resolved" else None
    resolution = "repaired" if resolved else None
    return Case(case, state, CALL if case == GOES_ON else None, str(SOURCE), NOON, resolved, None, resolution, None)


def _owned(messages: tuple[Message, ...]) -> Mapping[str, frozenset[UUID]]:
    known = {"case": CASES, "call": (CALL,), "offer": (OFFER,), "message": [one.message_id for one in messages]}
    return {what: frozenset(known.get(what, ())) for what in OWNERS}


def _chain(service: str) -> Iterator[Link]:
    previous = BEGINNING
    for position in (1, 2):
        entry = {
            "id": UUID(int=position),
            "at": NOON,
            "actor_kind": "person",
            "actor_id": "li",
            "actor_role": "agent",
            "action": "contact_shown",
            "subject": f"customer/{position}",
            "purpose": None,
            "details": {},
            "correlation_id": None,
        }
        previous = entry_hash(entry, previous=previous)
        yield Link(service, position, previous, entry)
