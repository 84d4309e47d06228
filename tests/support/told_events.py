"""What other services say that notifier is to tell somebody."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypedDict
from uuid import UUID, uuid4

from shared.contracts.dispatch import (
    AssignmentFailed,
    ItemReturned,
    TechnicianArrived,
    TechnicianAssigned,
    TechnicianOffered,
    VisitRescheduled,
    VisitScheduled,
    VisitWithdrawn,
    WorkOrderCancelled,
)
from shared.contracts.dispatch import ClockBreached as LateOrder
from shared.contracts.facts import ClockMark, Urgency, WarrantyStatus
from shared.contracts.feedback import DissatisfactionRaised, SurveyRequested
from shared.contracts.intake import (
    ApprovalRequested,
    CaseCancelled,
    CaseClosed,
    CaseContacted,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    ClockBreached,
    ClockWarned,
    CustomerErased,
)
from shared.contracts.parts import ClockBreached as LateParts
from shared.contracts.parts import DepositPaid, DepositRequired, PartArrived

CASE = UUID("01990000-0000-7000-8000-000000000001")
CUSTOMER = UUID("01990000-0000-7000-8000-0000000000c1")
NUMBER = "B24-017"


def opened(*, at: datetime, case_id: UUID = CASE, urgency: Urgency = Urgency.NORMAL) -> CaseOpened:
    """A repair was registered."""
    return CaseOpened(
        case_id=case_id,
        case_number=NUMBER,
        kind="repair",
        customer_id=CUSTOMER,
        customer_label="138****8000",
        site_id=uuid4(),
        district="xuhui",
        unit_id=uuid4(),
        product_family="boiler",
        product_model="B-24",
        problem_code="no_heat",
        urgency=urgency,
        warranty=WarrantyStatus.IN_WARRANTY,
        opened_at=at,
    )


def breached(*, at: datetime, case_id: UUID = CASE, clock: str = "response") -> ClockBreached:
    """Nobody contacted the customer in time."""
    return ClockBreached(case_id=case_id, case_number=NUMBER, clock=mark(at, clock=clock))


def warned(*, at: datetime, clock: str = "response") -> ClockWarned:
    """Somebody should contact the customer soon."""
    return ClockWarned(case_id=CASE, case_number=NUMBER, mark="80%", clock=mark(at, clock=clock))


def contacted(*, at: datetime, case_id: UUID = CASE) -> CaseContacted:
    """Somebody contacted the customer."""
    return CaseContacted(case_id=case_id, case_number=NUMBER, contacted_at=at)


def mark(at: datetime, *, clock: str) -> ClockMark:
    """A clock of half an hour that is used up."""
    half = timedelta(minutes=30)
    return ClockMark(
        clock_id=uuid4(), clock=clock, started_at=at - half, due_at=at, elapsed_seconds=1800, allowed_seconds=1800
    )


def approval(*, at: datetime, role: str) -> ApprovalRequested:
    """Somebody with this role has to decide."""
    return ApprovalRequested(
        case_id=CASE,
        case_number=NUMBER,
        approval_id=uuid4(),
        matter="fee_waiver",
        amount=Decimal("380.00"),
        approver_role=role,
        requested_at=at,
    )


def unassigned(*, at: datetime, work_order_id: UUID) -> AssignmentFailed:
    """Nobody fits now."""
    return AssignmentFailed(
        work_order_id=work_order_id,
        work_order_number="W-9",
        case_id=CASE,
        passed_over=(),
        failed_at=at,
        retry_at=at + timedelta(minutes=30),
    )


def offered(*, at: datetime, staff_number: str | None) -> TechnicianOffered:
    """It is this technician's turn."""
    return TechnicianOffered(
        work_order_id=uuid4(),
        work_order_number="W-9",
        case_id=CASE,
        offer_id=uuid4(),
        technician_id=uuid4(),
        staff_number=staff_number,
        offered_at=at,
        expires_at=at + timedelta(minutes=10),
        passed_over=(),
    )


def scheduled(*, at: datetime) -> VisitScheduled:
    """A visit was agreed; the event names the case and not the customer."""
    return VisitScheduled(
        work_order_id=uuid4(),
        work_order_number="W-9",
        case_id=CASE,
        visit_id=uuid4(),
        technician_id=uuid4(),
        starts_at=at + timedelta(hours=1),
        ends_at=at + timedelta(hours=3),
    )


def moved(visit: VisitScheduled, *, at: datetime) -> VisitRescheduled:
    """The visit takes place at another time."""
    return VisitRescheduled(
        **visit.model_dump() | {"starts_at": at + timedelta(days=1), "ends_at": at + timedelta(days=1, hours=2)},
        reason="customer",
    )


