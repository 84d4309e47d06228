"""The ledger of deposits, and what payment providers reported."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from parts.tables.base import PRICE, Row
from shared.columns import Instant


class DepositEntryRow(Row, table=True):
    """One entry of the ledger of deposits (R321): added, and never changed or removed."""

    __tablename__ = "deposit_entry"
    __table_args__ = (
        CheckConstraint("amount > 0 AND kind IN ('paid', 'refunded', 'forfeited')", name="deposit_entry_check"),
        UniqueConstraint("deposit_id", "kind", name="deposit_entry_deposit_id_kind_key"),
        Index("deposit_entry_at", "at", "id"),
    )

    id: UUID = Field(primary_key=True)
    deposit_id: UUID = Field(foreign_key="deposit.id")
    kind: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=PRICE, description="yuan")
    reason: str = Field(sa_type=Text, description="why it was given back or kept; `paid` where it was taken")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)


class PaymentRow(Row, table=True):
    """What a payment provider reported of one payment: taken into the ledger, or refused and to be given back."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("provider", "payment_id", name="payment_provider_payment_id_key"),
        Index("payment_received_at", "received_at", "id"),
        Index("payment_deposit_id", "deposit_id"),
    )

    id: UUID = Field(primary_key=True)
    provider: str = Field(sa_type=Text)
    payment_id: str = Field(sa_type=Text, description="the provider's own")
    deposit_id: UUID = Field(foreign_key="deposit.id")
    amount: Decimal = Field(sa_type=PRICE)
    currency: str = Field(sa_type=Text)
    refused_as: str | None = Field(default=None, sa_type=Text, description="code of the problem; null: it was taken")
    received_at: datetime = Field(sa_type=Instant)
    raw: str = Field(sa_type=Text, description="the report as it came, sealed; empty once its customer was erased")
