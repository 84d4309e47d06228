"""How much deposit (订金) is asked for, and what counts as paying it (R320)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from shared.refusals import IllegalTransition, Refusal

YUAN = Decimal(1)
CENTS = Decimal("0.01")


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


def check_payment(amount: Decimal, *, asked: Decimal, due_at: datetime, now: datetime) -> None:
    """Raises Refusal for another amount than was asked for, IllegalTransition when the time to pay is over."""
    if now >= due_at:
        raise IllegalTransition(
            "deposit_overdue",
            detail=f"the deposit was due at {due_at.isoformat()}",
            expected="a payment before that; the parts have to be asked for anew",
        )
    if amount != asked:
        raise Refusal(
            "wrong_amount", detail=f"{amount} yuan given, {asked} yuan asked for", expected=f"exactly {asked} yuan"
        )
