"""The ledger of deposits (订金): what was paid is held, refunded or forfeited, and nothing else (I10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal("0.00")


class EntryKind(StrEnum):
    """What an entry is about."""

    PAID = "paid"  # 收订金
    REFUNDED = "refunded"  # 退订金
    FORFEITED = "forfeited"  # 不予退还


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, `amount` in yuan, more than nothing."""

    kind: EntryKind
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What entries add up to, yuan: `paid` is always `held + refunded + forfeited` (R321)."""

    paid: Decimal = NOTHING
    refunded: Decimal = NOTHING
    forfeited: Decimal = NOTHING

    @property
    def held(self) -> Decimal:
        """Neither given back nor kept for good."""
        return self.paid - self.refunded - self.forfeited


def total(entries: Iterable[Entry]) -> Money:
    """The sums of the entries. Raises ValueError where more was given back or kept than was ever paid."""
    sums = dict.fromkeys(EntryKind, NOTHING)
    for entry in entries:
        sums[entry.kind] += entry.amount
    money = Money(paid=sums[EntryKind.PAID], refunded=sums[EntryKind.REFUNDED], forfeited=sums[EntryKind.FORFEITED])
    if money.held < NOTHING:
        raise ValueError(f"{money.refunded} yuan refunded and {money.forfeited} forfeited of {money.paid} paid")
    return money
