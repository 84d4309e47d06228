"""Inside or outside the warranty period (R068)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.warranty import WarrantyTerms, add_months, warranty_on
from shared.contracts.facts import WarrantyStatus

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("sold_on", "months", "last_day"),
    [
        (date(2025, 3, 15), 12, date(2026, 3, 15)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 1), 0, date(2025, 12, 1)),
    ],
)
def test_months_are_counted_by_the_calendar(sold_on: date, months: int, last_day: date) -> None:
    assert WarrantyTerms(sold_on=sold_on, months=months).last_day == last_day


@pytest.mark.rule("R068")
@settings(max_examples=100)
@given(DAYS, st.integers(0, 240))
def test_the_last_day_is_inside_and_the_next_one_outside(sold_on: date, months: int) -> None:
    terms = WarrantyTerms(sold_on=sold_on, months=months)
    assert warranty_on(terms.last_day, terms=terms) is WarrantyStatus.IN_WARRANTY
    assert warranty_on(terms.last_day + timedelta(days=1), terms=terms) is WarrantyStatus.OUT_OF_WARRANTY


@settings(max_examples=100)
@given(DAYS, st.integers(0, 240), st.integers(0, 240))
def test_more_months_never_end_earlier(start: date, fewer: int, more: int) -> None:
    assert add_months(start, fewer) <= add_months(start, fewer + more)


def test_an_agreed_end_stands_above_the_months() -> None:
    terms = WarrantyTerms(sold_on=date(2020, 1, 1), months=12, ends_on=date(2026, 6, 30))
    assert warranty_on(date(2026, 6, 30), terms=terms) is WarrantyStatus.IN_WARRANTY
