"""Working time counted minute by minute: slow, and so simple that it is right.

It shares no arithmetic with the calendar. It walks real minutes, looks at the local clock, and remembers the latest
local time that clocks have shown so far: a window opens when clocks first show its beginning or anything later, and
closes when they first show its end or anything later.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from shared.working_time import Calendar

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class MinuteCounter:
    """Counts the working minutes of a stretch of real time; both ends are whole minutes."""

    def __init__(self, calendar: Calendar, *, since: datetime, until: datetime) -> None:
        self.since = since
        self.working = list(self._walk(calendar, since, until))

    def _walk(self, calendar: Calendar, since: datetime, until: datetime) -> Iterator[bool]:
        days: dict[date, set[int]] = {}
        moment = since - 2 * DAY
        latest = datetime.min  # noqa: DTZ901 - a local clock time
        while moment < until:
            latest = max(latest, moment.astimezone(calendar.time_zone).replace(tzinfo=None))
            if moment >= since:
                yield self._open(calendar, days, latest)
            moment += MINUTE

    @staticmethod
    def _open(calendar: Calendar, days: dict[date, set[int]], shown: datetime) -> bool:
        today = shown.date()
        if today not in days:
            days[today] = {
                minute
                for begun, shift in ((today, 0), (today - DAY, 24 * 60))
                for window in calendar.day(begun).windows
                for minute in range(window.opens - shift, window.closes - shift)
            }
        return (shown - datetime.combine(today, time())) // MINUTE in days[today]

    def between(self, start: datetime, end: datetime) -> timedelta:
        return sum(self.working[self._index(start) : self._index(end)]) * MINUTE

    def add(self, start: datetime, duration: timedelta) -> datetime | None:
        """The first minute's end by which enough was counted; None where that is beyond the stretch."""
        left, at = duration // MINUTE, self._index(start)
        while left:
            if at >= len(self.working):
                return None
            left -= self.working[at]
            at += 1
        return self.since + at * MINUTE

    def subtract(self, end: datetime, duration: timedelta) -> datetime | None:
        left, at = duration // MINUTE, self._index(end)
        while left:
            at -= 1
            if at < 0:
                return None
            left -= self.working[at]
        return self.since + at * MINUTE

    def _index(self, moment: datetime) -> int:
        return (moment.astimezone(UTC) - self.since) // MINUTE
