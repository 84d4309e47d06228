"""Due times of many clocks, against counting every minute."""

from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

from benchmarks.figures import Figure, Goal, Pair
from benchmarks.ground import Ground
from shared.working_time import Calendar
from support.calendars import office
from support.minute_counter import MinuteCounter

MORNING = datetime(2026, 3, 2, tzinfo=UTC)
FURTHEST = timedelta(days=40)
"""Past every due time: the longest public holiday lies within."""


def due_times(ground: Ground) -> Figure:
    """Promises of one to forty working hours, begun at any minute of a year."""
    return Figure(
        name="due_times",
        what=f"due-time arithmetic, {ground.sizes.clocks:,} clocks, working hours with public holidays",
        against="a minute-by-minute counter",
        unit="clocks/s",
        goal=Goal(must=">= 100"),
        runs=[_once(ground, seed=seed) for seed in range(ground.sizes.runs)],
    )


def _once(ground: Ground, *, seed: int) -> Pair:
    calendar = office()
    clocks = _clocks(ground.sizes.clocks, seed=seed)
    counted = clocks[: ground.sizes.counted_clocks]
    begun = perf_counter()
    due = [calendar.add(start, duration=allowed) for start, allowed in clocks]
    value = len(clocks) / (perf_counter() - begun)
    begun = perf_counter()
    expected = [_count(calendar, start, allowed) for start, allowed in counted]
    reference = len(counted) / (perf_counter() - begun)
    if due[: len(expected)] != expected:
        raise AssertionError("the arithmetic and the counter disagree")
    return Pair(value=value, reference=reference)


def _count(calendar: Calendar, start: datetime, allowed: timedelta) -> datetime | None:
    """Minute by minute until enough was counted, and no further than a day beyond that."""
    days = timedelta(days=2)
    while True:
        found = MinuteCounter(calendar, since=start, until=start + days).add(start, allowed)
        if found is not None or days > FURTHEST:
            return found
        days *= 2


def _clocks(count: int, *, seed: int) -> list[tuple[datetime, timedelta]]:
    chance = Random(seed)  # noqa: S311 - the same clocks every time
    return [
        (MORNING + timedelta(minutes=chance.randrange(525_600)), timedelta(minutes=chance.randrange(60, 2_400)))
        for _ in range(count)
    ]
