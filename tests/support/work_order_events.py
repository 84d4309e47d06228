"""What dispatch says about a work order, handed to intake as a consumer would."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from intake.handlers import on_work_order_event
from intake.tables import DELIVERY
from shared.actor import Actor
from shared.contracts.dispatch import TechnicianOffered, WorkOrderEvent
from shared.contracts.envelope import Envelope
from shared.database import Database
from shared.messaging.consumer import Delivery
from shared.messaging.unit_of_work import Cause, Works
from shared.time_source import SystemTime


async def hear(database: Database, *, happened: WorkOrderEvent, envelope: Envelope) -> None:
    """Intake hears it; whether it was heard before is its own business."""
    works = Works(database.sessions, tables=DELIVERY, time=SystemTime(), policy_version="test", wake=lambda: None)
    async with works.begin(Cause(actor=Actor(kind="system", id="intake", role="consumer"))) as work:
        await on_work_order_event(happened, Delivery(envelope=envelope), work)
        await work.commit()


def enveloped(happened: WorkOrderEvent, *, sequence: int, time: datetime) -> Envelope:
    """The event as it is sent."""
    return Envelope(
        id=uuid4(),
        type=happened.TYPE,
        source="dispatch",
        subject=happened.subject,
        time=time,
        sequence=sequence,
        correlationid=happened.case_id,
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
