"""Inside or outside the warranty period (保修期内 / 保修期外, R068)."""

import calendar
from dataclasses import dataclass
from datetime import date

from shared.contracts.facts import WarrantyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantyTerms:
    """What was sold: `months` of warranty from the day of sale, or an end that was agreed in writing."""

    sold_on: date
    months: int
    ends_on: date | None = None

    @property
    def last_day(self) -> date:
        """The last day on which a repair is free, inclusive: an agreed end, or the sale's day `months` later."""
        return self.ends_on or add_months(self.sold_on, self.months)


def add_months(start: date, months: int) -> date:
    """The same day of the month `months` later; where that month is shorter, its last day.

    31 January and one month is 28 February (29th in a leap year); 29 February and twelve months is 28 February.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def warranty_on(day: date, *, terms: WarrantyTerms) -> WarrantyStatus:
    """R068: the warranty of a repair that is registered on `day`, a date in the company's time zone.

    Out of warranty somebody has to pay or to waive (R168), so the last day itself still counts as inside.
    """
    return WarrantyStatus.IN_WARRANTY if day <= terms.last_day else WarrantyStatus.OUT_OF_WARRANTY
