"""How much deposit (订金) is asked for, and what counts as paying it (R320, R321)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from parts.domain.supply_words import UNPAID, DepositState
from shared.refusals import IllegalTransition, Refusal

CURRENCY = "CNY"
YUAN = Decimal(1)
CENTS = Decimal("0.01")


class PaymentStatus(StrEnum):
    """What a provider says became of a payment. Only the first is money; with the last two it is gone."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


WITHDRAWN = frozenset({PaymentStatus.REFUNDED, PaymentStatus.CHARGED_BACK})
"""The provider has given the money back himself, or the customer's bank has fetched it (拒付)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So much per cent of what the parts cost, in whole yuan, between two bounds."""

    percent: int
    minimum: Decimal
    maximum: Decimal


def deposit_for(value: Decimal, *, share: Share) -> Decimal:
    """Yuan, two decimals, for parts worth `value` yuan."""
    rounded = (value * share.percent / 100).quantize(YUAN, rounding=ROUND_HALF_UP)
    return min(max(rounded, share.minimum), share.maximum).quantize(CENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A deposit as it stands: how much it is, until when it may be paid, and why it is not asked for any more."""

    state: DepositState
    amount: Decimal
    due_at: datetime
    reason: str | None = None


def check_payment(amount: Decimal, *, currency: str = CURRENCY, deposit: Asked, now: datetime) -> None:
    """R320: exactly what was asked for, once, in time. Raises Refusal for another amount or currency.

    Raises IllegalTransition for a deposit that was paid, is not asked for any more, or was due before.
    """
    _require_unpaid(deposit)
    asked, due_at = deposit.amount, deposit.due_at
    if now >= due_at:
        raise IllegalTransition(
            "deposit_overdue",
            detail=f"the deposit was due at {due_at.isoformat()}",
            expected="a payment before that; the parts have to be asked for anew",
        )
    if currency != CURRENCY:
        raise Refusal(
            "wrong_currency",
            detail=f"{amount} {currency} given, {asked} {CURRENCY} asked for",
            expected=f"exactly {asked} {CURRENCY}; give the {amount} {currency} back",
        )
    if amount != asked:
        raise Refusal(
            "wrong_amount", detail=f"{amount} yuan given, {asked} yuan asked for", expected=f"exactly {asked} yuan"
        )


def check_refund_due(state: DepositState, *, handed_back_at: datetime | None) -> None:
    """R321: raises IllegalTransition where there is no refund, or the customer has it."""
    if state is not DepositState.REFUNDED:
        raise IllegalTransition(
            "no_refund_due",
            detail=f"the deposit is {state}",
            expected="a deposit of GET /v1/deposits?refund_due=true",
        )
    if handed_back_at is not None:
        raise IllegalTransition(
            "handed_back_already",
            detail=f"the customer has it since {handed_back_at.isoformat()}",
            expected="nothing more: it is given back once",
        )


def _require_unpaid(deposit: Asked) -> None:
    if deposit.state in UNPAID:
        return
    if deposit.state is DepositState.WAIVED:
        raise IllegalTransition(
            "deposit_not_asked_for",
            detail=f"the deposit is not asked for any more: {deposit.reason}",
            expected="give the money back; where the parts are still wanted they are asked for anew",
        )
    raise IllegalTransition(
        "deposit_paid_already",
        detail=f"the deposit of {deposit.amount} yuan was paid before and is {deposit.state}",
        expected="give the second payment back: it is paid once",
    )
