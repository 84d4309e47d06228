"""Requests for parts, and what was heard of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from dispatch.tables.base import Row
from shared.columns import Instant, Json

type Lines = list[dict[str, str | int]]


class PartsRequestRow(Row, table=True):
    """A request for parts (领料申请). A stub without an order where an answer was heard before the order was opened."""

    __tablename__ = "parts_request"
    __table_args__ = (
        Index("parts_request_work_order_id", "work_order_id"),
        Index("parts_request_state", "state", "requested_at"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID | None = Field(default=None, foreign_key="work_order.id")
    lines: Lines = Field(default=[], sa_type=Json)
    requested_at: datetime | None = Field(default=None, sa_type=Instant)
    requested_by: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    short_at: datetime | None = Field(default=None, sa_type=Instant)
    missing: Lines = Field(default=[], sa_type=Json)
    placed_at: datetime | None = Field(default=None, sa_type=Instant)
    expected_at: datetime | None = Field(default=None, sa_type=Instant)
    reserved_at: datetime | None = Field(default=None, sa_type=Instant)
    reserved_until: datetime | None = Field(default=None, sa_type=Instant)
    unavailable_at: datetime | None = Field(default=None, sa_type=Instant)
    unavailable_reason: str | None = Field(default=None, sa_type=Text)
    expired_at: datetime | None = Field(default=None, sa_type=Instant)
    issues: dict[str, Lines] = Field(default={}, sa_type=Json)
    returns: dict[str, Lines] = Field(default={}, sa_type=Json)
    deposit_required_at: datetime | None = Field(default=None, sa_type=Instant, description="R320")
    deposit_settled_at: datetime | None = Field(default=None, sa_type=Instant)
    over_at: datetime | None = Field(default=None, sa_type=Instant)
