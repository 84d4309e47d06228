"""Feedback's rows, all on feedback's own metadata. No customer is known here but by id and masked label."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.audit import audit_tables
from shared.columns import Instant, Texts
from shared.erasure import erasure_table
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()
DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
ERASED = erasure_table(METADATA)


class Row(SQLModel):
    """The base of every row of feedback."""

    metadata: ClassVar[MetaData] = METADATA


class CaseRow(Row, table=True):
    """What is known of a case, whichever event came first."""

    __tablename__ = "known_case"

    case_id: UUID = Field(primary_key=True)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class OrderRow(Row, table=True):
    """A work order (维修单) whose customer is asked how it was, as all that was heard of it tells.

    Whoever changes its revisit or its survey locks this row before.
    """

    __tablename__ = "served_order"
    __table_args__ = (
        Index("served_order_case_id", "case_id"),
        Index("served_order_customer_id", "customer_id"),
        Index("served_order_technician_id", "technician_id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text)
    case_id: UUID
    customer_id: UUID
    customer_label: str | None = Field(default=None, sa_type=Text, description="masked phone number")
    unit_id: UUID | None = None
    technician_id: UUID | None = None
    opinion: str | None = Field(default=None, sa_type=Text, description="what he ticked when he signed (R260)")
    signed_off_at: datetime | None = Field(default=None, sa_type=Instant)
    item_returned_at: datetime | None = Field(default=None, sa_type=Instant, description="R312")


class RevisitRow(Row, table=True):
    """A call after the repair (回访记录, R358): one for each order."""

    __tablename__ = "revisit"
    __table_args__ = (
        Index("revisit_due_at", "due_at", "id"),
        Index("revisit_state", "state", "due_at", "id"),
        Index("revisit_open", "overdue_at", postgresql_where=text("state IN ('planned', 'due')")),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="served_order.id", unique=True)
    state: str = Field(sa_type=Text)
    attempt: int = Field(default=1, description="the call that is to be made, or was the last one")
    due_at: datetime = Field(sa_type=Instant)
    overdue_at: datetime = Field(sa_type=Instant)
    overdue_said_at: datetime | None = Field(default=None, sa_type=Instant, description="of this attempt")
    outcome: str | None = Field(default=None, sa_type=Text)
    notes: str | None = Field(default=None, sa_type=Text, description="sealed; what the customer said")
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    completed_by: str | None = Field(default=None, sa_type=Text)
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class AttemptRow(Row, table=True):
    """A call that nobody answered."""

    __tablename__ = "revisit_attempt"

    revisit_id: UUID = Field(primary_key=True, foreign_key="revisit.id")
    number: int = Field(primary_key=True, description="1, 2 …")
    called_at: datetime = Field(sa_type=Instant)
    called_by: str = Field(sa_type=Text)


class SurveyRow(Row, table=True):
    """An opinion card (客户意见调查卡): one for each order (R364)."""

    __tablename__ = "survey"
    __table_args__ = (
        Index("survey_send_at", "send_at", "id"),
        Index("survey_state", "state", "send_at", "id"),
        Index("survey_month", "month"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="served_order.id", unique=True)
    technician_id: UUID
    state: str = Field(sa_type=Text)
    send_at: datetime = Field(sa_type=Instant)
    requested_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    month: date | None = Field(default=None, description="the first day of the month in which the answer counts")
    language: str | None = Field(default=None, sa_type=Text, description="of the page that was answered")
    comment: str | None = Field(default=None, sa_type=Text, description="sealed; what the customer wrote")
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class ScoreRow(Row, table=True):
    """One answer of a survey (R366): a survey counts once for each question, however often it is sent back."""

    __tablename__ = "survey_score"

    survey_id: UUID = Field(primary_key=True, foreign_key="survey.id")
    question: str = Field(primary_key=True, sa_type=Text)
    degree: str = Field(sa_type=Text)


class DissatisfactionRow(Row, table=True):
    """A customer who is not satisfied: a matter of its own (R158), raised once for each survey or revisit."""

    __tablename__ = "dissatisfaction"
    __table_args__ = (
        UniqueConstraint("source", "source_id", name="dissatisfaction_source_source_id_key"),
        Index("dissatisfaction_raised_at", "raised_at", "id"),
        Index("dissatisfaction_order_id", "order_id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="served_order.id")
    source: str = Field(sa_type=Text)
    source_id: UUID
    questions: list[str] = Field(sa_type=Texts)
    raised_at: datetime = Field(sa_type=Instant)


_SEALED = {"revisit": ("notes",), "survey": ("comment",), "idempotent_answer": ("answer",)}

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
