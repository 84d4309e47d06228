"""Explains working time: every stretch between two instants, counted or not, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from shared.working_time.calendar import Calendar, Shift, utc
from shared.working_time.days import ONE_DAY, Day, DayKind
from shared.working_time.local_time import first_showing


class StretchKind(StrEnum):
    """`working` counts, all else does not."""

    WORKING = "working"
    BREAK = "break"  # between two windows of one day (午休)
    OFF_HOURS = "off_hours"  # of a day that has windows: before the first, after the last; mostly the night
    WEEKLY_DAY_OFF = "weekly_day_off"
    HOLIDAY = "holiday"
    CLOSED = "closed"


DAYS_OFF = {
    DayKind.WEEKLY_DAY_OFF: StretchKind.WEEKLY_DAY_OFF,
    DayKind.SWAPPED: StretchKind.WEEKLY_DAY_OFF,  # where the policy keeps such a weekend free
    DayKind.HOLIDAY: StretchKind.HOLIDAY,
    DayKind.CLOSED: StretchKind.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` to `until`, UTC, end excluded. `name` is a holiday's, or the reason that a closure gives."""

    since: datetime
    until: datetime
    kind: StretchKind
    name: str | None = None


def stretches(calendar: Calendar, *, since: datetime, until: datetime) -> list[Stretch]:
    """All time from one instant to a later one without gaps, split where its kind changes and at local midnights."""
    begin, end = utc(since), utc(until)
    on, last = (
        begin.astimezone(calendar.time_zone).date() - ONE_DAY,
        end.astimezone(calendar.time_zone).date() + ONE_DAY,
    )
    found: list[Stretch] = []
    while on <= last:
        for piece in _day(calendar, on):
            inside = replace(piece, since=max(piece.since, begin), until=min(piece.until, end))
            if inside.since < inside.until:
                _append(found, inside)
        on += ONE_DAY
    return found


def _append(found: list[Stretch], piece: Stretch) -> None:
    """Working time that runs on past midnight stays one stretch; so does a holiday of several days."""
    if found and found[-1].until == piece.since and (found[-1].kind, found[-1].name) == (piece.kind, piece.name):
        piece = replace(found.pop(), until=piece.until)
    found.append(piece)


def _day(calendar: Calendar, on: date) -> Iterator[Stretch]:
    """The stretches of one local date, midnight to midnight."""
    begin, end = (first_showing(datetime.combine(day, time()), zone=calendar.time_zone) for day in (on, on + ONE_DAY))
    own = calendar.shifts_of(on)
    day = calendar.day(on)
    at = begin
    for opens, closes in [*calendar.shifts_of(on - ONE_DAY), *own]:
        if closes <= begin or opens >= end:
            continue
        if at < opens:
            yield _not_worked(day, since=at, until=opens, within=own)
        at = max(at, opens)
        yield Stretch(at, min(closes, end), StretchKind.WORKING)
        at = min(closes, end)
    if at < end:
        yield _not_worked(day, since=at, until=end, within=own)


def _not_worked(day: Day, *, since: datetime, until: datetime, within: tuple[Shift, ...]) -> Stretch:
    if not day.windows:
        return Stretch(since, until, DAYS_OFF[day.kind], day.name)
    is_break = within[:1] and within[0].opens < since and until < within[-1].closes
    return Stretch(since, until, StretchKind.BREAK if is_break else StretchKind.OFF_HOURS)
