"""What work orders ask for, are issued and give back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant, Json, Texts


class WorkOrderRow(Row, table=True):
    """What is known of a work order, whichever event came first. Whoever touches what hangs on it locks this row."""

    __tablename__ = "known_work_order"

    work_order_id: UUID = Field(primary_key=True)
    started_at: datetime | None = Field(default=None, sa_type=Instant, description="R314")
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    fitted_from_site: list[dict[str, str | int]] | None = Field(
        default=None, sa_type=Json, description="once it is completed: what went straight to its site and was fitted"
    )


class DiscrepancyRow(Row, table=True):
    """Pieces that a work order is said to have fitted and that were never issued for it; it may have asked for none."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        CheckConstraint("(cleared_at IS NULL) = (reason IS NULL)", name="discrepancy_cleared_check"),
        Index("discrepancy_found_at", "found_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="known_work_order.work_order_id", unique=True)
    work_order_number: str = Field(sa_type=Text)
    case_id: UUID
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    found_at: datetime = Field(sa_type=Instant, description="when the work order was completed")
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="a code of the policy")
    version: int = 1


class RequestRow(Row, table=True):
    """A request for parts (领料申请) of one work order."""

    __tablename__ = "parts_request"
    __table_args__ = (
        Index("parts_request_requested_at", "requested_at", "id"),
        Index("parts_request_state", "state", "requested_at", "id"),
        Index("parts_request_work_order_id", "work_order_id"),
        Index("parts_request_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="known_work_order.work_order_id")
    work_order_number: str = Field(sa_type=Text)
    case_id: UUID
    customer_id: UUID
    urgency: str = Field(sa_type=Text)
    warranty: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="why it ended")
    requested_at: datetime = Field(sa_type=Instant)
    ready_at: datetime | None = Field(default=None, sa_type=Instant, description="when the kit can be complete (R327)")
    reserved_at: datetime | None = Field(default=None, sa_type=Instant)
    renewals: int = Field(default=0, description="how often the reservation was renewed")
    issued_at: datetime | None = Field(default=None, sa_type=Instant, description="when its first pieces left")
    prepared_at: datetime | None = Field(default=None, sa_type=Instant, description="packed for the trip (R257)")
    prepared_by: str | None = Field(default=None, sa_type=Text)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant, description="an addition, by the desk (R198)")
    confirmed_by: str | None = Field(default=None, sa_type=Text)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class LineRow(Row, table=True):
    """One part of a request, in pieces."""

    __tablename__ = "request_line"
    __table_args__ = (
        CheckConstraint("asked > 0 AND least(reserved, fitted, returned, lost) >= 0", name="request_line_check"),
        CheckConstraint("reserved + issued <= asked", name="request_line_asked_check"),
        CheckConstraint("returned + fitted + lost <= issued", name="request_line_issued_check"),
        Index("request_line_part_code", "part_code"),
    )

    request_id: UUID = Field(primary_key=True, foreign_key="parts_request.id")
    part_code: str = Field(sa_type=Text, primary_key=True)
    asked: int
    reserved: int = 0
    issued: int = 0
    returned: int = 0
    fitted: int = 0
    lost: int = 0


class NoteRow(Row, table=True):
    """An issue note (出库单), a return note (退料单) or a write-off (核销) of a request."""

    __tablename__ = "store_note"
    __table_args__ = (Index("store_note_request_id", "request_id", "posted_at", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="parts_request.id")
    kind: str = Field(sa_type=Text, description="issue, return or loss")
    lines: list[dict[str, str | int | list[str]]] = Field(sa_type=Json, description="with serials where they are known")
    reason: str | None = Field(
        default=None, sa_type=Text, description="why pieces came back, or did not: a code of the policy"
    )
    issued_to: str | None = Field(default=None, sa_type=Text, description="staff number of whoever drew them")
    presented: str | None = Field(default=None, sa_type=Text, description="number of the order they presented (R313)")
    received_at: datetime | None = Field(default=None, sa_type=Instant, description="when they were back (R316)")
    posted_at: datetime = Field(sa_type=Instant)
    posted_by: str = Field(sa_type=Text)


class OldPartRow(Row, table=True):
    """A removed part (旧件) that came back, where it lies until it is cleared away (R296)."""

    __tablename__ = "old_part"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="old_part_quantity_check"),
        CheckConstraint("(cleared_at IS NULL) = (cleared_as IS NULL)", name="old_part_cleared_check"),
        Index("old_part_received_at", "received_at", "id"),
        Index("old_part_request_id", "request_id"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="parts_request.id")
    part_code: str = Field(sa_type=Text, description="of the part that replaced it")
    quantity: int
    serials: list[str] = Field(sa_type=Texts)
    location: str = Field(sa_type=Text, description="rack or box; a code of the policy")
    received_at: datetime = Field(sa_type=Instant)
    received_by: str = Field(sa_type=Text)
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_as: str | None = Field(default=None, sa_type=Text, description="a code of the policy")
    cleared_by: str | None = Field(default=None, sa_type=Text)
