"""The working calendar: three exact functions over windows, public holidays, exceptions and changing clocks."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import holidays
from holidays.version import __version__ as holidays_version
from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from shared.policy import Policy
from shared.working_time.days import (
    ONE_DAY,
    ClosedDays,
    Day,
    DayExceptions,
    OpenDay,
    PublicHolidays,
    ordinary_day,
    read_exceptions,
)
from shared.working_time.local_time import first_showing
from shared.working_time.windows import WEEKDAYS, Week

DAYS_KEPT = 2_000  # some 300 kB for each calendar that is in use; older days are worked out again


class Shift(NamedTuple):
    """One unbroken stretch of working time, UTC, end excluded."""

    opens: datetime
    closes: datetime


def _zone(given: object) -> ZoneInfo:
    if isinstance(given, ZoneInfo):
        return given
    if given not in available_timezones():
        near = get_close_matches(str(given), available_timezones(), n=3)
        raise ValueError(f"an IANA time zone such as {', '.join(near) or 'Asia/Shanghai'}")
    return ZoneInfo(str(given))


type Zone = Annotated[ZoneInfo, PlainValidator(_zone), PlainSerializer(str)]


class Calendar(Policy):
    """When people work. A section of a policy file:

        [calendars.office]
        time_zone = "Asia/Shanghai"
        week = { mon-fri = ["09:00-12:00", "13:00-18:00"], sat = ["22:00-06:00"] }
        public_holidays = { country = "CN", swapped_days_as = "mon" }
        closed = [{ first = 2026-12-30, last = 2026-12-31, reason = "stocktaking" }]
        open = [{ day = 2026-10-03, windows = ["09:00-12:00"], reason = "fair" }]
        exceptions_file = "exceptions.toml"     # more `closed` and `open`, in a file beside this one

        [calendars.always]
        time_zone = "UTC"
        week = { mon-sun = ["00:00-24:00"] }

    Of a date, an exception decides first, then a swapped working day, then a public holiday, then the day of the week.
    A window belongs to the date on which it opens: the night before a holiday is worked to its end in the morning,
    the night of the holiday is not. Windows are local clock times and their length is real elapsed time;
    `first_showing` says what becomes of a time that is leapt over or shown twice. Where windows of two dates overlap,
    the time counts once. Instants come with any offset and are answered in UTC; a naive one is a ValueError.
    """

    time_zone: Zone = Field(description="IANA name of the time zone, for instance Asia/Shanghai")
    week: Week = Field(description='windows by weekday, for instance { mon-fri = ["09:00-12:00", "13:00-18:00"] }')
    public_holidays: PublicHolidays | None = Field(default=None, description="default: none are kept")
    exceptions_file: str | None = Field(default=None, description="TOML file beside the policy file")
    closed: tuple[ClosedDays, ...] = ()
    open: tuple[OpenDay, ...] = ()

    _published: holidays.HolidayBase | None = PrivateAttr(default=None)
    _exceptional: dict[date, Day] = PrivateAttr(default_factory=dict)
    _shifts: dict[date, tuple[Shift, ...]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _add_exceptions_of_the_file(cls, given: object, info: ValidationInfo) -> object:
        if not isinstance(given, dict) or given.get("exceptions_file") is None:
            return given
        further = read_exceptions(given["exceptions_file"], info)
        return given | {
            key: [*own, *getattr(further, key)]
            for key in DayExceptions.model_fields
            if isinstance(own := given.get(key, []), list)
        }

    @field_validator("week")
    @classmethod
    def _some_working_time(cls, week: Week) -> Week:
        if not any(week.windows_on(day) for day in WEEKDAYS):
            raise ValueError("working time on at least one day of the week, or no clock would ever run out")
        return week

    @model_validator(mode="after")
    def _prepare(self) -> "Calendar":
        self._exceptional = DayExceptions(closed=self.closed, open=self.open).by_date()
        self._published = self.public_holidays.published() if self.public_holidays else None
        return self

    def add(self, start: datetime, *, duration: timedelta) -> datetime:
        """The earliest instant by which this much working time has passed since `start`.

        It is the end of a window rather than the beginning of the next one; no duration at all answers `start`.
        """
        moment, left = utc(start), not_negative(duration)
        if not left:
            return moment
        for opens, closes in self.shifts_from(moment):
            since = max(opens, moment)
            if closes - since >= left:
                return since + left
            left -= closes - since
        raise OverflowError("the working time does not pass before the year 9999")

    def subtract(self, end: datetime, *, duration: timedelta) -> datetime:
        """The latest instant from which this much working time passes until `end`: a window's beginning, not the end
        of the one before; no duration at all answers `end`.
        """
        moment, left = utc(end), not_negative(duration)
        if not left:
            return moment
        for opens, closes in self._shifts_back_from(moment):
            until = min(closes, moment)
            if until - opens >= left:
                return until - left
            left -= until - opens
        raise OverflowError("the working time does not fit after the year 1")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one instant to another that is not before it."""
        since, until = utc(start), utc(end)
        not_negative(until - since)
        passed = timedelta()
        for opens, closes in self.shifts_from(since):
            if opens >= until:
                break
            passed += min(closes, until) - max(opens, since)
        return passed

    def end_of_working_day(self, start: datetime, *, days: int) -> datetime:
        """When work ends on the n-th working day after the date of `start` (n个工作日内; R213, R214).

        The date of `start` itself does not count, as is usual for periods in days; the last day counts to its last
        window's end. A day on which any window opens is a working day.
        """
        on = utc(start).astimezone(self.time_zone).date()
        for _ in range(days):
            on += ONE_DAY
            while not self.shifts_of(on):
                on += ONE_DAY
        return self.shifts_of(on)[-1].closes if days > 0 else utc(start)

    def day(self, on: date) -> Day:
        """What kind of day a local date is and which windows open on it."""
        exception = self._exceptional.get(on)
        if exception is not None:
            return exception
        return ordinary_day(on, week=self.week, policy=self.public_holidays, published=self._published)

    def shifts_of(self, on: date) -> tuple[Shift, ...]:
        """The working time that begins on a local date, without what the date before already covers."""
        known = self._shifts.get(on)
        if known is None:
            if len(self._shifts) >= DAYS_KEPT:
                self._shifts.clear()
            known = self._shifts[on] = tuple(self._shifts_that_begin_on(on))
        return known

    def shifts_from(self, moment: datetime) -> Iterator[Shift]:
        """All working time from an instant on, in order; the first shift may have begun before it."""
        on = moment.astimezone(self.time_zone).date() - ONE_DAY  # a window of the night before may still be open
        while on < date.max:
            for shift in self.shifts_of(on):
                if shift.closes > moment:
                    yield shift
            on += ONE_DAY

    def version(self) -> str:
        """Identifies what the calendar counts: its section, its exceptions and the published holidays it relies on."""
        return hashlib.sha256(f"{self.model_dump_json()} {holidays_version}".encode()).hexdigest()[:12]

    def _shifts_back_from(self, moment: datetime) -> Iterator[Shift]:
        on = moment.astimezone(self.time_zone).date() + ONE_DAY  # clocks set back over midnight show yesterday again
        while on > date.min + ONE_DAY:
            for shift in reversed(self.shifts_of(on)):
                if shift.opens < moment:
                    yield shift
            on -= ONE_DAY

    def _shifts_that_begin_on(self, on: date) -> Iterator[Shift]:
        covered = max(
            (self._instant(on - ONE_DAY, window.closes) for window in self.day(on - ONE_DAY).windows), default=None
        )
        for window in self.day(on).windows:
            opens, closes = self._instant(on, window.opens), self._instant(on, window.closes)
            if covered is not None:
                opens = max(opens, covered)
            if opens < closes:
                yield Shift(opens, closes)

    def _instant(self, on: date, minute: int) -> datetime:
        return first_showing(datetime.combine(on, time()) + timedelta(minutes=minute), zone=self.time_zone)


class AllTime(Calendar):
    """The calendar in which all time counts, also over centuries: it looks at no days."""

    def add(self, start: datetime, *, duration: timedelta) -> datetime:
        return utc(start) + not_negative(duration)

    def subtract(self, end: datetime, *, duration: timedelta) -> datetime:
        return utc(end) - not_negative(duration)

    def between(self, start: datetime, end: datetime) -> timedelta:
        return not_negative(utc(end) - utc(start))


type Calendars = Annotated[dict[str, Calendar], Field(min_length=1)]


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; a naive one is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset: a naive datetime may mean several")
    return moment.astimezone(UTC)


def not_negative(duration: timedelta) -> timedelta:
    """The duration itself; a negative one is a ValueError."""
    if duration < timedelta():
        raise ValueError(f"time runs forwards: {duration} is negative")
    return duration
