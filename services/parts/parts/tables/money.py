"""The ledger of deposits, and what payment providers reported."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
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
    """What a payment provider reported of one payment, stored before anybody judges it (`domain.payments`).

    What could not be read has neither payment nor deposit, nor an amount until somebody has looked into it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(
            "(settled_at IS NOT NULL OR state NOT IN ('returned', 'nothing_due')) AND (settled_at IS NULL"
            " OR state IN ('returned', 'nothing_due') OR (state = 'taken' AND withdrawn_at IS NOT NULL))"
            " AND (settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (reference IS NULL)",
            name="payment_settled_check",
        ),
        CheckConstraint("state <> 'refused' OR refused_as IS NOT NULL", name="payment_refused_check"),
        CheckConstraint(
            "state NOT IN ('taken', 'returned') OR (amount > 0 AND currency IS NOT NULL)", name="payment_amount_check"
        ),
        UniqueConstraint("provider", "dedup_key", name="payment_provider_dedup_key_key"),
        Index("payment_received_at", "received_at", "id"),
        Index("payment_state", "state", "received_at", "id"),
        Index("payment_deposit_id", "deposit_id"),
        Index(
            "payment_withdrawn",
            "received_at",
            "id",
            postgresql_where=text("withdrawn_at IS NOT NULL AND settled_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    provider: str = Field(sa_type=Text)
    dedup_key: bytes = Field(sa_type=LargeBinary, description="keyed digest of what repetitions share")
    payment_id: str | None = Field(default=None, sa_type=Text, description="the provider's own")
    deposit_id: UUID | None = Field(default=None, description="as the provider says: there may be no such deposit")
    amount: Decimal | None = Field(default=None, sa_type=PRICE)
    currency: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    refused_as: str | None = Field(default=None, sa_type=Text, description="code of the problem; null: it was taken")
    received_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant, description="the provider gave it back")
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_by: str | None = Field(default=None, sa_type=Text)
    reference: str | None = Field(default=None, sa_type=Text, description="of the paper with which it ended")
    raw: str = Field(sa_type=Text, description="the report as it came, sealed; empty once it is settled or forgotten")
    version: int = 1
