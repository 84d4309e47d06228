"""What kind of day a local date is: an exception, a swapped working day, a public holiday, a day of the week."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

import holidays
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, model_validator

from shared.policy import Policy, PolicyFolder
from shared.working_time.windows import WEEKDAYS, Week, Weekday, Window, Windows

ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE = timedelta(days=366)

type Reason = Annotated[str, Field(min_length=1, max_length=200)]


class DayKind(StrEnum):
    """Why a day has the windows that it has."""

    WEEKLY = "weekly"
    WEEKLY_DAY_OFF = "weekly_day_off"
    HOLIDAY = "holiday"
    SWAPPED = "swapped"  # 调休上班: a weekend day worked in exchange for a bridge day
    CLOSED = "closed"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Day:
    """A local date: its windows, why it has them, and the holiday's name or the reason given for an exception."""

    kind: DayKind
    windows: tuple[Window, ...]
    name: str | None = None


class ClosedDays(Policy):
    """Days without work that no public calendar knows: stocktaking, a company outing. Both ends are included."""

    first: date
    last: date | None = Field(default=None, description="the last day; default: the first is the only one")
    reason: Reason = Field(description="what people are told")

    @model_validator(mode="after")
    def _forwards_and_not_for_ever(self) -> "ClosedDays":
        if not timedelta() <= (self.last or self.first) - self.first <= LONGEST_CLOSURE:
            raise ValueError("a last day on or after the first, at most 366 days later")
        return self

    def days(self) -> list[date]:
        """Every date of the closure."""
        length = ((self.last or self.first) - self.first).days
        return [self.first + timedelta(days=number) for number in range(length + 1)]


class OpenDay(Policy):
    """A day on which just these windows are worked, whatever day of the week or holiday it is."""

    day: date
    windows: Windows = Field(min_length=1, description='windows such as ["09:00-12:00"]')
    reason: Reason = Field(description="what people are told")


class DayExceptions(Policy):
    """Closed and opened days: a section of a calendar, or a file of its own."""

    closed: tuple[ClosedDays, ...] = ()
    open: tuple[OpenDay, ...] = ()

    def by_date(self) -> dict[date, Day]:
        """Each exceptional date; one that is named twice is a ValueError."""
        found: dict[date, Day] = {}
        closed = [(day, Day(DayKind.CLOSED, (), entry.reason)) for entry in self.closed for day in entry.days()]
        opened = [(entry.day, Day(DayKind.OPENED, entry.windows, entry.reason)) for entry in self.open]
        for on, day in [*closed, *opened]:
            if on in found:
                raise ValueError(f"each day closed or opened once; {on} is named twice")
            found[on] = day
        return found


def read_exceptions(name: str, info: ValidationInfo) -> DayExceptions:
    """Read a file of exceptions that a policy file names; whatever is wrong with it is a ValueError that says so."""
    if not isinstance(info.context, PolicyFolder):
        raise ValueError("no file of exceptions in a calendar that does not come from a policy file")  # noqa: TRY004 - pydantic collects ValueErrors
    try:
        return DayExceptions.model_validate(tomllib.loads(info.context.read(name).decode()))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"TOML in {name}: {error}") from error
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, at['loc']))}: {at['msg']}" for at in error.errors(include_url=False)]
        raise ValueError(f"only known keys and values in {name}; {'; '.join(wrong)}") from error


def _country(code: str) -> str:
    known = holidays.list_supported_countries()
    if code not in known:
        raise ValueError(f"a country code of: {', '.join(sorted(known))}")
    return code


class PublicHolidays(Policy):
    """Public holidays of a country, with the working days that are swapped for them where the country does so.

    A holiday has no windows. On a swapped working day the windows of `swapped_days_as` apply: a weekday's, or with
    `own` the ones of the day of the week that it really is (which keeps a weekend free). Default: Monday's.

    The package names public holidays, but not the weekend days that a published break runs across. Companies that work
    on Saturdays say by `weekends_closed` whether they keep those too: `between_holidays` closes a weekend with holidays
    on both sides, `beside_holidays` with one on either side. Default: `never`.
    """

    country: Annotated[str, AfterValidator(_country)] = Field(description="ISO 3166 code, for instance CN")
    subdivision: str | None = Field(default=None, description="ISO 3166-2 part, for instance BY of DE")
    language: str | None = Field(default=None, description="of the holidays' names; default: the country's own")
    swapped_days_as: Weekday | Literal["own"] = "mon"
    weekends_closed: Literal["never", "between_holidays", "beside_holidays"] = "never"

    @model_validator(mode="after")
    def _known_part_and_language(self) -> "PublicHolidays":
        parts = holidays.list_supported_countries(include_aliases=True)[self.country]
        if self.subdivision is not None and self.subdivision not in parts:
            raise ValueError(f"a subdivision of: {', '.join(parts) or 'none are known, leave it out'}")
        languages = holidays.list_localized_countries().get(self.country, [])
        if self.language is not None and self.language not in languages:
            raise ValueError(f"a language of: {', '.join(languages) or 'none are known, leave it out'}")
        return self

    def published(self) -> holidays.HolidayBase:
        """What the `holidays` package knows; years are added as they are asked for."""
        return holidays.country_holidays(self.country, subdiv=self.subdivision, language=self.language)


def ordinary_day(on: date, *, week: Week, policy: PublicHolidays | None, published: holidays.HolidayBase | None) -> Day:
    """A date that is no exception: a swapped working day, then a public holiday, then the day of the week."""
    own = WEEKDAYS[on.weekday()]
    if policy is not None and published is not None:
        name = published.get(on)  # asking for a year is what makes its swapped days known
        if on in published.weekend_workdays:
            chosen = own if policy.swapped_days_as == "own" else policy.swapped_days_as
            return Day(DayKind.SWAPPED, week.windows_on(chosen), name)
        name = name or _weekend_of_a_holiday(on, policy=policy, published=published)
        if name is not None:
            return Day(DayKind.HOLIDAY, (), name)
    windows = week.windows_on(own)
    return Day(DayKind.WEEKLY if windows else DayKind.WEEKLY_DAY_OFF, windows)


def _weekend_of_a_holiday(on: date, *, policy: PublicHolidays, published: holidays.HolidayBase) -> str | None:
    """The holiday whose break runs across this weekend day, None where it does not."""
    if policy.weekends_closed == "never" or on.weekday() not in published.weekend:
        return None
    before, after = (_beyond_the_weekend(on, step=step, published=published) for step in (-ONE_DAY, ONE_DAY))
    if policy.weekends_closed == "between_holidays" and not (before and after):
        return None
    return before or after


def _beyond_the_weekend(on: date, *, step: timedelta, published: holidays.HolidayBase) -> str | None:
    day = on + step
    while day.weekday() in published.weekend and day not in published:
        if day in published.weekend_workdays:
            return None
        day += step
    return published.get(day)
