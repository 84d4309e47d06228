"""Calendars as people know them: the office, holidays, swapped days, nights and changing clocks."""

from datetime import UTC, date, datetime, timedelta
from timeit import repeat

import pytest
from pydantic import ValidationError

from shared.working_time import Calendar, DayKind, StretchKind, stretches
from support.calendars import office, shanghai
from support.minute_counter import MinuteCounter

HOUR = timedelta(hours=1)


def calendar(**section: object) -> Calendar:
    return Calendar.model_validate({"time_zone": "Europe/Berlin", "week": {"mon-fri": ["09:00-17:00"]}} | section)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.rule("R222")
def test_six_working_hours_skip_lunch_and_night() -> None:
    assert office().add(shanghai("2026-06-01 11:00"), duration=hours(6)) == shanghai("2026-06-01 18:00")
    assert office().add(shanghai("2026-06-01 15:00"), duration=hours(6)) == shanghai("2026-06-02 12:00")


@pytest.mark.rule("R222")
def test_seven_working_hours_from_a_friday_evening_end_on_monday() -> None:
    assert office().add(shanghai("2026-06-05 17:00"), duration=hours(7)) == shanghai("2026-06-08 16:00")


@pytest.mark.rule("R213")
def test_three_working_days_end_with_the_third_working_day_after_the_report() -> None:
    reported = shanghai("2026-06-04 10:00")  # a Thursday
    assert office().end_of_working_day(reported, days=3) == shanghai("2026-06-09 18:00")


@pytest.mark.rule("R213")
def test_working_days_leave_out_the_spring_festival_and_count_its_swapped_saturday() -> None:
    reported = shanghai("2026-02-12 10:00")  # Thursday before; Saturday the 14th is worked, work resumes on the 24th
    assert office().end_of_working_day(reported, days=3) == shanghai("2026-02-24 18:00")


@pytest.mark.promise("R40")
def test_a_swapped_saturday_is_worked_like_a_monday_unless_the_policy_keeps_it_free() -> None:
    saturday = date(2026, 2, 14)
    assert office().day(saturday).kind is DayKind.SWAPPED
    assert office().day(saturday).windows == office().day(date(2026, 2, 9)).windows
    kept_free = Calendar.model_validate(
        office().model_dump() | {"public_holidays": {"country": "CN", "swapped_days_as": "own"}}
    )
    assert kept_free.day(saturday).windows == ()


@pytest.mark.parametrize(
    ("weekends_closed", "closed"),
    [
        ("never", []),
        ("between_holidays", [date(2026, 2, 21), date(2026, 2, 22)]),
        ("beside_holidays", [date(2026, 2, 21), date(2026, 2, 22), date(2026, 6, 20), date(2026, 6, 21)]),
    ],
)
def test_a_company_that_works_on_weekends_says_which_breaks_it_keeps(weekends_closed: str, closed: list[date]) -> None:
    # The Spring Festival of 2026 runs from Monday 16 to Monday 23 February; 14 and 28 February are worked, and the
    # Dragon Boat Festival is on Friday 19 June.
    daily = calendar(
        week={"mon-sun": ["09:00-17:00"]}, public_holidays={"country": "CN", "weekends_closed": weekends_closed}
    )
    weekends = [date(2026, 2, day) for day in (7, 14, 21, 22, 28)] + [date(2026, 6, day) for day in (13, 20, 21)]
    assert [day for day in weekends if not daily.day(day).windows] == closed


def test_a_holiday_has_no_windows_and_tells_its_name() -> None:
    day = office().day(date(2026, 2, 17))
    assert (day.kind, day.windows, day.name) == (DayKind.HOLIDAY, (), "春节")


def test_an_exception_overrules_holidays_and_weekdays() -> None:
    fair = calendar(
        public_holidays={"country": "DE"},
        open=[{"day": date(2026, 5, 1), "windows": ["10:00-12:00"], "reason": "fair"}],
        closed=[{"first": date(2026, 5, 4), "last": date(2026, 5, 5), "reason": "stocktaking"}],
    )
    assert fair.between(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)) == hours(2)
    assert fair.day(date(2026, 5, 5)).name == "stocktaking"
    assert fair.between(datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)) == hours(0)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    nights = calendar(week={"mon-fri": ["22:00-06:00"]}, public_holidays={"country": "DE"})
    eve, after = datetime(2026, 4, 30, 20, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)  # 1 May is a holiday
    assert nights.between(eve, after) == hours(8)


def test_overlapping_windows_of_two_days_count_once() -> None:
    both = calendar(week={"mon": ["22:00-08:00"], "tue": ["06:00-07:00", "07:30-10:00"]})
    assert both.between(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 3, tzinfo=UTC)) == hours(12)


@pytest.mark.parametrize(
    ("zone", "night", "length"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 7),
        ("Europe/Berlin", date(2026, 10, 24), 9),
        ("America/New_York", date(2026, 3, 7), 7),
        ("America/New_York", date(2026, 10, 31), 9),
        ("Australia/Lord_Howe", date(2026, 4, 4), 8.5),
        ("Australia/Lord_Howe", date(2026, 10, 3), 7.5),
    ],
)
def test_a_night_shift_lasts_as_long_as_it_really_does(zone: str, night: date, length: float) -> None:
    nights = calendar(time_zone=zone, week={"mon-sun": ["22:00-06:00"]})
    begin = datetime(night.year, night.month, night.day, 12, tzinfo=nights.time_zone)
    assert nights.between(begin, begin + timedelta(days=1) - HOUR * 2) == hours(length)


