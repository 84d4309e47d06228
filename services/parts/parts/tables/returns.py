"""Quotations and mis-orders, goods that come back from customers and shops, and goods that go back to vendors."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from parts.tables.base import PRICE, Row
from shared.columns import Instant, Json


class QuotationRow(Row, table=True):
    """The quotation (报价单) that has to be signed before a claim order may be placed (R195, R197)."""

    __tablename__ = "quotation"

    claim_order_id: UUID = Field(primary_key=True, foreign_key="claim_order.id")
    state: str = Field(sa_type=Text)
    signer: str = Field(sa_type=Text, description="the role whose signature it needs")
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    reason: str | None = Field(default=None, sa_type=Text, description="of an addition: a code of the policy (R197)")
    written_at: datetime | None = Field(default=None, sa_type=Instant)
    written_by: str | None = Field(default=None, sa_type=Text)
    signed_at: datetime | None = Field(default=None, sa_type=Instant)
    signed_by: str | None = Field(default=None, sa_type=Text)


class MisorderRow(Row, table=True):
    """A part that was misquoted or mis-ordered (误报误订), whose fault it was, and what he is charged (R196)."""

    __tablename__ = "misorder"
    __table_args__ = (
        UniqueConstraint("claim_order_id", "part_code", "person", name="misorder_claim_order_id_part_code_person_key"),
        Index("misorder_at", "at", "id"),
    )

    id: UUID = Field(primary_key=True)
    claim_order_id: UUID = Field(foreign_key="claim_order.id")
    part_code: str = Field(sa_type=Text)
    person: str = Field(sa_type=Text, description="staff number")
    charge: Decimal = Field(sa_type=PRICE, description="yuan")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)


class GoodsReturnRow(Row, table=True):
    """Goods that somebody gives back or has exchanged (退换货, R083, R179)."""

    __tablename__ = "goods_return"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="goods_return_quantity_check"),
        Index("goods_return_asked_at", "asked_at", "id"),
        Index("goods_return_left_with", "left_with"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    origin: str = Field(sa_type=Text, description="who gives them back: a code of the policy")
    case_id: UUID | None = None
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    quantity: int
    left_with: str | None = Field(default=None, sa_type=Text, description="the paper of the ledger they left with")
    request_id: UUID | None = Field(default=None, foreign_key="parts_request.id", description="they were drawn for it")
    reason: str = Field(sa_type=Text, description="a code of the policy")
    state: str = Field(sa_type=Text)
    borne_by: str = Field(sa_type=Text, description="who bears the cost (R179)")
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str | None = Field(default=None, sa_type=Text)
    received_at: datetime | None = Field(default=None, sa_type=Instant)
    received_by: str | None = Field(default=None, sa_type=Text)
    destination: str | None = Field(default=None, sa_type=Text, description="stock, scrap or vendor")
    version: int = 1


class VendorReturnRow(Row, table=True):
    """Goods that go back to their vendor (退供应商)."""

    __tablename__ = "vendor_return"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="vendor_return_quantity_check"),
        Index("vendor_return_at", "at", "id"),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    quantity: int
    supplier: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text, description="a code of the policy")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
