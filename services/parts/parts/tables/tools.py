"""Special tools, who has them, and those that were bought in the field."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import PRICE, Row
from shared.columns import Instant


class ToolRow(Row, table=True):
    """A special tool (专用工具). `price` is what it cost when it was new; one that is gone is retired."""

    __tablename__ = "tool"
    __table_args__ = (
        CheckConstraint("price >= 0", name="tool_price_check"),
        Index("tool_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    price: Decimal = Field(sa_type=PRICE, description="yuan")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    retired_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class ToolLoanRow(Row, table=True):
    """A tool that somebody has or had (借出登记, R317), and what became of it where it was lost (R318)."""

    __tablename__ = "tool_loan"
    __table_args__ = (
        CheckConstraint("(state = 'lent') = (num_nulls(returned_at, lost_at) = 2)", name="tool_loan_ended_check"),
        CheckConstraint("(state = 'compensated') = (compensated_at IS NOT NULL)", name="tool_loan_compensated_check"),
        Index("tool_loan_lent_at", "lent_at", "id"),
        Index("tool_loan_open", "tool_id", unique=True, postgresql_where=text("state = 'lent'")),
        Index("tool_loan_borrower", "borrower", "lent_at"),
        Index("tool_loan_work_order_id", "work_order_id", postgresql_where=text("state = 'lent'")),
    )

    id: UUID = Field(primary_key=True)
    tool_id: UUID = Field(foreign_key="tool.id")
    tool_code: str = Field(sa_type=Text)
    borrower: str = Field(sa_type=Text, description="staff number")
    work_order_id: UUID | None = None
    state: str = Field(sa_type=Text)
    lent_at: datetime = Field(sa_type=Instant)
    lent_by: str = Field(sa_type=Text)
    due_at: datetime = Field(sa_type=Instant)
    reminders: int = Field(default=0, description="how often it was said that it is overdue")
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    lost_at: datetime | None = Field(default=None, sa_type=Instant)
    owed: Decimal | None = Field(default=None, sa_type=PRICE, description="yuan, the tool's original price (R318)")
    settled_by: str | None = Field(default=None, sa_type=Text, description="payment or same_model")
    compensated_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class ToolPurchaseRow(Row, table=True):
    """A tool that somebody bought in the field, to be reimbursed once it is booked into the warehouse (R319)."""

    __tablename__ = "tool_purchase"
    __table_args__ = (
        CheckConstraint("(tool_id IS NULL) = (booked_in_at IS NULL)", name="tool_purchase_booked_check"),
        CheckConstraint("reimbursed_at IS NULL OR booked_in_at IS NOT NULL", name="tool_purchase_reimbursed_check"),
        Index("tool_purchase_recorded_at", "recorded_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    bought_by: str = Field(sa_type=Text, description="staff number")
    bought_at: datetime = Field(sa_type=Instant)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    price: Decimal = Field(sa_type=PRICE, description="yuan")
    work_order_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(sa_type=Text)
    tool_id: UUID | None = Field(default=None, foreign_key="tool.id", unique=True)
    booked_in_at: datetime | None = Field(default=None, sa_type=Instant)
    booked_in_by: str | None = Field(default=None, sa_type=Text)
    reimbursed_at: datetime | None = Field(default=None, sa_type=Instant)
    reimbursed_by: str | None = Field(default=None, sa_type=Text)
    version: int = 1
