"""What parts cost (R010), what the customer pays for them (R168), and how fast a store turns over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from parts.domain.deposits import CENTS
from parts.domain.valuation import NOTHING
from shared.contracts.facts import WarrantyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A part of a work order. `cost`: yuan, of what was drawn and not brought back; `unit_price`: as listed."""

    part_code: str
    warranty: WarrantyStatus
    asked: int
    issued: int
    returned: int
    fitted: int
    lost: int
    cost: Decimal
    unit_price: Decimal

    @property
    def outstanding(self) -> int:
        """Drawn, and neither fitted nor brought back nor written off (R295)."""
        return self.issued - self.returned - self.fitted - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedAtSite:
    """Pieces that went straight to the site of a work order (直发现场). `cost`: yuan; `unit_price`: as listed.

    `warranty`: as the order's requests of parts have it; None where it made none, so that nobody said.
    """

    purchase_request_id: UUID
    case_id: UUID
    part_code: str
    warranty: WarrantyStatus | None
    pieces: int
    fitted: int
    cost: Decimal
    unit_price: Decimal


def charge_for(used: Used | UsedAtSite, *, free_for: Collection[WarrantyStatus]) -> Decimal:
    """R168: what the customer pays for what was fitted, yuan beyond the warranty.

    Nothing where it covers the part, and nothing yet where nobody said whether it does.
    """
    is_charged = used.warranty is not None and used.warranty not in free_for
    return (used.unit_price * used.fitted).quantize(CENTS) if is_charged else NOTHING


def turnover(cost: Decimal, *, at_first: Decimal, at_last: Decimal) -> Decimal | None:
    """How often the store was used up: cost of what left by its average value; None for an empty store."""
    average = (at_first + at_last) / 2
    return (cost / average).quantize(CENTS, rounding=ROUND_HALF_UP) if average else None


def month_named(text: str) -> date:
    """The first day of `2026-11`. Raises ValueError."""
    return date.fromisoformat(f"{text}-01")


def published_when(until: datetime, *, within: timedelta) -> datetime:
    """Half of the time after the month's end is left to what was underway at midnight."""
    return until + within / 2
