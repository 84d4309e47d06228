"""What was taken in from customers, and what customers said and signed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from dispatch.tables.base import Row
from shared.columns import Instant, Json


class ItemRow(Row, table=True):
    """An item in the workshop: its receipt (领取收据, R303), register entry and repair card (修护卡, R304, R305)."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("units >= 1", name="item_units_check"),
        Index("item_taken_in_at", "taken_in_at", "id"),
        Index("item_state", "state", "taken_in_at", "id"),
        Index("item_work_order_id", "work_order_id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="work_order.id")
    visit_id: UUID = Field(foreign_key="visit.id")
    technician_id: UUID = Field(foreign_key="technician.id")
    state: str = Field(sa_type=Text)
    receipt_number: str = Field(sa_type=Text, unique=True)
    repair_card_number: str = Field(sa_type=Text, unique=True)
    units: int
    taken_in_at: datetime = Field(sa_type=Instant)
    promised_at: datetime = Field(sa_type=Instant, description="R309")
    registered_at: datetime | None = Field(default=None, sa_type=Instant, description="R304")
    registered_by: str | None = Field(default=None, sa_type=Text)
    repaired_at: datetime | None = Field(default=None, sa_type=Instant)
    repaired_by: str | None = Field(default=None, sa_type=Text)
    work_minutes: int = Field(default=0, description="R305: the actual repair time")
    fitted: list[dict[str, str | int]] = Field(default=[], sa_type=Json, description="R305, R337")
    inspected_at: datetime | None = Field(default=None, sa_type=Instant, description="R306")
    inspected_by: str | None = Field(default=None, sa_type=Text)
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    receipt_voided_at: datetime | None = Field(default=None, sa_type=Instant, description="R307")
    version: int = 1


class WordsRow(Row, table=True):
    """Free text, names and signatures, each sealed as `words.text/<id>`; NULL once the customer was erased."""

    __tablename__ = "words"
    __table_args__ = (
        Index("words_customer_id", "customer_id"),
        Index("words_work_order_id", "work_order_id", "said_at"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID
    work_order_id: UUID = Field(foreign_key="work_order.id")
    about: str = Field(sa_type=Text, description="`visit/<id>`, `work_order/<id>` or `item/<id>`")
    what: str = Field(sa_type=Text, description="findings, explanation, description, signer, signature or comment")
    text: str | None = Field(default=None, sa_type=Text, description="sealed")
    said_at: datetime = Field(sa_type=Instant)
