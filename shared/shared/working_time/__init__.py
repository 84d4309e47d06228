"""Working time: how much of it lies between two instants, and when an amount of it is used up."""

from shared.working_time.calendar import AllTime, Calendar, Calendars
from shared.working_time.days import ClosedDays, Day, DayExceptions, DayKind, OpenDay, PublicHolidays
from shared.working_time.stretches import Stretch, StretchKind, stretches
from shared.working_time.windows import Week, Window

__all__ = [
    "AllTime",
    "Calendar",
    "Calendars",
    "ClosedDays",
    "Day",
    "DayExceptions",
    "DayKind",
    "OpenDay",
    "PublicHolidays",
    "Stretch",
    "StretchKind",
    "Week",
    "Window",
    "stretches",
]
