"""Visit windows: what may be agreed, and which free ones are proposed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.visits import Window, WindowTerms, check_window, free_windows
from shared.refusals import Refusal
from support.calendars import office

NOW = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)  # a Monday, 09:10 in Shanghai
TERMS = WindowTerms(
    shortest=timedelta(minutes=30), longest=timedelta(hours=8), furthest=timedelta(days=30), grid=timedelta(minutes=30)
)
OFFICE = office()


def window(*, hours_from_now: float = 1, hours: float = 2) -> Window:
    starts_at = NOW + timedelta(hours=hours_from_now)
    return Window(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def is_working(proposed: Window) -> bool:
    return OFFICE.between(proposed.starts_at, proposed.ends_at) == proposed.length


def test_a_window_that_was_agreed_and_is_long_enough_is_accepted() -> None:
    check_window(window(), agreed_at=NOW, now=NOW, terms=TERMS)


@pytest.mark.parametrize(
    ("given_window", "agreed_at", "code"),
    [
        pytest.param(window(), NOW + timedelta(minutes=1), "not_agreed_yet", marks=pytest.mark.rule("R251")),
        (window(hours=-1), NOW, "window_upside_down"),
        (window(hours=0.25), NOW, "window_length"),
        (window(hours=9), NOW, "window_length"),
        (window(hours_from_now=-3), NOW - timedelta(days=1), "window_passed"),
        pytest.param(window(hours_from_now=-1), NOW, "window_passed", marks=pytest.mark.rule("R251")),
        (window(hours_from_now=24 * 31), NOW, "window_too_far"),
    ],
)
def test_a_window_that_cannot_be_kept_is_refused(given_window: Window, agreed_at: datetime, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_window(given_window, agreed_at=agreed_at, now=NOW, terms=TERMS)
    assert refused.value.code == code


def test_the_next_free_windows_lie_in_working_time_round_what_is_taken() -> None:
    taken = window(hours_from_now=0.5, hours=1)  # 09:40 to 10:40
    proposed = free_windows([taken], length=timedelta(hours=1), after=NOW, is_working=is_working, terms=TERMS, count=3)
    local = [f"{one.starts_at.astimezone(OFFICE.time_zone):%d %H:%M}" for one in proposed]
    assert local == ["02 11:00", "02 13:00", "02 14:00"]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 20)), max_size=8),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_proposed_windows_never_touch_a_taken_one_nor_leave_working_time(
    taken: list[tuple[int, int]], half_hours: int, count: int
) -> None:
    busy = [window(hours_from_now=start / 4, hours=length / 4) for start, length in taken]
    proposed = free_windows(
        busy, length=timedelta(minutes=30 * half_hours), after=NOW, is_working=is_working, terms=TERMS, count=count
    )
    assert len(proposed) == count
    for one in proposed:
        assert one.starts_at >= NOW
        assert is_working(one)
        assert not any(one.overlaps(other) for other in [*busy, *(other for other in proposed if other != one)])
