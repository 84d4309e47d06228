"""What a ledger says about its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clocks.ledger import Ledger
from shared.clocks.terms import BREACH, Mark, RequiredBy
from support.calendars import shanghai
from support.clocks import MARKS, entry, story

HOUR = timedelta(hours=1)


@pytest.mark.timeout(15)
def test_a_promise_for_a_distant_time_is_counted_without_looking_at_its_days() -> None:
    far = datetime(9999, 12, 31, tzinfo=UTC)
    start = shanghai("2026-06-01 09:00")
    ledger = Ledger.of([entry("start", start)], terms=RequiredBy(required_by=far).terms(start=start))
    assert ledger.marks() == [(BREACH, far)]


@pytest.mark.rule("R222")
def test_six_working_hours_from_the_call_are_due_across_the_night() -> None:
    ledger = story(("start", "2026-06-01 15:00"))
    assert ledger.due() == shanghai("2026-06-02 12:00")
    assert ledger.elapsed(shanghai("2026-06-01 23:00")) == 3 * HOUR
    assert ledger.remaining(shanghai("2026-06-02 11:00")) == HOUR
    assert ledger.overrun(shanghai("2026-06-02 14:00")) == HOUR


@pytest.mark.rule("R222")
def test_arriving_in_the_last_second_is_in_time_and_a_second_later_is_not() -> None:
    in_time = story(("start", "2026-06-01 09:00"), ("stop", "2026-06-01 16:00:00"))
    late = story(("start", "2026-06-01 09:00"), ("stop", "2026-06-01 16:00:01"))
    far = shanghai("2026-07-01 09:00")
    assert not in_time.breached(far)
    assert late.breached(far)
    assert late.overrun(far) == timedelta(seconds=1)


def test_a_pause_moves_the_due_time_by_the_working_time_in_it() -> None:
    ledger = story(
        ("start", "2026-06-01 09:00"),
        ("pause", "2026-06-01 11:00", "hold-1"),
        ("resume", "2026-06-02 09:00", "hold-1"),
    )
    assert ledger.due() == shanghai("2026-06-02 14:00")


def test_a_pause_across_the_spring_festival_counts_nothing_of_it() -> None:
    ledger = story(
        ("start", "2026-02-13 14:00"),
        ("pause", "2026-02-13 17:00", "hold-1"),
        ("resume", "2026-02-20 10:00", "hold-1"),  # a holiday
    )
    assert ledger.due() == shanghai("2026-02-24 12:00")


def test_a_pause_whose_reason_the_policy_does_not_list_does_not_stop_the_clock() -> None:
    ledger = story(("start", "2026-06-01 09:00"), ("pause", "2026-06-01 11:00", "hold-1", "holiday of the chief"))
    assert ledger.due() == shanghai("2026-06-01 16:00")
    assert not ledger.stops_the_clock(ledger.pauses[0])


def test_overlapping_pauses_stop_the_clock_once() -> None:
    ledger = story(
        ("start", "2026-06-01 09:00"),
        ("pause", "2026-06-01 10:00", "one"),
        ("pause", "2026-06-01 10:30", "other", "weather"),
        ("resume", "2026-06-01 11:00", "one"),
        ("resume", "2026-06-01 11:30", "other"),
    )
    assert ledger.due() == shanghai("2026-06-01 17:30")
    assert ledger.elapsed(shanghai("2026-06-01 12:00")) == 1.5 * HOUR


def test_a_resume_that_comes_before_its_pause_waits_for_it() -> None:
    resumed = story(("start", "2026-06-01 09:00"), ("resume", "2026-06-01 11:00", "hold-1"))
    assert resumed.due() == shanghai("2026-06-01 16:00")
    both = story(
        ("start", "2026-06-01 09:00"),
        ("resume", "2026-06-01 11:00", "hold-1"),
        ("pause", "2026-06-01 10:00", "hold-1"),
    )
    assert both.due() == shanghai("2026-06-01 17:00")


def test_a_resume_before_its_own_pause_makes_the_pause_empty_and_counts_nothing_twice() -> None:
    ledger = story(
        ("start", "2026-06-01 09:00"),
        ("pause", "2026-06-01 11:00", "hold-1"),
        ("resume", "2026-06-01 10:00", "hold-1"),
    )
    assert ledger.due() == shanghai("2026-06-01 16:00")
    assert ledger.elapsed(shanghai("2026-06-01 12:00")) == 3 * HOUR


def test_a_pause_before_the_start_counts_from_the_start() -> None:
    ledger = story(
        ("start", "2026-06-01 10:00"), ("pause", "2026-06-01 09:00", "early"), ("resume", "2026-06-01 11:00", "early")
    )
    assert ledger.due() == shanghai("2026-06-01 18:00")


def test_while_a_pause_goes_on_nothing_is_due_and_nothing_breaks() -> None:
    ledger = story(("start", "2026-06-01 09:00"), ("pause", "2026-06-01 15:59", "hold-1"))
    assert ledger.due() is None
    assert not ledger.breached(shanghai("2027-06-01 09:00"))
    assert ledger.remaining(shanghai("2027-06-01 09:00")) == timedelta(minutes=1)
    assert ledger.due_if_resumed(shanghai("2026-06-02 13:00")) == shanghai("2026-06-02 13:01")


def test_a_pause_that_begins_after_the_breach_leaves_the_breach() -> None:
    ledger = story(("start", "2026-06-01 09:00"), ("pause", "2026-06-01 16:00:01", "hold-1"))
    assert ledger.due() == shanghai("2026-06-01 16:00")


def test_of_several_starts_and_stops_the_earliest_count() -> None:
    ledger = story(
        ("start", "2026-06-01 10:00", "again"),
        ("start", "2026-06-01 09:00", "first"),
        ("stop", "2026-06-01 12:00", "again"),
        ("stop", "2026-06-01 11:00", "first"),
    )
    assert ledger.elapsed(shanghai("2026-06-02 09:00")) == 2 * HOUR


def test_a_ledger_without_a_start_counts_nothing() -> None:
    ledger = story(("pause", "2026-06-01 09:00", "hold-1"), ("stop", "2026-06-01 10:00"))
    assert (ledger.due(), ledger.elapsed(shanghai("2026-06-01 10:00")), ledger.marks()) == (None, timedelta(), [])


def test_a_clock_that_stopped_before_it_started_never_ran() -> None:
    ledger = story(("start", "2026-06-01 10:00"), ("stop", "2026-06-01 09:00"))
    assert ledger.elapsed(shanghai("2026-06-02 10:00")) == timedelta()
    assert ledger.marks() == []


def test_marks_come_in_order_and_the_breach_last() -> None:
    ledger = story(("start", "2026-06-01 09:00"))
    assert ledger.marks() == [
        (MARKS[0], shanghai("2026-06-01 14:48")),
        (MARKS[1], shanghai("2026-06-01 15:30")),
        (BREACH, shanghai("2026-06-01 16:00")),
    ]


def test_a_mark_before_a_breach_in_the_morning_falls_into_the_working_time_of_the_evening() -> None:
    ledger = story(("start", "2026-06-01 11:10"))  # 5:50 of 6 hours by 18:00
    assert ledger.due() == shanghai("2026-06-02 09:10")
    assert dict(ledger.marks())[MARKS[1]] == shanghai("2026-06-01 17:40")


def test_a_stopped_clock_has_only_the_marks_that_came_before() -> None:
    ledger = story(("start", "2026-06-01 09:00"), ("stop", "2026-06-01 15:00"))
    assert ledger.marks() == [(MARKS[0], shanghai("2026-06-01 14:48"))]


@pytest.mark.rule("R217")
@pytest.mark.rule("R188")
def test_a_time_that_the_customer_named_is_due_then_at_night_and_whatever_is_waited_for() -> None:
    start, required = shanghai("2026-06-01 17:00"), shanghai("2026-06-02 03:00")
    terms = RequiredBy(required_by=required, marks=(Mark(before=2 * HOUR),)).terms(start=start)
    ledger = Ledger.of(
        [entry("start", start), entry("pause", start + HOUR, ref="hold-1", reason="customer")], terms=terms
    )
    assert ledger.due() == required
    assert [instant for _, instant in ledger.marks()] == [shanghai("2026-06-02 01:00"), required]
    assert ledger.overrun(required + HOUR) == HOUR


def test_a_time_that_was_over_when_the_clock_started_is_broken_at_the_start() -> None:
    start = shanghai("2026-06-01 17:00")
    ledger = Ledger.of([entry("start", start)], terms=RequiredBy(required_by=start - HOUR).terms(start=start))
    assert ledger.marks() == [(BREACH, start.astimezone(UTC))]
