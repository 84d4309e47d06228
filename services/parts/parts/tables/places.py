"""Where stock lies, whose account it stands in, and what it is worth there."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field

from parts.tables.base import VALUE, Row
from shared.columns import Instant, Json


class LocationRow(Row, table=True):
    """A storeroom (库房), a technician's van or a service point."""

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint("(kind = 'van') = (staff_number IS NOT NULL)", name="location_van_check"),
        Index("location_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    kind: str = Field(sa_type=Text)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text, description="whose account its pieces stand in (独立核算, R324)")
    staff_number: str | None = Field(default=None, sa_type=Text, description="whose van it is")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class ShelfRow(Row, table=True):
    """Pieces of a part in one place: the sum of its movements there. Guarded by the lock of the part's stock."""

    __tablename__ = "shelf"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="shelf_not_negative_check"),
        Index("shelf_location", "location", "part_code"),
    )

    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    location: str = Field(sa_type=Text, primary_key=True, foreign_key="location.code")
    on_hand: int = Field(default=0, sa_type=BigInteger)
    movements: int = Field(default=0, sa_type=BigInteger, description="how often it was moved: a count is of one state")


class AccountRow(Row, table=True):
    """A department's account of a part (独立核算, R324), guarded likewise. Its layers sum up to pieces and value."""

    __tablename__ = "stock_account"
    __table_args__ = (
        CheckConstraint("pieces >= 0 AND value >= 0 AND (pieces > 0 OR value = 0)", name="stock_account_check"),
    )

    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    department: str = Field(sa_type=Text, primary_key=True)
    pieces: int = Field(default=0, sa_type=BigInteger)
    value: Decimal = Field(default=Decimal("0.00"), sa_type=VALUE, description="yuan")
    layers: list[dict[str, str | int]] = Field(default=[], sa_type=Json, description="pieces and yuan, oldest first")
