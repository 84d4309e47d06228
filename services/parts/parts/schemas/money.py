"""The ledger of deposits and the reports of payment providers over HTTP."""

from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from parts.domain.deposit_ledger import EntryKind, Money
from parts.domain.deposits import PaymentStatus
from parts.tables import DepositEntryRow, PaymentRow


class PaymentReport(BaseModel):
    """What a payment provider reports; fields that nobody here knows are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payment_id: str = Field(pattern=r"^[\x21-\x7e]{1,200}$", description="the provider's own, the same when told again")
    deposit_id: UUID
    amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2, allow_inf_nan=False)
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217: CNY")
    status: PaymentStatus = Field(description="only `succeeded` is money")


class Heard(BaseModel):
    """What the provider wants to know: it was understood, and the deposit is held."""

    payment_id: str


class PaymentView(BaseModel):
    """A report of a payment provider: taken, or refused and to be given back."""

    id: UUID
    provider: str
    payment_id: str
    deposit_id: UUID
    amount: Decimal
    currency: str
    refused_as: str | None = Field(description="code of the problem that the provider was told; null: it was taken")
    received_at: AwareDatetime

    @classmethod
    def of(cls, row: PaymentRow) -> Self:
        """As it is stored, without its raw form."""
        return cls.model_validate(row.model_dump(exclude={"raw"}))


class EntryView(BaseModel):
    """One entry of the ledger of deposits (R321)."""

    id: UUID
    deposit_id: UUID
    kind: EntryKind
    amount: Decimal = Field(description="yuan")
    reason: str
    at: AwareDatetime
    by: str

    @classmethod
    def of(cls, row: DepositEntryRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class MoneyView(BaseModel):
    """What entries add up to, yuan: paid = held + refunded + forfeited."""

    paid: Decimal
    held: Decimal
    refunded: Decimal
    forfeited: Decimal

    @classmethod
    def of(cls, money: Money) -> Self:
        """As it adds up."""
        return cls(paid=money.paid, held=money.held, refunded=money.refunded, forfeited=money.forfeited)
