"""Items that were taken in, as far as parts has to know them, and reports that were published."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from parts.tables.base import VALUE, Row
from shared.columns import Instant


class ItemRow(Row, table=True):
    """An item in the workshop, of which the exchanged parts are listed (修护卡, R305, R337)."""

    __tablename__ = "known_item"
    __table_args__ = (Index("known_item_work_order_id", "work_order_id"),)

    item_id: UUID = Field(primary_key=True)
    work_order_id: UUID
    receipt_number: str = Field(sa_type=Text)
    taken_in_at: datetime = Field(sa_type=Instant)


class ReportRow(Row, table=True):
    """A monthly cost table (配件费用表, R325) as it was handed to finance. Its lines are the ledger's."""

    __tablename__ = "published_report"
    __table_args__ = (
        UniqueConstraint("kind", "month", name="published_report_month_key"),
        Index("published_report_published_at", "published_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    month: date = Field(description="its first day")
    due_at: datetime = Field(sa_type=Instant)
    published_at: datetime = Field(sa_type=Instant)
    quantity: int
    cost: Decimal = Field(sa_type=VALUE, description="yuan")
