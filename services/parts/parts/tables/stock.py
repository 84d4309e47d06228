"""The catalogue, what there is of each part, and the ledger of its movements."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import PRICE, VALUE, Row
from shared.columns import Instant, Texts


class PartRow(Row, table=True):
    """A part of the catalogue (备件目录)."""

    __tablename__ = "part"
    __table_args__ = (
        CheckConstraint("unit_price >= 0 AND minimum >= 0 AND purchase_price >= 0", name="part_not_negative_check"),
        Index("part_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text, description="a code of the policy; stock is counted in whole ones")
    unit_price: Decimal = Field(sa_type=PRICE, description="yuan that a customer pays")
    purchase_price: Decimal | None = Field(default=None, sa_type=PRICE, description="yuan that the company pays")
    price_source: str = Field(sa_type=Text, description="the department that supplied the prices (R333)")
    priced_at: datetime = Field(sa_type=Instant, description="since when the prices hold")
    alternatives: list[str] = Field(sa_type=Texts, description="codes of parts that replace it, the best first")
    is_serial: bool = Field(description="each piece is known by its serial number")
    is_consumable: bool = Field(description="departments of the house may draw it for themselves (R323)")
    minimum: int = Field(default=0, description="pieces that should be free at any time")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class PriceRow(Row, table=True):
    """One line of the price list (价格表, R037, R333): added, and never changed."""

    __tablename__ = "part_price"
    __table_args__ = (Index("part_price_part_code", "part_code", "since", "id"),)

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    kind: str = Field(sa_type=Text, description="sale or purchase")
    amount: Decimal = Field(sa_type=PRICE, description="yuan for one unit")
    source: str = Field(sa_type=Text, description="the department that supplied it")
    since: datetime = Field(sa_type=Instant)
    entered_at: datetime = Field(sa_type=Instant)
    entered_by: str = Field(sa_type=Text)


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
            " ('loss', 0, 0, -1),"
            " ('vendor_return', -1, 0, 0),"
            " ('adjustment', 1, 0, 0), ('adjustment', -1, 0, 0), ('transfer', 1, 0, 0), ('transfer', -1, 0, 0),"
            " ('site', 1, 0, 0), ('site', -1, 0, 0),"
            " ('internal', -1, 0, 0))",
            name="stock_movement_kind_check",
        ),
        CheckConstraint(
            "(on_hand = 0 OR kind = 'site') = (location IS NULL) AND (on_hand = 0) = (department IS NULL)"
            " AND (on_hand <> 0 OR value = 0)",
            name="stock_movement_place_check",
        ),
        CheckConstraint("(kind = 'site') = (purchase_request_id IS NOT NULL)", name="stock_movement_site_check"),
        Index("stock_movement_at", "at", "id"),
        Index("stock_movement_part_code", "part_code", "at", "id"),
        Index("stock_movement_request_id", "request_id"),
        Index(
            "stock_movement_purchase_request_id",
            "purchase_request_id",
            postgresql_where=text("purchase_request_id IS NOT NULL"),
        ),
        Index("stock_movement_location", "location", "at", "id"),
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
    location: str | None = Field(
        default=None,
        sa_type=Text,
        foreign_key="location.code",
        description="where pieces came to lie or left; none for what went to a site",
    )
    department: str | None = Field(default=None, sa_type=Text, description="whose account they entered or left")
    value: Decimal = Field(default=Decimal("0.00"), sa_type=VALUE, description="yuan that it adds to that account")
    request_id: UUID | None = Field(default=None, foreign_key="parts_request.id")
    purchase_request_id: UUID | None = Field(
        default=None, foreign_key="purchase_request.id", description="to whose site pieces went straight"
    )
    reference: str = Field(sa_type=Text, description="delivery note, issue or return note, claim order, reason")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
