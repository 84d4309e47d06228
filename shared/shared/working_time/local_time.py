"""Where a local clock time lies in real time, also on the days on which the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SMALLEST = timedelta(seconds=1)  # no zone changes its clocks within a second


def first_showing(local: datetime, *, zone: ZoneInfo) -> datetime:
    """The first instant, UTC, at which clocks in the zone show this naive local time or a later one.

    A time that clocks show twice means its first showing; one that they leap over means the instant of the leap. So
    consecutive windows stay consecutive, none has a negative length, and a day is 23, 24 or 25 real hours.
    """
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    return _leap(before=local.replace(tzinfo=zone, fold=1).astimezone(UTC), after=instant, zone=zone)


def _leap(*, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the new offset, between one instant at the old offset and one at the new."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SMALLEST:
        middle = before + (after - before) // 2 // SMALLEST * SMALLEST
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