def withdrawn(*, at: datetime, reason: str) -> VisitWithdrawn:
    """The visit does not take place."""
    return VisitWithdrawn(
        **of_order(work_order_id=uuid4()), visit_id=uuid4(), technician_id=uuid4(), reason=reason, withdrawn_at=at
    )


class OfOrder(TypedDict):
    """What every event of a work order says."""

    work_order_id: UUID
    work_order_number: str
    case_id: UUID


def of_order(*, work_order_id: UUID) -> OfOrder:
    """The order and the case that everything here is about."""
    return OfOrder(work_order_id=work_order_id, work_order_number="W-9", case_id=CASE)


def late(*, at: datetime, clock: str, work_order_id: UUID) -> LateOrder:
    """A promise that dispatch times was broken."""
    return LateOrder(**of_order(work_order_id=work_order_id), clock=mark(at, clock=clock))


def assigned(*, at: datetime, work_order_id: UUID) -> TechnicianAssigned:
    """Somebody accepted."""
    return TechnicianAssigned(
        **of_order(work_order_id=work_order_id), offer_id=uuid4(), technician_id=uuid4(), assigned_at=at
    )


def arrived(*, at: datetime) -> TechnicianArrived:
    """Somebody stands before the unit."""
    return TechnicianArrived(**of_order(work_order_id=uuid4()), visit_id=uuid4(), technician_id=uuid4(), arrived_at=at)


def returned(*, at: datetime, work_order_id: UUID) -> ItemReturned:
    """The customer has it again."""
    return ItemReturned(**of_order(work_order_id=work_order_id), item_id=uuid4(), customer_id=CUSTOMER, returned_at=at)


def of_parts(
    *, at: datetime, case_id: UUID, work_order_id: UUID
) -> tuple[DepositRequired, DepositPaid, LateParts, PartArrived, PartArrived]:
    """A deposit is asked for and paid; the part is late, comes, and lies unused."""
    ids = {"request_id": uuid4(), "work_order_id": work_order_id, "case_id": case_id}
    claim_order_id = uuid4()
    deposit = {**ids, "deposit_id": uuid4(), "claim_order_id": claim_order_id, "amount": Decimal(60)}
    here = PartArrived(**ids, claim_order_id=claim_order_id, customer_id=CUSTOMER, lines=(), arrived_at=at)
    return (
        DepositRequired(**deposit, customer_id=CUSTOMER, required_at=at, due_at=at + timedelta(days=3)),
        DepositPaid(**deposit, paid_at=at),
        LateParts(**ids, clock=mark(at, clock="parts_wait")),
        here,
        here.model_copy(update={"reminder": 1}),
    )


def called_off(*, at: datetime, work_order_id: UUID) -> tuple[CaseCancelled, WorkOrderCancelled]:
    """The customer wants nothing done any more."""
    return (
        CaseCancelled(case_id=CASE, case_number=NUMBER, reason="customer_withdrew", cancelled_at=at),
        WorkOrderCancelled(**of_order(work_order_id=work_order_id), reason="case_cancelled", cancelled_at=at),
    )


def resolved(*, at: datetime) -> CaseResolved:
    """The problem is solved as far as we know."""
    return CaseResolved(case_id=CASE, case_number=NUMBER, resolution="solved_by_phone", resolved_at=at)


def closed(*, at: datetime) -> CaseClosed:
    """Somebody closed the case."""
    return CaseClosed(case_id=CASE, case_number=NUMBER, resolution="repaired", closed_by="C1", closed_at=at)


def reopened(*, at: datetime) -> CaseReopened:
    """Somebody looks at the case again."""
    return CaseReopened(case_id=CASE, case_number=NUMBER, reason="dissatisfaction", reopened_at=at)


def surveyed(*, at: datetime, link: str = "http://feedback.example/survey/abc") -> SurveyRequested:
    """The customer is asked how it was."""
    return SurveyRequested(
        case_id=CASE,
        work_order_id=uuid4(),
        survey_id=uuid4(),
        customer_id=CUSTOMER,
        customer_label="138****8000",
        link=link,
        requested_at=at,
        expires_at=at + timedelta(days=7),
    )


def dissatisfied(*, at: datetime) -> DissatisfactionRaised:
    """The customer is not satisfied."""
    return DissatisfactionRaised(
        case_id=CASE,
        work_order_id=uuid4(),
        dissatisfaction_id=uuid4(),
        customer_id=CUSTOMER,
        source="survey",
        source_id=uuid4(),
        raised_at=at,
    )


def erased(*, at: datetime) -> CustomerErased:
    """Nothing may be read of the customer any more."""
    return CustomerErased(customer_id=CUSTOMER, erased_at=at)
