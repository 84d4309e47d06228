"""How money ends that a payment provider (支付渠道) reported: in the ledger of deposits, or accounted for beside it.

heard ──is what was asked for──> taken        in the ledger: held, refunded or forfeited with its deposit
  └──is not, or cannot be read──> refused ──given back──> returned
                                     └──none came, or it is booked otherwise──> nothing_due

What the provider gives back himself is `returned` where it was not taken. Where it was, the ledger has money that is
not there: it stays `taken` and is `withdrawn`, until somebody says what was done about it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.refusals import IllegalTransition, Refusal


class PaymentState(StrEnum):
    """Where a reported payment stands. `heard`: stored, and not judged yet."""

    HEARD = "heard"
    TAKEN = "taken"  # 已入账
    REFUSED = "refused"  # 未入账, to be given back
    RETURNED = "returned"  # 已退回
    NOTHING_DUE = "nothing_due"  # 无须退回


type Ending = Literal[PaymentState.RETURNED, PaymentState.NOTHING_DUE]
UNMATCHED = frozenset({PaymentState.HEARD, PaymentState.REFUSED})
"""Reported and not in the ledger, and nobody has said what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Money of one currency. None for both where a report does not say."""

    amount: Decimal | None
    currency: str | None


NOT_SAID = Sum(amount=None, currency=None)


def settle(state: PaymentState, *, ending: Ending, reported: Sum, stated: Sum) -> Sum:
    """What was given back, where that is the ending. Raises IllegalTransition for a payment that has ended.

    `stated`: what whoever gave it back says, needed only where the report does not say it. Raises Refusal.
    """
    if state not in UNMATCHED:
        raise ended(state)
    if reported != NOT_SAID:
        if stated not in {reported, NOT_SAID}:
            raise Refusal(
                "wrong_amount",
                detail=f"{stated.amount} {stated.currency} stated, {reported.amount} {reported.currency} reported",
                expected=f"exactly {reported.amount} {reported.currency}, or neither of the two",
            )
        return reported
    is_stated = stated.amount is not None and stated.currency is not None
    if not is_stated and (ending is PaymentState.RETURNED or stated != NOT_SAID):
        raise Refusal(
            "amount_not_stated",
            detail="the report cannot be read, so that nobody knows how much was given back",
            expected="amount and currency, as GET /v1/payments/{payment_id}/report shows them",
        )
    return stated


def withdraw(state: PaymentState) -> PaymentState:
    """What a payment is whose money the provider gave back himself: nobody gives it back again."""
    return PaymentState.RETURNED if state in UNMATCHED else state


def is_unjudged(state: PaymentState, *, withdrawn_at: datetime | None, refused_as: str | None) -> bool:
    """Whether nobody has said yet if it is what was asked for; so it may be with what was withdrawn before."""
    is_withdrawn = state is PaymentState.RETURNED and withdrawn_at is not None and refused_as is None
    return state is PaymentState.HEARD or is_withdrawn


def check_withdrawn(*, withdrawn_at: datetime | None, settled_at: datetime | None) -> None:
    """Raises IllegalTransition for a payment about which nothing has to be done."""
    if withdrawn_at is None or settled_at is not None:
        raise IllegalTransition(
            "not_withdrawn",
            detail="the provider has not given this payment back, or it is cleared already",
            expected="a payment of GET /v1/payments?withdrawn=true",
        )


def check_still_there(withdrawn: UUID | None) -> None:
    """`withdrawn`: the payment of a deposit that its provider gave back himself. Raises IllegalTransition for one."""
    if withdrawn is not None:
        raise IllegalTransition(
            "payment_withdrawn",
            detail=f"the provider gave the payment {withdrawn} of this deposit back himself",
            expected=f"POST /v1/payments/{withdrawn}/clearing first, by whoever has looked into where the money is",
        )


def ended(state: PaymentState) -> IllegalTransition:
    """Of a payment of which nothing more can be said."""
    return IllegalTransition(
        "payment_settled",
        detail=f"this payment is {state}",
        expected="a payment that was not taken and has not ended; what is paid anew has an id of its own",
    )
