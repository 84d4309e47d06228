"""The catalogue, what there is of each part, and the ledger of its movements."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import PRICE, Row
from shared.columns import Instant


class PartRow(Row, table=True):
    """A part of the catalogue (备件目录)."""

    __tablename__ = "part"
    __table_args__ = (
        CheckConstraint("unit_price >= 0 AND minimum >= 0", name="part_not_negative_check"),
        Index("part_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    unit_price: Decimal = Field(sa_type=PRICE, description="yuan")
    minimum: int = Field(default=0, description="pieces that should be free at any time")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class StockRow(Row, table=True):
    """The sum of a part's movements (库存). Whoever moves pieces locks this row; it is never negative."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("0 <= reserved AND reserved <= on_hand AND 0 <= issued", name="stock_not_negative_check"),
    )

    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    on_hand: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger, description="of those on hand")
    issued: int = Field(default=0, sa_type=BigInteger, description="out with whoever drew them")


class MovementRow(Row, table=True):
    """One line of the ledger (台帐, R324): added, and never changed or removed."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint(
            "(kind, sign(on_hand), sign(reserved), sign(issued)) IN (('receipt', 1, 0, 0), ('reserve', 0, 1, 0),"
            " ('release', 0, -1, 0), ('issue', -1, -1, 1), ('return', 1, 0, -1), ('consume', 0, 0, -1),"
            " ('vendor_return', -1, 0, 0),"
            " ('adjustment', 1, 0, 0), ('adjustment', -1, 0, 0))",
            name="stock_movement_kind_check",
        ),
        Index("stock_movement_at", "at", "id"),
        Index("stock_movement_part_code", "part_code", "at", "id"),
        Index("stock_movement_request_id", "request_id"),
        Index(
            "stock_movement_receipt",
            "part_code",
            "reference",
            unique=True,
            postgresql_where=text("kind = 'receipt'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    kind: str = Field(sa_type=Text)
    on_hand: int = Field(sa_type=BigInteger, description="what it adds")
    reserved: int = Field(sa_type=BigInteger, description="what it adds")
    issued: int = Field(sa_type=BigInteger, description="what it adds")
    request_id: UUID | None = Field(default=None, foreign_key="parts_request.id")
    reference: str = Field(sa_type=Text, description="delivery note, issue or return note, claim order, reason")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
