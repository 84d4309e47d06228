"""What dispatch says."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event
from shared.contracts.facts import Amount, ClockMark, Degree, PartNeed, PassedOver, Urgency, WarrantyStatus


class WorkOrderEvent(Event):
    """An event about one work order (维修单), which belongs to one case."""

    SUBJECT: ClassVar[tuple[str, str]] = ("work_order", "work_order_id")

    work_order_id: UUID
    work_order_number: str = Field(description="short number to read out on the phone")
    case_id: UUID


class WorkOrderOpened(WorkOrderEvent):
    """There is a work order; a technician is looked for."""

    TYPE: ClassVar[str] = "dispatch.work_order_opened.v1"

    department: str = Field(description="who repairs: routed by warranty (R015)")
    zone: str
    urgency: Urgency
    warranty: WarrantyStatus
    round: int = Field(default=1, ge=1, description="of the case: 1, and one more for each rework")
    opened_at: AwareDatetime


class TechnicianOffered(WorkOrderEvent):
    """It is this technician's turn; he has until `expires_at` to accept (R234, R235)."""

    TYPE: ClassVar[str] = "dispatch.technician_offered.v1"

    offer_id: UUID
    technician_id: UUID
    staff_number: str | None = Field(
        default=None, description="the technician's, the subject of his token; older messages have none"
    )
    offered_at: AwareDatetime
    expires_at: AwareDatetime
    passed_over: tuple[PassedOver, ...] = Field(
        description="why others were not taken: everybody, or in a large company everybody that was looked at in turn"
    )


class OfferDeclined(WorkOrderEvent):
    """The technician said no, or said nothing in time, or the order went away."""

    TYPE: ClassVar[str] = "dispatch.offer_declined.v1"

    offer_id: UUID
    technician_id: UUID
    reason: Literal["refused", "expired", "withdrawn"]
    declined_at: AwareDatetime


class TechnicianAssigned(WorkOrderEvent):
    """The technician accepted."""

    TYPE: ClassVar[str] = "dispatch.technician_assigned.v1"

    offer_id: UUID
    technician_id: UUID
    staff_number: str | None = Field(
        default=None, description="the technician's, the subject of his token; older messages have none"
    )
    assigned_at: AwareDatetime


class AssignmentFailed(WorkOrderEvent):
    """Nobody fits now; the order waits with priority and is tried again at `retry_at` (R242)."""

    TYPE: ClassVar[str] = "dispatch.assignment_failed.v1"

    passed_over: tuple[PassedOver, ...]
    failed_at: AwareDatetime
    retry_at: AwareDatetime


class VisitScheduled(WorkOrderEvent):
    """A visit window was agreed with the customer (R251)."""

    TYPE: ClassVar[str] = "dispatch.visit_scheduled.v1"

    visit_id: UUID
    technician_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class VisitRescheduled(WorkOrderEvent):
    """The visit moved to another window."""

    TYPE: ClassVar[str] = "dispatch.visit_rescheduled.v1"

    visit_id: UUID
    technician_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field(description="a code: `customer`, `technician`, `parts`, `weather` …")


class VisitWithdrawn(WorkOrderEvent):
    """The visit does not take place; another window has to be agreed, unless the order was cancelled."""

    TYPE: ClassVar[str] = "dispatch.visit_withdrawn.v1"

    visit_id: UUID
    technician_id: UUID
    reason: str = Field(description="a code: `parts`, `cancelled` …")
    withdrawn_at: AwareDatetime


class PartsRequested(WorkOrderEvent):
    """The order needs parts: whoever keeps them reserves them or says what is missing (R257, R327)."""

    TYPE: ClassVar[str] = "dispatch.parts_requested.v1"

    request_id: UUID
    customer_id: UUID
    urgency: Urgency
    warranty: WarrantyStatus
    lines: tuple[PartNeed, ...]
    requested_at: AwareDatetime


