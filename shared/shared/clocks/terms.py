"""What a promise to the customer allows: the terms of a clock, and the sections of a policy file that hold them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, field_validator, model_validator

from shared.policy import Policy, PolicyFile, duration_text
from shared.policy.durations import parse_duration
from shared.working_time import AllTime, Calendar, Calendars, Week, Window

PERCENT = re.compile(r"([1-9]\d?)%")
BEFORE = re.compile(r"(\w+) before")
WORKING_DAYS = re.compile(r"([1-9]\d{0,2}) working days?")
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the way to the breach, by share of the allowed time or by working time before it is used up."""

    percent: int | None = None
    before: timedelta | None = None

    def amount(self, allowed: timedelta) -> timedelta:
        """How much the clock has counted at the mark."""
        if self.before is not None:
            return allowed - self.before
        return allowed * (100 if self.percent is None else self.percent) / 100

    def __str__(self) -> str:
        """Its name, as the policy writes it; the breach has none in the policy."""
        if self.before is not None:
            return f"{duration_text(self.before)} before"
        return "breach" if self.percent is None else f"{self.percent}%"


BREACH = Mark()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """An allowance in working days (工作日): until work ends on the n-th working day after the day of the start."""

    days: int

    def __str__(self) -> str:
        return f"{self.days} working day{'s' if self.days > 1 else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The promise that one clock measures. `allowed` is time as `calendar` counts it."""

    allowed: timedelta
    calendar: Calendar
    pause_reasons: frozenset[str] = frozenset()
    marks: tuple[Mark, ...] = ()


def _allowed(given: object) -> timedelta | WorkingDays:
    if isinstance(given, WorkingDays):
        return given
    if isinstance(given, str) and (written := WORKING_DAYS.fullmatch(given)):
        return WorkingDays(days=int(written[1]))
    try:
        allowed = parse_duration(given)
    except ValueError as error:
        raise ValueError(f'"3 working days", or {error}') from error
    if not timedelta() < allowed <= LONGEST:
        raise ValueError("more than nothing and at most ten years")
    return allowed


def parse_mark(given: object) -> Mark:
    """A mark as the policy writes it; anything else is a ValueError."""
    if isinstance(given, Mark):
        return given
    if isinstance(given, str) and (percent := PERCENT.fullmatch(given)):
        return Mark(percent=int(percent[1]))
    if isinstance(given, str) and (before := BEFORE.fullmatch(given)):
        return Mark(before=parse_duration(before[1]))
    raise ValueError('a mark such as "80%" (1 to 99) or "30m before"')


def _allowed_text(allowed: timedelta | WorkingDays) -> str:
    return str(allowed) if isinstance(allowed, WorkingDays) else duration_text(allowed)


type Allowed = Annotated[timedelta | WorkingDays, PlainValidator(_allowed), PlainSerializer(_allowed_text)]
type WrittenMark = Annotated[Mark, PlainValidator(parse_mark), PlainSerializer(str)]


class ClockPolicy(Policy):
    """One promise. A section of a policy file:

        [clocks.arrival_city]
        allowed = "6h"                  # or "3 working days"
        calendar = "office"
        pause_reasons = ["customer", "consent", "weather"]
        marks = ["80%", "30m before"]

    A duration is time that the calendar counts: `"1d"` are 24 working hours, three days of eight hours. Whoever means
    days writes `"3 working days"`. Marks are measured in the calendar as well, so nobody is warned at night.
    """

    allowed: Allowed = Field(description='a duration such as "6h", or "3 working days"')
    calendar: str = Field(description="the name of a calendar of the same file")
    pause_reasons: tuple[str, ...] = ()
    marks: tuple[WrittenMark, ...] = ()

    @model_validator(mode="after")
    def _marks_on_the_way(self) -> Self:
        for mark in self.marks:
            if isinstance(self.allowed, timedelta) and mark.amount(self.allowed) <= timedelta():
                raise ValueError(f'marks after the start; "{mark}" of {duration_text(self.allowed)} is not')
        if len({str(mark) for mark in self.marks}) < len(self.marks):
            raise ValueError("each mark once")
        return self

    def terms(self, calendar: Calendar, *, start: datetime) -> Terms:
        """The promise to somebody whose clock starts at `start`: working days become the working time in them."""
        allowed = self.allowed
        if isinstance(allowed, WorkingDays):
            allowed = calendar.between(start, calendar.end_of_working_day(start, days=allowed.days))
        reasons, marks = frozenset(self.pause_reasons), _ahead(self.marks, allowed)
        return Terms(allowed=allowed, calendar=calendar, pause_reasons=reasons, marks=marks)


class TimedPolicy(PolicyFile):
    """The base of a service's policy that has clocks: calendars by name, and clocks by name that refer to them."""

    calendars: Calendars = Field(description="at least one section [calendars.<name>]")
    clocks: dict[str, ClockPolicy] = Field(description="a section [clocks.<name>] for each promise")

    @field_validator("clocks")
    @classmethod
    def _known_calendars(cls, clocks: dict[str, ClockPolicy], info: ValidationInfo) -> dict[str, ClockPolicy]:
        calendars = info.data.get("calendars")
        for name, clock in clocks.items():
            if calendars is not None and clock.calendar not in calendars:
                known = ", ".join(sorted(calendars))
                raise ValueError(f'a calendar of: {known}; that of {name} is "{clock.calendar}"')
        return clocks


def wall_clock() -> Calendar:
    """The calendar in which all time counts."""
    return AllTime(time_zone=ZoneInfo("UTC"), week=Week.model_validate({"mon-sun": [Window(0, 24 * 60)]}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredBy:
    """A promise for an instant that the customer named (客户规定的时间, R217; 用户要求规定时间, R188).

    Nothing pauses it, and all time counts. One that was over at the start is broken at the start.
    """

    required_by: datetime
    marks: tuple[Mark, ...] = ()

    def terms(self, *, start: datetime) -> Terms:
        """The same, as the time from the start to that instant."""
        allowed = max(timedelta(), self.required_by - start)
        return Terms(allowed=allowed, calendar=wall_clock(), marks=_ahead(self.marks, allowed))


def _ahead(marks: tuple[Mark, ...], allowed: timedelta) -> tuple[Mark, ...]:
    """Without the marks that would lie at the start or before it."""
    return tuple(mark for mark in marks if mark.amount(allowed) > timedelta())
