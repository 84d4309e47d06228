"""What intake keeps of what others say: the story of each case, what its end depends on, and who works here."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from intake.tables.base import Row, Yuan
from shared.columns import Instant, Json


class StoryRow(Row, table=True):
    """One thing that happened to a case, wherever it happened. No personal data: only what events may carry."""

    __tablename__ = "story"
    __table_args__ = (Index("story_case", "case_id", "happened_at", "event_id"),)

    event_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(description="no foreign key: what dispatch says may arrive first")
    type: str = Field(sa_type=Text)
    service: str = Field(sa_type=Text)
    actor_id: str | None = Field(default=None, sa_type=Text, description="who did it, where intake knows (R048)")
    happened_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    facts: dict[str, object] = Field(sa_type=Json)


class StaffRow(Row, table=True):
    """A member of the staff (员工), as notifier's directory told last; `revision` says how new that is."""

    __tablename__ = "staff_member"

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text, index=True, description="the subject of the person's token")
    role: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    revision: int
    heard_at: datetime = Field(sa_type=Instant, description="for the first time")


class OrderRow(Row, table=True):
    """What the end of a case needs to know of one of its work orders; its parts may arrive in any order."""

    __tablename__ = "case_order"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True, description="no foreign key: what dispatch says may arrive first")
    number: str = Field(sa_type=Text)
    resolution: str | None = Field(default=None, sa_type=Text)
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    signed_off_at: datetime | None = Field(default=None, sa_type=Instant)
    counted_at: datetime | None = Field(default=None, sa_type=Instant, description="when it resolved the case")


class DepositRow(Row, table=True):
    """A deposit (订金) of a case: open until it is waived, refunded or forfeited."""

    __tablename__ = "case_deposit"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    amount: Decimal = Field(sa_type=Yuan)
    settled_as: str | None = Field(default=None, sa_type=Text)


class DissatisfactionRow(Row, table=True):
    """A customer is not satisfied with a work order; once `answered_at` is known it reopens nothing more."""

    __tablename__ = "case_dissatisfaction"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    order_id: UUID
    raised_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
