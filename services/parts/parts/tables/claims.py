"""What is ordered for one request, and the deposit that is taken for it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from parts.tables.base import PRICE, VALUE, Row
from shared.columns import Instant, Json, Texts


class ClaimRow(Row, table=True):
    """A claim order (索赔订货): what was missing of one request (R199)."""

    __tablename__ = "claim_order"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="claim_order_amount_check"),
        CheckConstraint("state <> 'placed' OR expected_at IS NOT NULL", name="claim_order_expected_check"),
        Index("claim_order_opened_at", "opened_at", "id"),
        Index("claim_order_state", "state", "opened_at", "id"),
        Index("claim_order_expected_at", "expected_at", postgresql_where=text("state = 'placed'")),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="parts_request.id", unique=True)
    state: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=VALUE, description="yuan")
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    signatures_needed: list[str] = Field(sa_type=Texts, description="roles")
    opened_at: datetime = Field(sa_type=Instant)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    supplier: str | None = Field(default=None, sa_type=Text)
    placed_at: datetime | None = Field(default=None, sa_type=Instant, description="the first time")
    expected_at: datetime | None = Field(default=None, sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    receipts: int = Field(default=0, description="in how many deliveries it came so far")
    reminders: int = Field(default=0, description="how often the customer was chased (R322)")
    version: int = 1


class SignatureRow(Row, table=True):
    """Who signed a claim order, or refused to (R199)."""

    __tablename__ = "claim_signature"

    claim_order_id: UUID = Field(primary_key=True, foreign_key="claim_order.id")
    role: str = Field(sa_type=Text, primary_key=True)
    decision: str = Field(sa_type=Text)
    signed_by: str = Field(sa_type=Text)
    signed_at: datetime = Field(sa_type=Instant)


class DepositRow(Row, table=True):
    """A deposit (订金) for a claim order (R320, R321). What was taken is held, refunded or forfeited (I10)."""

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("amount > 0", name="deposit_amount_check"),
        CheckConstraint(
            "(paid_at IS NOT NULL) = (state IN ('held', 'refunded', 'forfeited'))", name="deposit_taken_check"
        ),
        CheckConstraint(
            "(handed_back_at IS NULL OR state = 'refunded') AND (handed_back_at IS NULL) = (handed_back_by IS NULL)"
            " AND (handed_back_at IS NULL) = (reference IS NULL)",
            name="deposit_handed_back_check",
        ),
        Index("deposit_required_at", "required_at", "id"),
        Index("deposit_state", "state", "required_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    claim_order_id: UUID = Field(foreign_key="claim_order.id", unique=True)
    case_id: UUID
    customer_id: UUID
    state: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=PRICE, description="yuan")
    required_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    paid_at: datetime | None = Field(default=None, sa_type=Instant)
    method: str | None = Field(default=None, sa_type=Text)
    taken_by: str | None = Field(default=None, sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str | None = Field(default=None, sa_type=Text)
    handed_back_at: datetime | None = Field(
        default=None, sa_type=Instant, description="the refund is with the customer"
    )
    handed_back_by: str | None = Field(default=None, sa_type=Text)
    reference: str | None = Field(default=None, sa_type=Text, description="of the paper of the refund")
    version: int = 1
