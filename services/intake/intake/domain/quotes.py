"""What a repair out of warranty costs, and what the customer says to it (报价单, R186, R187, R209)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.refusals import Refusal

LARGEST = Decimal("9999999999.99")
"""Yuan: what an amount may hold, twelve digits."""

type ConsentBy = Literal["customer", "property_company"]
"""R186: whose word counts, the customer's or the property company's (物业)."""


class QuoteState(StrEnum):
    """Offered until somebody answers, its time runs out, another takes its place, or the case goes away."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a quote: labour, a part or travel (R067, R168). `price` is yuan per piece, hour or trip."""

    kind: Literal["labour", "part", "travel"]
    text: str
    quantity: Decimal
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """Yuan, rounded to the fen."""
        return (self.quantity * self.price).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """An amount in yuan that was put to the customer at `offered_at` and stands until `valid_until`."""

    id: UUID
    amount: Decimal
    offered_at: datetime
    valid_until: datetime
    state: QuoteState = QuoteState.OFFERED
    answered_at: datetime | None = None
    answered_by: ConsentBy | None = None


def total(lines: Iterable[Line]) -> Decimal:
    """The amount of a quote is the sum of its lines, in yuan. Refuses one that no account could hold."""
    amount = sum((line.amount for line in lines), start=Decimal("0.00"))
    if amount > LARGEST:
        raise Refusal("quote_too_large", detail=f"The lines come to {amount} yuan.", expected=f"at most {LARGEST} yuan")
    return amount


def settle(quote: Quote, *, state: QuoteState, at: datetime, by: ConsentBy | None = None) -> Quote:
    """The quote as it ends. A time that is not before `offered_at`."""
    return replace(quote, state=state, answered_at=at, answered_by=by)
