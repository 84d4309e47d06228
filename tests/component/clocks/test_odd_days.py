"""Clocks over the hours and days on which calendars and wall clocks do something odd: none fires early, none late."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from shared.clocks.terms import ClockPolicy
from shared.working_time import Calendar
from support.calendars import office, shanghai
from support.minute_counter import MinuteCounter
from support.timed_service import TimedService
from testkit.servers.postgres import Postgres

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def night_shift() -> Calendar:
    """Every day from ten in the evening until six in the morning in Berlin, where clocks change at night."""
    return Calendar.model_validate({"time_zone": "Europe/Berlin", "week": {"mon-sun": ["22:00-06:00"]}})


def swapped() -> Calendar:
    """The office, with a Saturday that the company works instead of another day (调休)."""
    return Calendar.model_validate(
        {
            "time_zone": "Asia/Shanghai",
            "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
            "open": [{"day": "2027-03-06", "windows": ["09:00-12:00", "13:00-18:00"], "reason": "调休"}],
        }
    )


@dataclass(frozen=True)
class Odd:
    """A promise of `hours` of working time from `start`, which ends on a day that is unlike the others."""

    calendar: Calendar
    start: datetime
    hours: int
    due: str


@asynccontextmanager
async def timed_service(postgres: Postgres, *, calendar: Calendar, hours: int) -> AsyncIterator[TimedService]:
    """A service with a clock that allows so many working hours."""
    name = f"clocks_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password="clocks")
    promise = ClockPolicy.model_validate({"allowed": f"{hours}h", "calendar": "office"})
    timed = TimedService(url, calendars={"office": calendar}, promise=promise)
    await timed.create_tables()
    yield timed
    await timed.database.close()
    await postgres.drop_database(name)


ODD_DAYS = {
    "clocks_leap": Odd(night_shift(), datetime(2027, 3, 27, 22, tzinfo=BERLIN), 6, "2027-03-28T05:00+02:00"),
    "clocks_fall_back": Odd(night_shift(), datetime(2027, 10, 30, 22, tzinfo=BERLIN), 6, "2027-10-31T03:00+01:00"),
    "new_year": Odd(office(), shanghai("2026-12-31 17:00"), 2, "2027-01-04T10:00+08:00"),
    "swapped_saturday": Odd(swapped(), shanghai("2027-03-05 17:00"), 2, "2027-03-06T10:00+08:00"),
}


@pytest.mark.promise("R40")
@pytest.mark.parametrize("odd", ODD_DAYS.values(), ids=ODD_DAYS)
async def test_a_clock_over_an_odd_day_breaks_on_the_second_that_counting_minutes_gives(
    postgres: Postgres, odd: Odd
) -> None:
    due = datetime.fromisoformat(odd.due)
    start = odd.start.astimezone(UTC)  # hours are counted in real time, not by the clock on the wall
    counter = MinuteCounter(odd.calendar, since=start, until=start + timedelta(days=8))
    assert counter.add(start, odd.hours * HOUR) == due
    async with timed_service(postgres, calendar=odd.calendar, hours=odd.hours) as service:
        await service.start(start)
        await service.at(due - SECOND)
        assert await service.said() == []
        await service.at(due)
        assert await service.said() == ["breach"]
        [breach] = [body["clock"] for body in await service.bodies()]
    assert isinstance(breach, dict)
    assert datetime.fromisoformat(str(breach["due_at"])) == due
    assert breach["elapsed_seconds"] == breach["allowed_seconds"] == odd.hours * 3600


@pytest.mark.promise("R40")
async def test_a_clock_that_is_moved_an_hour_fires_what_that_hour_made_due_and_nothing_else(postgres: Postgres) -> None:
    start = shanghai("2027-03-01 09:00")  # a Monday
    async with timed_service(postgres, calendar=office(), hours=6) as service:
        await service.start(start)
        for hour, said in ((13, []), (14, []), (15, []), (16, ["breach"]), (17, ["breach"])):
            await service.at(shanghai(f"2027-03-01 {hour}:00") - SECOND * (hour < 16))
            assert await service.said() == said
        [breach] = [body["clock"] for body in await service.bodies()]
    assert isinstance(breach, dict)
    assert datetime.fromisoformat(str(breach["due_at"])) == shanghai("2027-03-01 16:00")
