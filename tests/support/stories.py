"""What each service hears of a whole story, in the order in which it was said; every case has ids of its own."""

from datetime import timedelta
from uuid import UUID, uuid5

from shared.contracts.dispatch import (
    OfferDeclined,
    PartsRequested,
    TechnicianAssigned,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderOpened,
    WorkOrderSignedOff,
)
from shared.contracts.envelope import Event
from shared.contracts.intake import CustomerErased
from support import aftercare, case_news, parts_events, parts_news, told_events
from support.case_events import START, cancelled, cleared, erased, held, reopened, resumed

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HOLD, ORDER, OFFER, TECHNICIAN = (UUID(int=number) for number in range(11, 15))


def of_a_case(case_id: UUID, number: int) -> tuple[Event, ...]:
    """What dispatch hears of a case that is cleared, waits a while and is called off."""
    return (*of_a_case_that_goes_on(case_id, number), cancelled(cleared(case_id), at=START + 3 * HOUR))


def of_a_case_that_goes_on(case_id: UUID, number: int) -> tuple[Event, ...]:
    """The same without the end."""
    case = cleared(case_id, number=100_000 + number)
    return (
        case,
        held(case, hold_id=HOLD, at=START + HOUR),
        resumed(case, hold_id=HOLD, at=START + 2 * HOUR),
    )


def of_parts_that_are_waited_for(case_id: UUID, number: int) -> tuple[Event, ...]:
    """What dispatch hears of a case that needs a board, which is short, paid for, ordered, put off, and comes.

    Meanwhile the case is held for something else, and some of what was drawn is brought back.
    """
    case = cleared(case_id, number=100_000 + number, parts=parts_events.BOARD)
    desk = parts_events.early_parts_desk(case)
    return (
        case,
        desk.short(START + HOUR),
        desk.deposit_required(START + HOUR),
        held(case, hold_id=HOLD, at=START + 2 * HOUR),
        desk.deposit_paid(START + 3 * HOUR),
        desk.placed(START + 4 * HOUR, expected_at=START + 30 * HOUR),
        resumed(case, hold_id=HOLD, at=START + 5 * HOUR),
        desk.placed(START + 6 * HOUR, expected_at=START + 50 * HOUR),
        desk.reserved(START + 48 * HOUR),
        desk.issued(START + 49 * HOUR),
        desk.returned(START + 50 * HOUR),
    )


def of_parts_that_never_come(case_id: UUID, number: int) -> tuple[Event, ...]:
    """What dispatch hears of a board that is short and whose deposit nobody pays."""
    case = cleared(case_id, number=100_000 + number, parts=parts_events.BOARD)
    desk = parts_events.early_parts_desk(case)
    return (
        case,
        desk.short(START + HOUR),
        desk.deposit_required(START + HOUR),
        desk.deposit_waived(START + 4 * HOUR),
        desk.unavailable(START + 5 * HOUR),
    )


def of_parts_that_were_kept_in_vain(case_id: UUID, number: int) -> tuple[Event, ...]:
    """What dispatch hears of a board that nobody fetches; the case is opened again, and its customer is forgotten."""
    case = cleared(case_id, number=100_000 + number, parts=parts_events.BOARD)
    case = case.model_copy(update={"customer_id": uuid5(case_id, "customer")})
    desk = parts_events.early_parts_desk(case)
    return (
        case,
        desk.reserved(START + HOUR),
        desk.expired(START + 2 * HOUR),
        reopened(case, at=START + 6 * HOUR),
        erased(case, at=START + 7 * HOUR),
    )


