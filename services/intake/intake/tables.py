"""Intake's rows. All of them lie on intake's own metadata; what is called `sealed` is encrypted for its own place.

A sealed text names its place as `<table>.<column>/<id of the row>`, so that it opens nowhere else.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, MetaData, Numeric, Sequence, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel, UniqueConstraint

from shared.audit import audit_tables
from shared.clocks.tables import clock_tables
from shared.columns import Instant, Json, Texts
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()
CASE_SERIAL = Sequence("case_serial", start=100_001, metadata=METADATA)
"""The running number in a case's short number; a rolled back case leaves a gap."""

DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
CLOCKS = clock_tables(METADATA)


class Yuan(TypeDecorator[Decimal]):
    """An amount in yuan, two decimals."""

    impl = Numeric(12, 2)
    cache_ok = True


class Row(SQLModel):
    """The base of every row of intake."""

    metadata: ClassVar[MetaData] = METADATA


class PushSourceRow(Row, table=True):
    """A contact centre that pushes. `previous_secret` still counts while a secret is rotated."""

    __tablename__ = "push_source"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text, unique=True)
    adapter: str = Field(sa_type=Text)
    secret: str = Field(sa_type=Text, description="sealed")
    previous_secret: str | None = Field(default=None, sa_type=Text, description="sealed")
    public_base: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    networks: list[str] = Field(sa_type=Texts)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class StaffRow(Row, table=True):
    """A member of the staff (员工). Staff data, not a customer's: in plain."""

    __tablename__ = "staff_member"

    id: UUID = Field(primary_key=True)
    staff_id: str = Field(sa_type=Text, unique=True, description="the subject of the person's token")
    name: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    active: bool
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CallRow(Row, table=True):
    """One call of one source, as all that was heard of it tells; `customer_*` is the party outside the company."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("source_id", "provider_call_id", name="call_source_id_provider_call_id_key"),
        Index("call_started_at", "started_at", "id"),
        Index("call_customer_index", "customer_index", "started_at"),
    )

    id: UUID = Field(primary_key=True)
    source_id: UUID = Field(foreign_key="push_source.id")
    provider: str = Field(sa_type=Text)
    provider_call_id: str = Field(sa_type=Text)
    state: str = Field(default="stub", sa_type=Text)
    direction: str = Field(default="in", sa_type=Text)
    caller: str = Field(default="", sa_type=Text, description="sealed")
    called: str = Field(default="", sa_type=Text, description="sealed")
    customer_index: bytes | None = Field(default=None, sa_type=LargeBinary)
    customer_label: str = Field(default="", sa_type=Text)
    queue: str = Field(default="", sa_type=Text)
    agents: list[str] = Field(default_factory=list, sa_type=Texts)
    cause: str = Field(default="", sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    first_heard_at: datetime = Field(sa_type=Instant)
    last_heard_at: datetime = Field(sa_type=Instant)
    traceparent: str | None = Field(default=None, max_length=100, description="the trace that the first push began")


class CallEventRow(Row, table=True):
    """One push about a call, once however often it came: its raw form, and what it tells in the suite's words."""

    __tablename__ = "call_event"
    __table_args__ = (UniqueConstraint("source_id", "dedup_key", name="call_event_source_id_dedup_key_key"),)

    id: UUID = Field(primary_key=True)
    source_id: UUID = Field(foreign_key="push_source.id")
    call_id: UUID = Field(foreign_key="call.id", index=True)
    dedup_key: bytes = Field(sa_type=LargeBinary, description="keyed digest of what repetitions share")
    kind: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=Instant)
    told: str = Field(sa_type=Text, description="sealed")
    raw: str = Field(sa_type=Text, description="sealed")


class CustomerRow(Row, table=True):
    """A customer (客户档案). `label` is the masked form of the first number."""

    __tablename__ = "customer"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text, description="sealed")
    name_index: bytes = Field(sa_type=LargeBinary, index=True)
    label: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CustomerPhoneRow(Row, table=True):
    """A number of a customer; several customers may share one."""

    __tablename__ = "customer_phone"

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    position: int = Field(primary_key=True)
    number: str = Field(sa_type=Text, description="sealed, as place `customer_phone.number/<customer>/<position>`")
    number_index: bytes = Field(sa_type=LargeBinary, index=True)
    label: str = Field(sa_type=Text)


class SiteRow(Row, table=True):
    """Where units stand: a district in plain, the address sealed."""

    __tablename__ = "site"

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    district: str = Field(sa_type=Text, index=True)
    address: str = Field(sa_type=Text, description="sealed")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class UnitRow(Row, table=True):
    """An installed unit with its warranty terms (保修卡)."""

    __tablename__ = "unit"
    __table_args__ = (Index("unit_product", "product_family", "product_model"),)

    id: UUID = Field(primary_key=True)
    serial_number: str = Field(sa_type=Text, unique=True)
    product_family: str = Field(sa_type=Text)
    product_model: str = Field(sa_type=Text)
    sold_on: date
    warranty_months: int
    warranty_ends_on: date | None = None
    site_id: UUID | None = Field(default=None, foreign_key="site.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CaseRow(Row, table=True):
    """A repair case (报修): the register form and where it stands."""

    __tablename__ = "repair_case"
    __table_args__ = (
        Index("repair_case_state", "state", "opened_at", "id"),
        Index("repair_case_owner", "owner_id", "opened_at", "id"),
        Index("repair_case_opened_at", "opened_at", "id"),
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
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
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


_SEALED = {
    "push_source": ("secret", "previous_secret"),
    "call": ("caller", "called"),
    "call_event": ("told", "raw"),
    "customer": ("name",),
    "customer_phone": ("number",),
    "site": ("address",),
    "repair_case": ("description",),
    "case_quote": ("solution",),
    "idempotent_answer": ("answer",),
}

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
