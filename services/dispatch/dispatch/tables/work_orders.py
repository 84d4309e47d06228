"""Cases as far as dispatch knows them, their work orders, and to whom these are offered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from dispatch.tables.base import Row
from shared.columns import Instant, Json, Texts

PENDING = text("state = 'pending'")


class CaseRow(Row, table=True):
    """What is known of a case besides its order, whichever event came first. Whoever hears of a case locks this row."""

    __tablename__ = "known_case"

    case_id: UUID = Field(primary_key=True)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_reason: str | None = Field(default=None, sa_type=Text)
    reopened_at: datetime | None = Field(default=None, sa_type=Instant, description="the last time")
    reopen_reason: str | None = Field(default=None, sa_type=Text)


class WorkOrderRow(Row, table=True):
    """A work order (维修单): one for each round of a cleared case."""

    __tablename__ = "work_order"
    __table_args__ = (
        Index("work_order_state", "state", "opened_at", "id"),
        Index("work_order_opened_at", "opened_at", "id"),
        Index("work_order_waiting", "department", "priority", "opened_at", postgresql_where=text("state = 'waiting'")),
        Index("work_order_required_by", "required_by"),
        Index("work_order_technician", "technician_id", "state"),
        Index("work_order_customer", "customer_id"),
        UniqueConstraint("case_id", "round", name="work_order_case_id_round_key"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text, unique=True)
    case_id: UUID
    round: int = Field(default=1, description="of the case: one more for each rework")
    promise_id: UUID = Field(unique=True, description="the subject of its clocks: the case, or a later round of it")
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
    customer_label: str = Field(sa_type=Text, description="masked number; empty once he is erased")
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
    started_at: datetime | None = Field(default=None, sa_type=Instant, description="R314: parts may be issued")
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    resolution: str | None = Field(default=None, sa_type=Text)
    fitted: list[dict[str, str | int]] = Field(default=[], sa_type=Json)
    signed_off_at: datetime | None = Field(default=None, sa_type=Instant)
    opinion: str | None = Field(default=None, sa_type=Text, description="R260: one of four degrees")
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
