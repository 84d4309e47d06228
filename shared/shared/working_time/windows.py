"""Working windows within a week, as a policy file writes them: `09:00-12:00`, overnight `22:00-06:00`."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from shared.policy import Policy

MINUTES_OF_DAY = 24 * 60
WRITTEN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)|([01]\d|2[0-3]):([0-5]\d)-24:00")

type Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday.__value__)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of working time in minutes after local midnight of the day it begins on.

    `closes` is greater than 1440 where the window runs past midnight; it then still belongs to the day it began on.
    """

    opens: int
    closes: int

    def __str__(self) -> str:
        ends = self.closes if self.closes <= MINUTES_OF_DAY else self.closes - MINUTES_OF_DAY
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{ends // 60:02}:{ends % 60:02}"


def parse_window(given: object) -> Window:
    """`HH:MM-HH:MM`; an end before the beginning is on the next day, `24:00` is midnight. Else a ValueError."""
    if isinstance(given, Window):
        return given
    written = WRITTEN.fullmatch(given) if isinstance(given, str) else None
    if written is None:
        raise ValueError('a window such as "09:00-12:00", overnight "22:00-06:00", all day "00:00-24:00"')
    hours = [int(part) for part in written.groups() if part is not None]
    opens = hours[0] * 60 + hours[1]
    closes = hours[2] * 60 + hours[3] if hours[2:] else MINUTES_OF_DAY
    if closes == opens:
        raise ValueError('a window with an end other than its beginning; all day is "00:00-24:00"')
    return Window(opens, closes if closes > opens else closes + MINUTES_OF_DAY)


def _in_order(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    ordered = tuple(sorted(windows))
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise ValueError(f"windows that do not overlap; {earlier} and {later} do")
    return ordered


type WrittenWindow = Annotated[Window, PlainValidator(parse_window), PlainSerializer(str)]
type Windows = Annotated[tuple[WrittenWindow, ...], AfterValidator(_in_order)]


class Week(Policy):
    """The windows of each weekday; a day that is not named has none.

    A key may name a run of days, `mon-fri` or `sat-mon`, but no day twice.
    """

    mon: Windows = Field(default=())
    tue: Windows = Field(default=())
    wed: Windows = Field(default=())
    thu: Windows = Field(default=())
    fri: Windows = Field(default=())
    sat: Windows = Field(default=())
    sun: Windows = Field(default=())

    @model_validator(mode="before")
    @classmethod
    def _runs_of_days(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        days: dict[str, object] = {}
        for key, windows in given.items():
            for day in _days_of(str(key)):
                if day in days:
                    raise ValueError(f'each day once; "{day}" is named again by "{key}"')
                days[day] = windows
        return days

    def windows_on(self, day: Weekday) -> tuple[Window, ...]:
        """The windows that begin on a weekday, in order."""
        return {
            "mon": self.mon,
            "tue": self.tue,
            "wed": self.wed,
            "thu": self.thu,
            "fri": self.fri,
            "sat": self.sat,
            "sun": self.sun,
        }[day]


def _days_of(key: str) -> list[str]:
    first, dash, last = key.partition("-")
    if not dash or first not in WEEKDAYS or last not in WEEKDAYS:
        return [key]  # one day, or a name that the model refuses
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return [WEEKDAYS[number % 7] for number in range(begin, end + 1 if end >= begin else end + 8)]
