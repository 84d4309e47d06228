"""Visits and what they took."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, col

from dispatch.tables.base import METADATA, Row
from shared.columns import Instant, Json, Texts

OCCUPIES = text("state IN ('agreed', 'prepared', 'departed', 'arrived', 'started')")
BUSY = text("state IN ('agreed', 'prepared', 'departed', 'arrived', 'started', 'completed', 'unfinished', 'taken_in')")
OPEN = text("state IN ('agreed', 'prepared', 'departed', 'arrived', 'started', 'back')")


class Yuan(TypeDecorator[Decimal]):
    """An amount in yuan, two decimals."""

    impl = Numeric(12, 2)
    cache_ok = True


class VisitRow(Row, table=True):
    """A visit window agreed with the customer (R251). No technician is in two places at once (I11)."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="visit_window_check"),
        Index("visit_starts_at", "starts_at", "id"),
        Index("visit_busy_of_technician", "technician_id", postgresql_where=BUSY),
        Index("visit_technician_id", "technician_id", "starts_at"),
        Index("visit_work_order_id", "work_order_id"),
        Index("visit_open_of_order", "work_order_id", unique=True, postgresql_where=OPEN),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="work_order.id")
    technician_id: UUID = Field(foreign_key="technician.id")
    state: str = Field(sa_type=Text)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    agreed_at: datetime = Field(sa_type=Instant, description="when the customer agreed")
    agreed_by: str = Field(sa_type=Text, description="who agreed it with him")
    reschedule_reason: str | None = Field(default=None, sa_type=Text)
    prepared_at: datetime | None = Field(default=None, sa_type=Instant, description="R257")
    departed_at: datetime | None = Field(default=None, sa_type=Instant, description="R239")
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, sa_type=Text, description="completed, unfinished or taken_in")
    unfinished_reason: str | None = Field(default=None, sa_type=Text, description="R241")
    checks: list[str] = Field(default=[], sa_type=Texts, description="R258: what was kept of the list")
    usable_from: datetime | None = Field(default=None, sa_type=Instant, description="R259: not before")
    warning: str | None = Field(default=None, sa_type=Text, description="R259: tag or oral")
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    release_reason: str | None = Field(default=None, sa_type=Text)
    version: int = 1


NO_TECHNICIAN_IN_TWO_PLACES = ExcludeConstraint(
    (col(VisitRow.technician_id), "="),
    (func.tstzrange(col(VisitRow.starts_at), col(VisitRow.ends_at)), "&&"),
    name="visit_no_technician_in_two_places",
    where=OCCUPIES,
    using="gist",
)
METADATA.tables["visit"].append_constraint(NO_TECHNICIAN_IN_TWO_PLACES)


class StoreHoursRow(Row, table=True):
    """Time on the store or on tools, as parts says: general administration, about no order (一般行政工作, R335)."""

    __tablename__ = "store_hours"
    __table_args__ = (Index("store_hours_day", "day", "staff_number"),)

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text)
    activity: str = Field(sa_type=Text, description="a code of parts' policy")
    day: date
    minutes: int
    recorded_at: datetime = Field(sa_type=Instant)


class HoursRow(Row, table=True):
    """What one visit, or one repair in the workshop, took (工时和费用, R263)."""

    __tablename__ = "hours"
    __table_args__ = (
        CheckConstraint("work_minutes >= 0 AND travel_minutes >= 0 AND cost >= 0", name="hours_check"),
        Index("hours_day", "day", "technician_id"),
        Index("hours_work_order_id", "work_order_id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="work_order.id")
    visit_id: UUID = Field(foreign_key="visit.id")
    item_id: UUID | None = None
    technician_id: UUID = Field(foreign_key="technician.id")
    day: date = Field(description="where the company is at home")
    work_minutes: int
    travel_minutes: int
    expenses: list[dict[str, str | None]] = Field(sa_type=Json)
    cost: Decimal = Field(sa_type=Yuan)
    posted_at: datetime = Field(sa_type=Instant)