def of_a_work_order(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What intake hears of a work order that is offered, refused, taken after all and called off."""
    order = {"work_order_id": ORDER, "work_order_number": "W-1", "case_id": case_id}
    offer = order | {"offer_id": OFFER, "technician_id": TECHNICIAN}
    where = {"department": "engineering", "zone": "city", "urgency": "normal", "warranty": "in_warranty"}
    return (
        WorkOrderOpened.model_validate(order | where | {"opened_at": START}),
        TechnicianOffered.model_validate(offer | {"offered_at": START, "expires_at": START + HOUR, "passed_over": ()}),
        OfferDeclined.model_validate(offer | {"reason": "refused", "declined_at": START + HOUR}),
        TechnicianAssigned.model_validate(offer | {"assigned_at": START + HOUR}),
        WorkOrderCancelled.model_validate(order | {"reason": "mistake", "cancelled_at": START + 2 * HOUR}),
    )


def of_an_end(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What intake hears of an order for which a part was paid, and that is completed and signed for."""
    order_id = uuid5(case_id, "order")
    asked, refunded = case_news.deposits(case_id)
    return (
        asked,
        case_news.completed(case_id, order_id=order_id, at=START),
        refunded,
        case_news.signed_off(case_id, order_id=order_id, at=START + HOUR),
    )


def of_parts_that_are_fitted(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What parts hears of an order that asks for a board and is completed; later its customer is forgotten."""
    asked = _asked_for_a_board(case_id)
    return _about_parts(asked, end=parts_news.completed(asked, at=START + HOUR))


def of_parts_that_nobody_needs(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """The same, but called off."""
    asked = _asked_for_a_board(case_id)
    return _about_parts(asked, end=parts_news.cancelled(asked, at=START + HOUR))


def of_parts_for_what_was_taken_in(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What parts hears of an order that was begun twice, whose item was taken in and repaired without the board."""
    asked = _asked_for_a_board(case_id)
    first, again = (parts_news.started(asked, at=START + number * MINUTE) for number in (1, 30))
    return (
        told_events.opened(at=START, case_id=case_id),
        asked,
        first,
        again,
        parts_news.taken_in(asked, at=START + HOUR),
        parts_news.completed(asked, at=START + 2 * HOUR),
    )


def of_a_repair(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What feedback hears of a repair in the workshop whose case is closed, opened again, and closed."""
    order = _signed_off(case_id)
    return _about_repair(order, end=aftercare.closed(order, at=START + 9 * HOUR))


def of_a_customer_who_is_forgotten(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """The same, but the customer wants to be forgotten."""
    order = _signed_off(case_id)
    return _about_repair(order, end=aftercare.erased(order, at=START + 9 * HOUR))


def of_a_broken_promise(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What notifier hears of a case whose customer was contacted too late."""
    return (
        told_events.opened(at=START, case_id=case_id),
        told_events.breached(at=START + MINUTE, case_id=case_id),
        told_events.contacted(at=START + 2 * MINUTE, case_id=case_id),
        told_events.scheduled(at=START).model_copy(update={"case_id": case_id}),
    )


def of_a_grievance(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What notifier hears of a customer who is not satisfied, until his case is closed again and he is forgotten."""
    own = {"case_id": case_id, "customer_id": uuid5(case_id, "customer")}
    closed = aftercare.closed(aftercare.signed_off(case_id=case_id)).model_copy(
        update={"case_number": told_events.NUMBER}
    )
    return (
        told_events.opened(at=START).model_copy(update=own),
        told_events.dissatisfied(at=START).model_copy(update=own),
        told_events.reopened(at=START).model_copy(update={"case_id": case_id}),
        closed,
        CustomerErased(customer_id=own["customer_id"], erased_at=START + HOUR),
    )


def of_two_grievances(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What notifier hears of a customer who is dissatisfied twice, the second time about a case that is open again."""
    own = {"case_id": case_id, "customer_id": uuid5(case_id, "customer")}
    said = (
        told_events.dissatisfied(at=START).model_copy(update=own),
        told_events.reopened(at=START),
        told_events.dissatisfied(at=START).model_copy(update=own),
        told_events.resolved(at=START),
        told_events.closed(at=START),
    )
    return tuple(event.model_copy(update={"case_id": case_id}) for event in said)


def of_late_parts(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What notifier hears of a deposit that is paid, of parts that are late and come, and of an item that is late."""
    order_id = uuid5(case_id, "order")
    asked, paid, late, here, reminded = told_events.of_parts(at=START, case_id=case_id, work_order_id=order_id)
    said = (
        told_events.opened(at=START),
        asked,
        paid,
        told_events.late(at=START, clock="workshop", work_order_id=order_id),
        late,
        here,
        reminded,
        told_events.returned(at=START, work_order_id=order_id),
    )
    return tuple(event.model_copy(update={"case_id": case_id}) for event in said)


def of_an_order_that_nobody_takes(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What notifier hears of an order for which nobody fits, then somebody who cannot come, then nobody again."""
    order_id = uuid5(case_id, "order")
    said = (
        told_events.unassigned(at=START, work_order_id=order_id),
        told_events.assigned(at=START, work_order_id=order_id),
        told_events.unassigned(at=START, work_order_id=order_id),
        told_events.unassigned(at=START, work_order_id=order_id),
    )
    return tuple(event.model_copy(update={"case_id": case_id}) for event in said)


def _asked_for_a_board(case_id: UUID) -> PartsRequested:
    return parts_news.requested(customer_id=uuid5(case_id, "customer")).model_copy(update={"case_id": case_id})


def _about_parts(asked: PartsRequested, *, end: Event) -> tuple[Event, ...]:
    forgotten = CustomerErased(customer_id=asked.customer_id, erased_at=START + 2 * HOUR)
    return (asked, parts_news.started(asked, at=START + MINUTE), end, forgotten)


def _signed_off(case_id: UUID) -> WorkOrderSignedOff:
    customer = uuid5(case_id, "customer")
    return aftercare.signed_off(case_id=case_id, customer_id=customer, technician_id=TECHNICIAN)


def _about_repair(order: WorkOrderSignedOff, *, end: Event) -> tuple[Event, ...]:
    returned = aftercare.item_returned(order, at=START + HOUR)
    return (order, returned, aftercare.closed(order, at=START + 2 * HOUR), end)
