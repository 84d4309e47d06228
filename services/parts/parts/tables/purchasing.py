"""Suppliers, what is asked of purchasing, what is bought from whom, and what others are urged to do for it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import PRICE, VALUE, Row
from shared.columns import Instant, Json


class SupplierRow(Row, table=True):
    """A supplier (供应商). Its contact is the company's, not a customer's, and stands in no event all the same."""

    __tablename__ = "supplier"
    __table_args__ = (Index("supplier_created_at", "created_at", "id"),)

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text, unique=True)
    name: str = Field(sa_type=Text)
    supplies: str = Field(sa_type=Text, description="what he supplies, in words")
    contact_name: str = Field(sa_type=Text)
    phone: str = Field(sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class SourceRow(Row, table=True):
    """A part that is bought from a supplier (外购件); one that nobody supplies is the company's own (自制件)."""

    __tablename__ = "part_source"
    __table_args__ = (Index("part_source_supplier_id", "supplier_id"),)

    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    supplier_id: UUID = Field(primary_key=True, foreign_key="supplier.id")


class PurchaseOrderRow(Row, table=True):
    """An order at a supplier, or something that was bought without one (自采, R201)."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        CheckConstraint("(kind = 'order') = (supplier_id IS NOT NULL)", name="purchase_order_supplier_check"),
        CheckConstraint("(closed_at IS NULL) = (state = 'placed')", name="purchase_order_closed_check"),
        Index("purchase_order_placed_at", "placed_at", "id"),
        Index("purchase_order_expected_at", "expected_at", postgresql_where=text("state = 'placed'")),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text, description="order or self_purchase")
    supplier_id: UUID | None = Field(default=None, foreign_key="supplier.id")
    supplier: str = Field(sa_type=Text, description="his name when it was placed")
    destination: str = Field(sa_type=Text, description="store or site")
    state: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=VALUE, description="yuan")
    quotes: list[dict[str, str]] = Field(default=[], sa_type=Json, description="whose prices were compared (R201)")
    reason: str | None = Field(default=None, sa_type=Text, description="why not the cheapest, a code of the policy")
    placed_at: datetime = Field(sa_type=Instant)
    placed_by: str = Field(sa_type=Text)
    expected_at: datetime = Field(sa_type=Instant)
    carrier: str | None = Field(default=None, sa_type=Text)
    tracking_number: str | None = Field(default=None, sa_type=Text)
    shipped_at: datetime | None = Field(default=None, sa_type=Instant)
    shipped_version: int | None = Field(default=None, description="in which it was said to be shipped then")
    receipts: int = Field(default=0, description="how often something came")
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class PurchaseLineRow(Row, table=True):
    """One part of an order, in pieces."""

    __tablename__ = "purchase_line"
    __table_args__ = (
        CheckConstraint("ordered > 0 AND 0 <= received AND received <= ordered", name="purchase_line_check"),
        Index("purchase_line_part_code", "part_code"),
    )

    order_id: UUID = Field(primary_key=True, foreign_key="purchase_order.id")
    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    ordered: int
    received: int = 0
    unit_price: Decimal = Field(sa_type=PRICE, description="yuan, what the supplier takes")


class PurchaseRequestRow(Row, table=True):
    """What somebody asks purchasing for (R331). Whom to call on site stands with the case, at intake."""

    __tablename__ = "purchase_request"
    __table_args__ = (
        CheckConstraint("destination <> 'site' OR case_id IS NOT NULL", name="purchase_request_site_check"),
        CheckConstraint("(arranged_at IS NULL) = (state = 'open')", name="purchase_request_arranged_check"),
        Index("purchase_request_asked_at", "asked_at", "id"),
        Index("purchase_request_wanted_at", "wanted_at", postgresql_where=text("state = 'open'")),
        Index("purchase_request_order_id", "order_id"),
    )

    id: UUID = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    lines: list[dict[str, str | int]] = Field(sa_type=Json, description="with what came of orders that are over")
    wanted_at: datetime = Field(sa_type=Instant)
    destination: str = Field(sa_type=Text, description="store or site")
    case_id: UUID | None = None
    work_order_id: UUID | None = None
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(sa_type=Text)
    arranged_at: datetime | None = Field(default=None, sa_type=Instant)
    arranged_by: str | None = Field(default=None, sa_type=Text)
    order_id: UUID | None = Field(default=None, foreign_key="purchase_order.id")
    reason: str | None = Field(default=None, sa_type=Text, description="why it was declined, a code of the policy")
    version: int = 1


class ActionItemRow(Row, table=True):
    """What a department is urged (催促) to do by when, so that the site gets what it needs (R029)."""

    __tablename__ = "action_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(order_id, case_id) >= 1", name="action_item_about_check"),
        Index("action_item_opened_at", "opened_at", "id"),
        Index("action_item_due_at", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    cause: str | None = Field(default=None, sa_type=Text, description="of the problem, a code of the policy")
    department: str = Field(sa_type=Text, description="a code of the policy")
    task: str = Field(sa_type=Text, description="a code of the policy")
    order_id: UUID | None = Field(default=None, foreign_key="purchase_order.id")
    case_id: UUID | None = None
    due_at: datetime = Field(sa_type=Instant)
    opened_at: datetime = Field(sa_type=Instant)
    opened_by: str = Field(sa_type=Text)
    reminders: int = Field(default=0, description="how often the department was urged again")
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: str | None = Field(default=None, sa_type=Text)
    version: int = 1
