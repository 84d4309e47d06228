"""What was taken in and is sent to the factory to be repaired there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant


class ReturnShipmentRow(Row, table=True):
    """A return-to-factory shipment (返厂维修, R040, R311) of something that was taken in for a work order."""

    __tablename__ = "return_shipment"
    __table_args__ = (
        CheckConstraint("returned_at IS NULL OR arrived_at IS NOT NULL", name="return_shipment_order_check"),
        Index("return_shipment_sent_at", "sent_at", "id"),
        Index("return_shipment_item_id", "item_id", unique=True, postgresql_where=text("returned_at IS NULL")),
        Index("return_shipment_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    item_id: UUID = Field(description="what was taken in, as dispatch knows it")
    work_order_id: UUID
    case_id: UUID
    factory: str = Field(sa_type=Text)
    carrier: str = Field(sa_type=Text)
    tracking_number: str | None = Field(default=None, sa_type=Text)
    project_manager: str = Field(sa_type=Text, description="staff number of who assists (R040)")
    commercial_by: str = Field(sa_type=Text, description="staff number of who has the commercial side (R311)")
    sent_at: datetime = Field(sa_type=Instant)
    sent_by: str = Field(sa_type=Text)
    arrival_expected_at: datetime = Field(sa_type=Instant)
    return_expected_at: datetime = Field(sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
