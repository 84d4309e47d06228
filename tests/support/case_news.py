"""What the other services say about a case, handed to intake as its consumer would."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from intake.app import consumers_of
from shared.actor import Actor
from shared.contracts.dispatch import (
    ItemReturned,
    ItemTakenIn,
    TechnicianAssigned,
    TechnicianOffered,
    WorkOrderCompleted,
    WorkOrderSignedOff,
)
from shared.contracts.envelope import Envelope, Event
from shared.contracts.facts import Degree
from shared.contracts.feedback import DissatisfactionRaised
from shared.contracts.notifier import StaffChanged
from shared.contracts.parts import DepositRefunded, DepositRequired
from shared.messaging.consumer import Delivery
from shared.messaging.unit_of_work import Cause
from support.front_desk import FrontDesk

CONSUMER = Cause(actor=Actor(kind="system", id="intake", role="consumer"))
STAFF = UUID("0192f0c1-0000-7000-8000-000000000001")

CUSTOMER = uuid5(STAFF, "customer")


async def hear(desk: FrontDesk, *events: Event, envelope: Envelope | None = None) -> None:
    """Intake hears each in turn; whether it was heard before is its own business."""
    for happened in events:
        sent = envelope or enveloped(happened, time=await desk.now())
        effect = consumers_of(desk.office).read(sent, body=happened.model_dump_json().encode())
        async with desk.service.works.begin(CONSUMER) as work:
            await effect(Delivery(envelope=sent), work)
            await work.commit()


def enveloped(happened: Event, *, time: datetime, sequence: int = 1) -> Envelope:
    """The event as it is sent; the same event is the same message again."""
    return Envelope(
        id=uuid5(STAFF, happened.TYPE + happened.model_dump_json()),
        type=happened.TYPE,
        source=happened.TYPE.partition(".")[0],
        subject=happened.subject,
        time=time,
        sequence=sequence,
        correlationid=getattr(happened, "case_id", None) or STAFF,
        policyversion="x",
    )


def offered(case_id: UUID, *, staff_number: str, now: datetime) -> TechnicianOffered:
    """An order of the case is offered to a technician."""
    return TechnicianOffered(
        work_order_id=uuid4(),
        work_order_number="W1",
        case_id=case_id,
        offer_id=uuid4(),
        technician_id=uuid4(),
        staff_number=staff_number,
        offered_at=now,
        expires_at=now + timedelta(minutes=10),
        passed_over=(),
    )


def completed(case_id: UUID, *, order_id: UUID, at: datetime, resolution: str = "repaired") -> WorkOrderCompleted:
    """An order of the case is done."""
    return WorkOrderCompleted(
        work_order_id=order_id,
        work_order_number="W1",
        case_id=case_id,
        technician_id=uuid5(STAFF, "technician"),
        resolution=resolution,
        completed_at=at,
    )


def taken_in(offer: TechnicianOffered, *, at: datetime) -> tuple[ItemTakenIn, ItemReturned]:
    """Something is taken in under the order of this offer, and its return."""
    facts = offer.model_dump(include={"work_order_id", "work_order_number", "case_id"}) | {"item_id": uuid4()}
    return (
        ItemTakenIn(**facts, receipt_number="W1-1", taken_in_at=at, promised_at=at + timedelta(days=2)),
        ItemReturned(**facts, customer_id=CUSTOMER, returned_at=at),
    )


def assigned(offer: TechnicianOffered, *, at: datetime) -> TechnicianAssigned:
    """The technician accepted."""
    facts = offer.model_dump(include={"work_order_id", "work_order_number", "case_id", "offer_id", "technician_id"})
    return TechnicianAssigned(**facts, staff_number=offer.staff_number, assigned_at=at)


def signed_off(case_id: UUID, *, order_id: UUID, at: datetime, customer_id: UUID = CUSTOMER) -> WorkOrderSignedOff:
    """The customer signed for an order."""
    return WorkOrderSignedOff(
        work_order_id=order_id,
        work_order_number="W1",
        case_id=case_id,
        customer_id=customer_id,
        customer_label="138****8000",
        unit_id=uuid5(STAFF, "unit"),
        technician_id=uuid5(STAFF, "technician"),
        opinion=Degree.SATISFIED,
        signed_off_at=at,
    )


def dissatisfied(case_id: UUID, *, order_id: UUID, customer_id: UUID, at: datetime) -> DissatisfactionRaised:
    """The customer is not satisfied with an order."""
    return DissatisfactionRaised(
        case_id=case_id,
        work_order_id=order_id,
        dissatisfaction_id=uuid4(),
        customer_id=customer_id,
        source="survey",
        source_id=uuid4(),
        raised_at=at,
    )


def deposits(case_id: UUID) -> tuple[DepositRequired, DepositRefunded]:
    """A deposit that is asked for, and its refund."""
    ids = {name: uuid4() for name in ("request_id", "work_order_id", "deposit_id", "claim_order_id")}
    at = "2026-03-02T09:00:00Z"
    facts = ids | {"case_id": case_id, "amount": "300.00"}
    asked = facts | {"customer_id": uuid4(), "required_at": at, "due_at": at}
    return (
        DepositRequired.model_validate(asked),
        DepositRefunded.model_validate(facts | {"reason": "fitted", "refunded_at": at}),
    )


def joined(staff_number: str, *, role: str = "agent", revision: int = 1) -> StaffChanged:
    """Somebody works here."""
    return StaffChanged(
        staff_id=uuid5(STAFF, staff_number), staff_number=staff_number, role=role, status="active", revision=revision
    )


def left(staff_number: str, *, revision: int = 2) -> StaffChanged:
    """Somebody works here no more."""
    return joined(staff_number, revision=revision).model_copy(update={"status": "left"})
