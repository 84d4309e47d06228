"""What parts hears about a work order: a boiler repair in warranty that asks for one board, unless a test says so."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from shared.contracts.dispatch import (
    ItemTakenIn,
    PartsRequested,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderStarted,
)
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus
from support.case_events import START

BOARD = "PCB-77"
FAN = "FAN-3"


def needs(**pieces: int) -> tuple[PartNeed, ...]:
    """`needs(PCB_77=2)`: two boards."""
    return tuple(PartNeed(part_code=code.replace("_", "-"), quantity=number) for code, number in pieces.items())


def requested(
    *,
    request_id: UUID | None = None,
    work_order_id: UUID | None = None,
    lines: tuple[PartNeed, ...] = needs(PCB_77=1),
    warranty: WarrantyStatus = WarrantyStatus.IN_WARRANTY,
    customer_id: UUID | None = None,
    urgency: Urgency = Urgency.NORMAL,
    at: datetime = START,
) -> PartsRequested:
    """A work order asks for parts."""
    return PartsRequested(
        request_id=request_id or uuid4(),
        work_order_id=work_order_id or uuid4(),
        work_order_number="W1000017",
        case_id=uuid4(),
        customer_id=customer_id or uuid4(),
        urgency=urgency,
        warranty=warranty,
        lines=lines,
        requested_at=at,
    )


def started(asked: PartsRequested, *, at: datetime = START) -> WorkOrderStarted:
    """The technician has begun."""
    return WorkOrderStarted(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        visit_id=uuid4(),
        technician_id=uuid4(),
        staff_number="T07",
        started_at=at,
    )


def taken_in(asked: PartsRequested, *, at: datetime) -> ItemTakenIn:
    """What is to be repaired stands in the workshop."""
    return ItemTakenIn(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        item_id=uuid4(),
        receipt_number="L1000017-1",
        taken_in_at=at,
        promised_at=at + timedelta(days=2),
    )


def completed(asked: PartsRequested, *, fitted: tuple[PartNeed, ...] = (), at: datetime = START) -> WorkOrderCompleted:
    """The repair is done."""
    return WorkOrderCompleted(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        technician_id=uuid4(),
        resolution="part_replaced",
        fitted=fitted,
        completed_at=at,
    )


def cancelled(asked: PartsRequested, *, at: datetime = START) -> WorkOrderCancelled:
    """The order was called off."""
    return WorkOrderCancelled(
        work_order_id=asked.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        reason="customer_withdrew",
        cancelled_at=at,
    )
