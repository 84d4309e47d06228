"""Pieces that are known by their serial number."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant


class SerialRow(Row, table=True):
    """One piece of a serial-tracked part: it lies in a place, or is out with a request, or away otherwise."""

    __tablename__ = "serial_number"
    __table_args__ = (
        UniqueConstraint("part_code", "serial", name="serial_number_key"),
        CheckConstraint("(location IS NULL) = (away IS NOT NULL)", name="serial_number_somewhere_check"),
        CheckConstraint(
            "(request_id IS NULL) = (away IS DISTINCT FROM 'drawn')", name="serial_number_drawn_for_somebody_check"
        ),
        Index("serial_number_received_at", "received_at", "id"),
        Index("serial_number_location", "location", "part_code", postgresql_where=text("location IS NOT NULL")),
        Index("serial_number_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    serial: str = Field(sa_type=Text)
    location: str | None = Field(default=None, sa_type=Text, foreign_key="location.code")
    away: str | None = Field(default=None, sa_type=Text, description="how it left, where it lies nowhere")
    request_id: UUID | None = Field(default=None, foreign_key="parts_request.id", description="drawn for it")
    reference: str = Field(sa_type=Text, description="the paper with which it moved last")
    received_at: datetime = Field(sa_type=Instant)
    moved_at: datetime = Field(sa_type=Instant)
