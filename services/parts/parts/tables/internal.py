"""What the house draws for itself, and the time that people spend on the store."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from parts.tables.base import VALUE, Row
from shared.columns import Instant


class RequisitionRow(Row, table=True):
    """An internal requisition (内部领用单, R323): consumables drawn by a department, at the cost of another."""

    __tablename__ = "internal_requisition"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="internal_requisition_check"),
        Index("internal_requisition_drawn_at", "drawn_at", "id"),
        Index("internal_requisition_limit", "part_code", "department", "drawn_at"),
    )

    id: UUID = Field(primary_key=True)
    department: str = Field(sa_type=Text, description="who drew it")
    charged_to: str = Field(sa_type=Text, description="whose cost it is")
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    quantity: int
    location: str = Field(sa_type=Text, foreign_key="location.code")
    cost: Decimal = Field(sa_type=VALUE, description="yuan")
    drawn_at: datetime = Field(sa_type=Instant)
    drawn_by: str = Field(sa_type=Text)


class StoreWorkRow(Row, table=True):
    """Time that somebody spent on parts management or tool upkeep: general administration (R335)."""

    __tablename__ = "store_work"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="store_work_check"),
        Index("store_work_entered_at", "entered_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text)
    activity: str = Field(sa_type=Text, description="a code of the policy")
    day: date
    minutes: int
    entered_at: datetime = Field(sa_type=Instant)
    entered_by: str = Field(sa_type=Text)
