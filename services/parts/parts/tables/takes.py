"""Stock takes (盘点) and their counts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant, Texts


class TakeRow(Row, table=True):
    """A stock take of one place; one at a time."""

    __tablename__ = "stock_take"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="stock_take_closed_check"),
        CheckConstraint("(state = 'posted') = (reason IS NOT NULL)", name="stock_take_reason_check"),
        Index("stock_take_opened_at", "opened_at", "id"),
        Index("stock_take_open", "location", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    location: str = Field(sa_type=Text, foreign_key="location.code")
    state: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=Instant)
    opened_by: str = Field(sa_type=Text)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="of the adjustments: a code of the policy")
    version: int = 1


class CountRow(Row, table=True):
    """What was counted of a part, and what the books said at that instant."""

    __tablename__ = "stock_count"
    __table_args__ = (CheckConstraint("counted >= 0", name="stock_count_check"),)

    take_id: UUID = Field(primary_key=True, foreign_key="stock_take.id")
    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    counted: int = Field(sa_type=BigInteger)
    booked: int = Field(sa_type=BigInteger)
    movements: int = Field(sa_type=BigInteger, description="how often the part had moved there")
    serials: list[str] = Field(default=[], sa_type=Texts, description="of a serial-tracked part, what lies there")
    counted_at: datetime = Field(sa_type=Instant)
    counted_by: str = Field(sa_type=Text)
