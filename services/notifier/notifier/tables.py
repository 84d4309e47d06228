"""Notifier's rows, all on its own metadata.

Customers are known here by id only; names and addresses of staff are sealed.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, MetaData, Text, text
from sqlmodel import Field, SQLModel

from shared.audit import audit_tables
from shared.columns import Instant, Json, Texts
from shared.erasure import erasure_table
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()
DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
ERASED = erasure_table(METADATA)


class Row(SQLModel):
    """The base of every row of notifier."""

    metadata: ClassVar[MetaData] = METADATA


class StaffRow(Row, table=True):
    """A member of the staff (员工) and where he is reached. `version` is the `revision` that others hear."""

    __tablename__ = "staff_member"
    __table_args__ = (
        Index("staff_member_created_at", "created_at", "id"),
        Index("staff_member_role", "role", "status"),
        Index("staff_member_name_index", "name_index"),
    )

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text, unique=True, description="the subject of his token")
    name: str = Field(sa_type=Text, description="sealed")
    name_index: bytes = Field(sa_type=LargeBinary, description="finds the whole name")
    email: str = Field(sa_type=Text, description="sealed")
    role: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CaseRow(Row, table=True):
    """What is remembered of a case, whichever event came first. Whoever hears of a case locks this row."""

    __tablename__ = "known_case"

    case_id: UUID = Field(primary_key=True)
    case_number: str | None = Field(default=None, sa_type=Text)
    customer_id: UUID | None = None


class HappeningRow(Row, table=True):
    """When something happened that ends escalations or overtakes messages: whatever comes late is decided alike."""

    __tablename__ = "happening"

    thing: str = Field(sa_type=Text, primary_key=True, description="field and value of the event: `case_id/0199…`")
    type: str = Field(sa_type=Text, primary_key=True)
    happened_at: datetime = Field(sa_type=Instant, primary_key=True)


class ToldRow(Row, table=True):
    """An event of which a route tells once: what it said is kept while it may turn out to be news."""

    __tablename__ = "told_once"
    __table_args__ = (Index("told_once_value", "route", "value", "happened_at"),)

    id: UUID = Field(primary_key=True)
    route: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    event_id: UUID
    happened_at: datetime = Field(sa_type=Instant)
    facts: str | None = Field(
        default=None, sa_type=Text, description="what the event said; sealed, gone once it is told"
    )


class EscalationRow(Row, table=True):
    """One climb of a ladder (逐级上报, R430). The levels are those of the policy when it began."""

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'acknowledged', 'withdrawn', 'exhausted')", name="escalation_state_check"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="escalation_ended_check"),
        CheckConstraint("(state = 'acknowledged') = (acknowledged_by IS NOT NULL)", name="escalation_answer_check"),
        Index("escalation_raised_at", "raised_at", "id"),
        Index("escalation_exhausted", "id", postgresql_where=text("state = 'exhausted'")),
        Index("escalation_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    route: str = Field(sa_type=Text, description="name of the route in the policy")
    ladder: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text, description="type of the event that led to it")
    event_id: UUID
    case_id: UUID | None = None
    facts: str | None = Field(
        default=None,
        sa_type=Text,
        description="what the event said; sealed, gone when it is answered or over",
    )
    caused_at: datetime = Field(sa_type=Instant, description="when the event happened")
    ended_by: list[str] = Field(sa_type=Texts, description="types of events of the case that end it")
    only_after: dict[str, list[str]] = Field(
        sa_type=Json, description="of those, which counts only after one of which others"
    )
    levels: list[dict[str, str | int]] = Field(sa_type=Json, description="role and seconds to answer")
    state: str = Field(sa_type=Text)
    level: int
    answer_by: datetime | None = Field(
        default=None, sa_type=Instant, description="none until somebody of the level has his message"
    )
    raised_at: datetime = Field(sa_type=Instant)
    acknowledged_by: str | None = Field(default=None, sa_type=Text, description="staff number")
    acknowledged_via: str | None = Field(default=None, sa_type=Text)
    acknowledged_level: int | None = None
    end_reason: str | None = Field(default=None, sa_type=Text, description="type of the event that ended it")
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class MessageRow(Row, table=True):
    """One message to one person. What it says is written when it is sent, and kept nowhere."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("num_nonnulls(staff_number, customer_id) <= 1", name="message_one_receiver_check"),
        CheckConstraint("(state IN ('waiting', 'due', 'postponed')) = (ended_at IS NULL)", name="message_ended_check"),
        Index("message_due", "due_at", "id", postgresql_where=text("state = 'due'")),
        Index("message_failed", "ended_at", postgresql_where=text("state = 'failed'")),
        Index("message_made_at", "made_at", "id"),
        Index("message_staff_number", "staff_number", "made_at"),
        Index("message_customer_id", "customer_id"),
        Index("message_case_id", "case_id"),
        Index("message_escalation_id", "escalation_id", "level"),
    )

    id: UUID = Field(primary_key=True)
    route: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text, description="type of the event that led to it")
    event_id: UUID
    case_id: UUID | None = None
    role: str | None = Field(default=None, sa_type=Text, description="for which the receiver was taken")
    staff_number: str | None = Field(default=None, sa_type=Text)
    customer_id: UUID | None = None
    escalation_id: UUID | None = Field(default=None, foreign_key="escalation.id")
    level: int | None = None
    facts: str | None = Field(default=None, sa_type=Text, description="what the event said; sealed, gone at the end")
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="why it failed")
    attempts: int = 0
    caused_at: datetime = Field(sa_type=Instant, description="when the event happened")
    made_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    leased_until: datetime | None = Field(
        default=None, sa_type=Instant, description="real time: until then nobody else sends it"
    )
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    traceparent: str | None = Field(default=None, sa_type=Text, description="the trace that sending it goes on with")
    policy_version: str = Field(sa_type=Text)


class AttemptRow(Row, table=True):
    """One attempt at sending. One without an outcome was cut off before anybody could write it down."""

    __tablename__ = "message_attempt"

    message_id: UUID = Field(primary_key=True, foreign_key="message.id")
    number: int = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, sa_type=Text, description="taken, not_now or never")
    detail: str | None = Field(default=None, sa_type=Text, description="a code such as 451 or timeout")


_SEALED = {
    "staff_member": ("name", "email"),
    "escalation": ("facts",),
    "message": ("facts",),
    "told_once": ("facts",),
    "idempotent_answer": ("answer",),
}

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
