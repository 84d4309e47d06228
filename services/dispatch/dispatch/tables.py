"""Dispatch's rows, all on dispatch's own metadata. No customer is known here but by id and masked label."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, MetaData, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel, col

from shared.audit import audit_tables
from shared.clocks.tables import clock_tables
from shared.columns import Instant, Json, Texts
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()
DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
CLOCKS = clock_tables(METADATA)

OCCUPIES = text("state IN ('agreed', 'arrived')")
PENDING = text("state = 'pending'")


class Row(SQLModel):
    """The base of every row of dispatch."""

    metadata: ClassVar[MetaData] = METADATA


class TechnicianRow(Row, table=True):
    """A technician and his place in the rota of his department (R234)."""

    __tablename__ = "technician"
    __table_args__ = (
        Index("technician_rota", "department", "rota_position", "id"),
        Index("technician_skills", "skills", postgresql_using="gin"),
        Index("technician_zones", "zones", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text, unique=True)
    name: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    rota_position: int
    zones: list[str] = Field(sa_type=Texts)
    skills: list[str] = Field(sa_type=Texts)
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CertificateRow(Row, table=True):
    """Trained, examined and certified (持证上岗, R246), from the first to the last day, both included."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("technician_id", "code", "valid_from", name="certificate_technician_id_code_valid_from_key"),
        CheckConstraint("valid_from <= valid_until", name="certificate_period_check"),
        Index("certificate_valid_until", "valid_until", "id"),
    )

    id: UUID = Field(primary_key=True)
    technician_id: UUID = Field(foreign_key="technician.id")
    code: str = Field(sa_type=Text)
    valid_from: date
    valid_until: date
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)


class AbsenceRow(Row, table=True):
    """Away from `away_from` until before `until`."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("away_from < until", name="absence_period_check"),
        Index("absence_technician_id", "technician_id", "until"),
        Index("absence_until", "until", "id"),
    )

    id: UUID = Field(primary_key=True)
    technician_id: UUID = Field(foreign_key="technician.id")
    away_from: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    reason: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)


class RotaRow(Row, table=True):
    """Who had the last turn in a department. Whoever gives a turn locks this row, so that no turn is given twice."""

    __tablename__ = "rota"

    department: str = Field(sa_type=Text, primary_key=True)
    position: int | None = None
    technician_id: UUID | None = None
    moved_at: datetime | None = Field(default=None, sa_type=Instant)


class CaseRow(Row, table=True):
    """What is known of a case besides its order, whichever event came first. Whoever hears of a case locks this row."""

    __tablename__ = "known_case"

    case_id: UUID = Field(primary_key=True)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_reason: str | None = Field(default=None, sa_type=Text)


class WorkOrderRow(Row, table=True):
    """A work order (维修单): one for each cleared case."""

    __tablename__ = "work_order"
    __table_args__ = (
        Index("work_order_state", "state", "opened_at", "id"),
        Index("work_order_opened_at", "opened_at", "id"),
        Index("work_order_waiting", "department", "priority", "opened_at", postgresql_where=text("state = 'waiting'")),
        Index("work_order_required_by", "required_by"),
        Index("work_order_technician", "technician_id", "state"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text, unique=True)
    case_id: UUID = Field(unique=True)
    case_number: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text, description="R015")
    zone: str = Field(sa_type=Text)
    district: str = Field(sa_type=Text)
    skills: list[str] = Field(sa_type=Texts)
    certificates: list[str] = Field(sa_type=Texts)
    urgency: str = Field(sa_type=Text)
    warranty: str = Field(sa_type=Text)
    priority: int
    failures: int = Field(default=0, description="how often nobody fitted")
    retry_at: datetime | None = Field(default=None, sa_type=Instant)
    customer_id: UUID
    customer_label: str = Field(sa_type=Text)
    site_id: UUID
    unit_id: UUID
    product_family: str = Field(sa_type=Text)
    product_model: str = Field(sa_type=Text)
    problem_code: str = Field(sa_type=Text)
    parts: list[dict[str, str | int]] = Field(sa_type=Json)
    required_by: datetime | None = Field(default=None, sa_type=Instant, description="R188, R217")
    called_at: datetime = Field(sa_type=Instant, description="when the repair was registered (叫修时间)")
    opened_at: datetime = Field(sa_type=Instant)
    technician_id: UUID | None = Field(default=None, foreign_key="technician.id")
    assigned_at: datetime | None = Field(default=None, sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_reason: str | None = Field(default=None, sa_type=Text)
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class OfferRow(Row, table=True):
    """An order offered to the technician whose turn it is. `round` is the order's count of failures at the time."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("offer_work_order_id", "work_order_id", "offered_at"),
        Index("offer_technician_id", "technician_id", "offered_at"),
        Index("offer_offered_at", "offered_at", "id"),
        Index("offer_pending_of_order", "work_order_id", unique=True, postgresql_where=PENDING),
        Index("offer_pending_of_technician", "technician_id", unique=True, postgresql_where=PENDING),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="work_order.id")
    technician_id: UUID = Field(foreign_key="technician.id")
    round: int
    state: str = Field(sa_type=Text)
    offered_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, sa_type=Text)
    answered_as: str | None = Field(default=None, sa_type=Text, description="the role of whoever answered")
    refusal_reason: str | None = Field(default=None, sa_type=Text)


class RotaLogRow(Row, table=True):
    """One look for a technician: who was taken, and why each other one was passed over (R235)."""

    __tablename__ = "rota_log"
    __table_args__ = (Index("rota_log_work_order_id", "work_order_id", "decided_at", "id"),)

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="work_order.id")
    department: str = Field(sa_type=Text)
    decided_at: datetime = Field(sa_type=Instant)
    decided_by: str = Field(sa_type=Text)
    after_position: int | None = Field(default=None, description="who had the last turn before")
    technician_id: UUID | None = Field(default=None, description="none where nobody fitted")
    offer_id: UUID | None = None
    passed_over: list[dict[str, str]] = Field(sa_type=Json)
    policy_version: str = Field(sa_type=Text)


class VisitRow(Row, table=True):
    """A visit window agreed with the customer (R251). No technician is in two places at once (I11)."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="visit_window_check"),
        Index("visit_starts_at", "starts_at", "id"),
        Index("visit_open_of_technician", "technician_id", postgresql_where=OCCUPIES),
        Index("visit_technician_id", "technician_id", "starts_at"),
        Index("visit_work_order_id", "work_order_id"),
        Index("visit_open_of_order", "work_order_id", unique=True, postgresql_where=OCCUPIES),
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
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


NO_TECHNICIAN_IN_TWO_PLACES = ExcludeConstraint(
    (col(VisitRow.technician_id), "="),
    (func.tstzrange(col(VisitRow.starts_at), col(VisitRow.ends_at)), "&&"),
    name="visit_no_technician_in_two_places",
    where=OCCUPIES,
    using="gist",
)
METADATA.tables["visit"].append_constraint(NO_TECHNICIAN_IN_TWO_PLACES)
