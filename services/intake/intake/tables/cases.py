"""Repair cases and everything that is decided about them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Sequence, Text
from sqlmodel import Field

from intake.tables.base import METADATA, Row, Yuan
from shared.columns import Instant, Json

CASE_SERIAL = Sequence("case_serial", start=100_001, metadata=METADATA)
"""The running number in a case's short number; a rolled back case leaves a gap."""


class CaseRow(Row, table=True):
    """A repair case (报修): the register form and where it stands."""

    __tablename__ = "repair_case"
    __table_args__ = (
        Index("repair_case_state", "state", "opened_at", "id"),
        Index("repair_case_owner", "owner_id", "opened_at", "id"),
        Index("repair_case_opened_at", "opened_at", "id"),
        CheckConstraint(
            "state <> 'closed' OR num_nulls(resolution, resolved_at, closed_by, closed_at) = 0",
            name="repair_case_closed_check",
        ),
        CheckConstraint(
            "resolved_at >= opened_at AND closed_at >= resolved_at AND resolved_at >= reopened_at",
            name="repair_case_times_check",
        ),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text, unique=True)
    state: str = Field(sa_type=Text)
    call_id: UUID | None = Field(default=None, foreign_key="call.id", index=True)
    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    customer_label: str = Field(sa_type=Text)
    site_id: UUID = Field(foreign_key="site.id")
    district: str = Field(sa_type=Text)
    unit_id: UUID = Field(foreign_key="unit.id", index=True)
    product_family: str = Field(sa_type=Text)
    product_model: str = Field(sa_type=Text)
    problem_code: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text, description="sealed")
    urgency: str = Field(sa_type=Text)
    warranty: str = Field(sa_type=Text)
    parts: list[dict[str, str | int]] = Field(sa_type=Json)
    required_by: datetime | None = Field(default=None, sa_type=Instant)
    owner_id: str = Field(sa_type=Text)
    registered_by: str = Field(sa_type=Text)
    policy_version: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=Instant)
    contacted_at: datetime | None = Field(default=None, sa_type=Instant)
    contacted_by: str | None = Field(default=None, sa_type=Text)
    basis: str | None = Field(default=None, sa_type=Text, description="on which it was cleared")
    round: int = Field(default=0, description="how often it was cleared")
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
    resolution: str | None = Field(default=None, sa_type=Text)
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
    resolved_by: str | None = Field(default=None, sa_type=Text)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = Field(default=None, sa_type=Text)
    reopened_at: datetime | None = Field(default=None, sa_type=Instant)
    reopened_by: str | None = Field(default=None, sa_type=Text)
    reopen_reason: str | None = Field(default=None, sa_type=Text)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_by: str | None = Field(default=None, sa_type=Text)
    cancel_reason: str | None = Field(default=None, sa_type=Text)
    version: int = 1


class QuoteRow(Row, table=True):
    """A quote of a case (报价单) with its lines and the consent or refusal (R186, R209)."""

    __tablename__ = "case_quote"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="repair_case.id", index=True)
    amount: Decimal = Field(sa_type=Yuan)
    solution: str = Field(sa_type=Text, description="sealed")
    lines: list[dict[str, str]] = Field(sa_type=Json)
    state: str = Field(sa_type=Text)
    offered_at: datetime = Field(sa_type=Instant)
    offered_by: str = Field(sa_type=Text)
    valid_until: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, sa_type=Text)
    recorded_by: str | None = Field(default=None, sa_type=Text)


class ApprovalRow(Row, table=True):
    """A fee waiver that somebody with authority decides (批件, R189)."""

    __tablename__ = "approval"
    __table_args__ = (Index("approval_role", "approver_role", "state", "requested_at", "id"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="repair_case.id", index=True)
    matter: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=Yuan)
    approver_role: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    requested_at: datetime = Field(sa_type=Instant)
    requested_by: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str | None = Field(default=None, sa_type=Text)


class HoldRow(Row, table=True):
    """A wait for somebody outside."""

    __tablename__ = "case_hold"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="repair_case.id", index=True)
    reason: str = Field(sa_type=Text)
    since: datetime = Field(sa_type=Instant)
    held_by: str = Field(sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=Instant)
    released_by: str | None = Field(default=None, sa_type=Text)
