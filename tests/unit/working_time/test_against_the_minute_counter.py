"""The calendar agrees with counting minute by minute, whatever the windows, holidays and changes of the clocks."""

from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.working_time import Calendar, StretchKind, stretches
from support.calendars import calendars, instants
from support.minute_counter import MinuteCounter

DAY = timedelta(days=1)
durations = st.integers(1, 20 * 60).map(lambda minutes: timedelta(minutes=minutes))
few = settings(max_examples=60)


@few
@given(calendars(), instants(), st.integers(0, 6 * 1440))
def test_between_counts_what_the_counter_counts(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    counter = MinuteCounter(calendar, since=start, until=end)
    assert calendar.between(start, end) == counter.between(start, end)


@few
@given(calendars(), instants(), durations)
def test_add_ends_where_the_counter_ends(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    expected = MinuteCounter(calendar, since=start, until=start + 8 * DAY).add(start, duration)
    ended = calendar.add(start, duration=duration)
    assert ended == expected if expected else ended > start + 8 * DAY


@few
@given(calendars(), instants(), durations)
def test_subtract_begins_where_the_counter_begins(calendar: Calendar, end: datetime, duration: timedelta) -> None:
    expected = MinuteCounter(calendar, since=end - 8 * DAY, until=end).subtract(end, duration)
    begun = calendar.subtract(end, duration=duration)
    assert begun == expected if expected else begun < end - 8 * DAY


@few
@given(calendars(), instants(), st.integers(0, 5 * 1440))
def test_the_explanation_has_no_gaps_and_adds_up(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    told = stretches(calendar, since=start, until=end)
    assert [stretch.since for stretch in told] == [start, *(stretch.until for stretch in told[:-1])][: len(told)]
    assert not told or told[-1].until == end
    working = [stretch.until - stretch.since for stretch in told if stretch.kind is StretchKind.WORKING]
    assert sum(working, timedelta()) == calendar.between(start, end)


micro_durations = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=4))


@given(calendars(), instants(), micro_durations)
def test_adding_is_measured_back_exactly(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    end = calendar.add(start, duration=duration)
    assert calendar.between(start, end) == duration
    assert calendar.between(start, end - timedelta(microseconds=1)) < duration


@given(calendars(), instants(), micro_durations)
def test_subtracting_is_measured_back_exactly(calendar: Calendar, end: datetime, duration: timedelta) -> None:
    start = calendar.subtract(end, duration=duration)
    assert calendar.between(start, end) == duration
    assert calendar.between(start + timedelta(microseconds=1), end) < duration


@given(calendars(), instants(), micro_durations)
def test_within_working_time_subtract_undoes_add(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    assume(calendar.between(start, start + timedelta(minutes=1)) == timedelta(minutes=1))
    assert calendar.subtract(calendar.add(start, duration=duration), duration=duration) == start


@given(calendars(), instants(), micro_durations)
def test_within_working_time_add_undoes_subtract(calendar: Calendar, end: datetime, duration: timedelta) -> None:
    assume(calendar.between(end - timedelta(minutes=1), end) == timedelta(minutes=1))
    assert calendar.add(calendar.subtract(end, duration=duration), duration=duration) == end


@given(calendars(), instants(), instants(), micro_durations, micro_durations)
def test_a_later_start_or_more_work_never_ends_earlier(
    calendar: Calendar, one: datetime, other: datetime, less: timedelta, further: timedelta
) -> None:
    earlier, later = sorted([one, other])
    assert calendar.add(earlier, duration=less) <= calendar.add(later, duration=less)
    assert calendar.add(earlier, duration=less) < calendar.add(earlier, duration=less + further)
    assert calendar.subtract(earlier, duration=less) <= calendar.subtract(later, duration=less)