class WorkOrderStarted(WorkOrderEvent):
    """The order is begun (开工): from now on parts may be issued against it (R314)."""

    TYPE: ClassVar[str] = "dispatch.work_order_started.v1"

    visit_id: UUID
    technician_id: UUID
    staff_number: str = Field(description="the technician's")
    started_at: AwareDatetime


class TechnicianDeparted(WorkOrderEvent):
    """The technician is on his way (R239)."""

    TYPE: ClassVar[str] = "dispatch.technician_departed.v1"

    visit_id: UUID
    technician_id: UUID
    departed_at: AwareDatetime


class VisitUnfinished(WorkOrderEvent):
    """The visit ended without the repair being done; the order is carried over with priority (R241, R242, R261)."""

    TYPE: ClassVar[str] = "dispatch.visit_unfinished.v1"

    visit_id: UUID
    technician_id: UUID
    reason: str = Field(description="a code of the policy: `parts_missing`, `customer_away`, `weather` …")
    ended_at: AwareDatetime


class ItemTakenIn(WorkOrderEvent):
    """What could not be repaired on site was taken in against a receipt (客户商品领取收据, R303)."""

    TYPE: ClassVar[str] = "dispatch.item_taken_in.v1"

    item_id: UUID
    receipt_number: str
    taken_in_at: AwareDatetime
    promised_at: AwareDatetime = Field(description="when the customer was told to have it again (R309)")


class ItemReturned(WorkOrderEvent):
    """The customer has it again; the receipt is back and void (R307)."""

    TYPE: ClassVar[str] = "dispatch.item_returned.v1"

    item_id: UUID
    customer_id: UUID
    returned_at: AwareDatetime


class WorkOrderCompleted(WorkOrderEvent):
    """The repair is done and tried (试机验证, R280)."""

    TYPE: ClassVar[str] = "dispatch.work_order_completed.v1"

    technician_id: UUID
    resolution: str = Field(description="a code of the policy: `repaired`, `part_replaced`, `adjusted` …")
    fitted: tuple[PartNeed, ...] = Field(default=(), description="parts that stay in the unit")
    completed_at: AwareDatetime


class WorkOrderSignedOff(WorkOrderEvent):
    """The customer signed and said how it was (请用户签署意见, R260); his words stay with dispatch."""

    TYPE: ClassVar[str] = "dispatch.work_order_signed_off.v1"

    customer_id: UUID
    customer_label: str = Field(description="masked phone number; empty once he is erased")
    unit_id: UUID
    technician_id: UUID
    opinion: Degree
    signed_off_at: AwareDatetime


class HoursPosted(WorkOrderEvent):
    """What one visit took (工时和费用, R263)."""

    TYPE: ClassVar[str] = "dispatch.hours_posted.v1"

    visit_id: UUID
    technician_id: UUID
    work_minutes: int = Field(ge=0)
    travel_minutes: int = Field(ge=0)
    expenses: Amount
    posted_at: AwareDatetime


class TechnicianArrived(WorkOrderEvent):
    """The technician stands before the unit; stops the arrival clock (R222)."""

    TYPE: ClassVar[str] = "dispatch.technician_arrived.v1"

    visit_id: UUID
    technician_id: UUID
    arrived_at: AwareDatetime


class WorkOrderCancelled(WorkOrderEvent):
    """The order was called off because its case was."""

    TYPE: ClassVar[str] = "dispatch.work_order_cancelled.v1"

    reason: str
    cancelled_at: AwareDatetime


class ClockWarned(WorkOrderEvent):
    """A clock that dispatch runs passed a mark before its deadline."""

    TYPE: ClassVar[str] = "dispatch.clock_warned.v1"

    mark: str = Field(description="name of the mark in the policy, for instance `80%` or `30m before`")
    clock: ClockMark


class ClockBreached(WorkOrderEvent):
    """A promise that dispatch times was broken."""

    TYPE: ClassVar[str] = "dispatch.clock_breached.v1"

    clock: ClockMark