def test_a_window_within_the_leapt_hour_has_no_time_and_within_the_repeated_hour_only_the_first() -> None:
    small_hours = calendar(week={"sun": ["02:15-02:45"], "wed": ["12:00-13:00"]})
    spring, autumn = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    assert small_hours.between(spring, spring + timedelta(days=1)) == hours(0)
    assert small_hours.between(autumn, autumn + HOUR) == hours(0.5)
    assert small_hours.between(autumn + HOUR, autumn + timedelta(days=1)) == hours(0)


def test_clocks_set_back_over_midnight_show_yesterday_again_while_todays_window_is_open() -> None:
    # In 2010 Newfoundland went from 00:01 on Sunday back to 23:01 on Saturday.
    sundays = calendar(time_zone="America/St_Johns", week={"sun": ["00:00-02:00"]})
    opens = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    assert sundays.subtract(opens + HOUR / 2, duration=HOUR / 4) == opens + HOUR / 4
    assert sundays.add(opens + HOUR / 2, duration=2.5 * HOUR) == opens + 3 * HOUR


def test_a_calendar_is_a_hundred_times_faster_than_counting_minutes() -> None:
    office_hours, start = office(), shanghai("2026-06-05 17:00")
    office_hours.add(start, duration=hours(7))
    counted = min(repeat(lambda: MinuteCounter(office_hours, since=start, until=start + timedelta(days=3)), number=1))
    added = min(repeat(lambda: office_hours.add(start, duration=hours(7)), number=100)) / 100
    assert added * 100 < counted


def test_a_calendar_without_a_break_counts_real_time_through_both_changes() -> None:
    always = calendar(week={"mon-sun": ["00:00-24:00"]})
    year = datetime(2026, 1, 1, tzinfo=UTC)
    assert always.add(year, duration=timedelta(days=365)) == year + timedelta(days=365)


def test_what_runs_out_at_closing_time_is_due_then_and_not_in_the_morning() -> None:
    assert office().add(shanghai("2026-06-01 17:00"), duration=HOUR) == shanghai("2026-06-01 18:00")
    assert office().subtract(shanghai("2026-06-02 10:00"), duration=HOUR) == shanghai("2026-06-02 09:00")


def test_nothing_added_stays_where_it_is_even_at_night() -> None:
    night = shanghai("2026-06-01 03:00")
    assert office().add(night, duration=timedelta()) == night == office().subtract(night, duration=timedelta())


def test_naive_instants_and_negative_durations_are_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        office().add(datetime(2026, 6, 1), duration=HOUR)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="negative"):
        office().add(shanghai("2026-06-01 09:00"), duration=-HOUR)
    with pytest.raises(ValueError, match="negative"):
        office().between(shanghai("2026-06-02 09:00"), shanghai("2026-06-01 09:00"))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"week": {}}, "working time on at least one day"),
        ({"week": {"mon": ["09:00-09:00"]}}, "other than its beginning"),
        ({"week": {"mon": ["9-17"]}}, "09:00-12:00"),
        ({"week": {"mon": ["09:00-12:00", "11:00-15:00"]}}, "do not overlap"),
        ({"week": {"mon-wed": ["09:00-12:00"], "tue": ["09:00-12:00"]}}, "each day once"),
        ({"time_zone": "Asia/Peking"}, "IANA time zone"),
        ({"public_holidays": {"country": "XX"}}, "country code"),
        ({"public_holidays": {"country": "DE", "subdivision": "ZZ"}}, "subdivision"),
        ({"public_holidays": {"country": "CN", "language": "xx"}}, "language of: en_US"),
        ({"closed": [{"first": date(2026, 5, 2), "last": date(2026, 5, 1), "reason": "x"}]}, "on or after the first"),
        (
            {
                "closed": [{"first": date(2026, 5, 2), "reason": "x"}],
                "open": [{"day": date(2026, 5, 2), "windows": ["09:00-10:00"], "reason": "y"}],
            },
            "named twice",
        ),
        ({"exceptions_file": "further.toml"}, "does not come from a policy file"),
    ],
)
def test_a_calendar_that_means_nothing_is_refused_with_what_would_be_right(
    section: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        calendar(**section)


def test_the_explanation_names_break_night_weekend_and_holiday() -> None:
    told = stretches(office(), since=shanghai("2026-02-13 17:00"), until=shanghai("2026-02-24 09:30"))
    assert [(stretch.kind, stretch.name) for stretch in told[:7]] == [
        (StretchKind.WORKING, None),
        (StretchKind.OFF_HOURS, None),
        (StretchKind.WORKING, None),  # the swapped Saturday
        (StretchKind.BREAK, None),
        (StretchKind.WORKING, None),
        (StretchKind.OFF_HOURS, None),
        (StretchKind.WEEKLY_DAY_OFF, None),
    ]
    assert {stretch.name for stretch in told if stretch.kind is StretchKind.HOLIDAY} >= {"春节", "农历除夕"}


def test_what_is_kept_of_past_days_is_bounded() -> None:
    always = calendar(week={"mon-sun": ["00:00-24:00"]})
    start = datetime(2000, 1, 1, tzinfo=UTC)
    assert always.between(start, start + timedelta(days=9_000)) == timedelta(days=9_000)
    assert len(always._shifts) <= 2_000  # noqa: SLF001 - memory has no other way to show


def test_calendars_that_count_differently_have_different_versions() -> None:
    assert office().version() == office().version()
    assert calendar().version() != calendar(public_holidays={"country": "DE"}).version()
