"""The ledger of deposits and the reports of payment providers over HTTP."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from parts.domain.deposit_ledger import NOTHING, EntryKind, Money
from parts.domain.deposits import PaymentStatus
from parts.domain.payments import UNMATCHED, Ending, PaymentState, Sum
from parts.schemas.claims import REFERENCE
from parts.tables import DepositEntryRow, PaymentRow
from shared.http.bodies import Body

CURRENCY = r"^[A-Z]{3}$"


class PaymentReport(BaseModel):
    """What a payment provider reports; fields that nobody here knows are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payment_id: str = Field(pattern=r"^[\x21-\x7e]{1,200}$", description="the provider's own, the same when told again")
    deposit_id: UUID
    amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2, allow_inf_nan=False)
    currency: str = Field(pattern=CURRENCY, description="ISO 4217: CNY")
    status: PaymentStatus = Field(description="only `succeeded` is money; `refunded`, `charged_back`: it is gone again")


class Heard(BaseModel):
    """What the provider wants to know: it was understood, and the deposit is held."""

    payment_id: str


class PaymentView(BaseModel):
    """A payment as a provider reported it: taken into the ledger of deposits, or refused until it was given back."""

    id: UUID
    provider: str
    payment_id: str | None = Field(description="the provider's own; null: the report cannot be read")
    deposit_id: UUID | None = Field(description="as the provider says: there may be no such deposit")
    amount: Decimal | None
    currency: str | None
    state: PaymentState
    refused_as: str | None = Field(description="code of the problem that the provider was told; null: it was taken")
    received_at: AwareDatetime
    withdrawn_at: AwareDatetime | None = Field(description="since when the provider has given it back himself")
    settled_at: AwareDatetime | None = Field(
        description="when it was given back, or found to be nothing to give back; of what was taken: when somebody had"
        " looked into its withdrawal"
    )
    settled_by: str | None
    reference: str | None = Field(description="the paper with which it ended")
    version: int

    @classmethod
    def of(cls, row: PaymentRow) -> Self:
        """As it is stored, without its raw form."""
        return cls.model_validate(row.model_dump(exclude={"raw", "dedup_key"}))


class PaymentSettlement(Body):
    """What became of money that was reported and not taken."""

    ending: Ending = Field(description="`nothing_due`: no money came, or it is booked otherwise")
    reference: str = Field(
        pattern=REFERENCE,
        description="number of the transfer back, or of the paper that says why none is due",
    )
    amount: Decimal | None = Field(
        default=None, gt=0, max_digits=12, decimal_places=2, description="only where the report does not say it"
    )
    currency: str | None = Field(default=None, pattern=CURRENCY, description="likewise")

    def stated(self) -> Sum:
        """As the domain sees it."""
        return Sum(amount=self.amount, currency=self.currency)


class PaymentClearing(Body):
    """What was done about money that was taken and that the provider gave back himself."""

    reference: str = Field(pattern=REFERENCE, description="number of the paper that says so")


class RawReport(BaseModel):
    """What a provider said, as it came."""

    report: str


class PaymentSum(BaseModel):
    """What was reported of one currency: reported = taken + unmatched + returned + nothing_due."""

    currency: str
    reported: Decimal
    taken: Decimal = Field(description="in the ledger of deposits: what of `paid` came through providers")
    unmatched: Decimal = Field(description="not in the ledger, and to be given back")
    returned: Decimal
    nothing_due: Decimal


class PaymentSums(BaseModel):
    """Money that providers reported, beside the ledger of deposits."""

    sums: list[PaymentSum]
    unread: int = Field(description="reports that do not say how much was paid, and that nobody has looked into")

    @classmethod
    def of(cls, found: Iterable[tuple[str, PaymentState, Decimal]], *, unread: int) -> Self:
        """By currency."""
        by_currency: dict[str, dict[PaymentState, Decimal]] = {}
        for currency, state, amount in found:
            by_currency.setdefault(currency, dict.fromkeys(PaymentState, NOTHING))[state] = amount
        sums = [
            PaymentSum(
                currency=currency,
                reported=sum(amounts.values(), NOTHING),
                taken=amounts[PaymentState.TAKEN],
                unmatched=sum((amounts[state] for state in UNMATCHED), NOTHING),
                returned=amounts[PaymentState.RETURNED],
                nothing_due=amounts[PaymentState.NOTHING_DUE],
            )
            for currency, amounts in by_currency.items()
        ]
        return cls(sums=sums, unread=unread)


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
