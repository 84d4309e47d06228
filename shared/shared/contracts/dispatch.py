"""What dispatch says."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event
from shared.contracts.facts import ClockMark, PassedOver, Urgency, WarrantyStatus


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
    passed_over: tuple[PassedOver, ...] = Field(description="every other technician and why he was not taken")


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
