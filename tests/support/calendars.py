"""Calendars for tests: the office most tests talk about, and random ones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.working_time import Calendar, ClosedDays, OpenDay, PublicHolidays, Week, Window

SHANGHAI = ZoneInfo("Asia/Shanghai")

# About both changes of the clocks in each zone, and about Chinese holidays with their swapped working days.
INTERESTING_DAYS = (
    date(2026, 2, 13),
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 9, 20),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC")


def office() -> Calendar:
    """Monday to Friday 09:00-12:00 and 13:00-18:00 in Shanghai, Chinese holidays and swapped working days."""
    return Calendar.model_validate(
        {
            "time_zone": "Asia/Shanghai",
            "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
            "public_holidays": {"country": "CN"},
        }
    )


def shanghai(text: str) -> datetime:
    """`2026-02-14 09:00` as clocks in Shanghai show it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@st.composite
def day_windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """Up to three windows; the last may run past midnight."""
    cuts = sorted(draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6, unique=True)))
    windows = [Window(opens, closes) for opens, closes in zip(cuts[::2], cuts[1::2], strict=False)]
    if len(cuts) % 2:
        windows.append(Window(cuts[-1], 24 * 60 + draw(st.integers(0, cuts[0] or 1))))
    return tuple(windows)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week with some working time, in any zone, with holidays, swapped days and exceptions about the test days."""
    days = draw(st.lists(st.one_of(st.just(()), day_windows()), min_size=6, max_size=6))
    week = dict(zip(("tue", "wed", "thu", "fri", "sat", "sun"), days, strict=True)) | {"mon": draw(day_windows())}
    country = draw(st.sampled_from([None, "CN", "DE", "US"]))
    swapped_as = draw(st.sampled_from(["mon", "sat", "own"]))
    weekends = draw(st.sampled_from(["never", "between_holidays", "beside_holidays"]))
    near = st.integers(-4, 4).map(timedelta)
    day = draw(st.sampled_from(INTERESTING_DAYS))
    return Calendar(
        time_zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        week=Week(**week),
        public_holidays=PublicHolidays(country=country, swapped_days_as=swapped_as, weekends_closed=weekends)
        if country
        else None,
        closed=draw(st.sampled_from([(), (ClosedDays(first=day + draw(near), reason="outing"),)])),
        open=(OpenDay(day=day + timedelta(days=5), windows=draw(day_windows()), reason="fair"),),
    )


def instants(around: int = 5) -> st.SearchStrategy[datetime]:
    """Whole minutes near the interesting days."""
    return st.builds(
        lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes),
        st.sampled_from(INTERESTING_DAYS),
        st.integers(-around * 1440, around * 1440),
    )
