"""Durations as people write them in a policy file: `30m`, `1h30m`, `2d`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
WRITTEN = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


def parse_duration(given: object) -> timedelta:
    """A number for each unit, larger units first; a day is 24 hours, a week 7 days. Anything else is a ValueError."""
    if isinstance(given, timedelta):
        return given
    written = WRITTEN.fullmatch(given) if isinstance(given, str) and given else None
    if written is None:
        raise ValueError('a duration such as "45s", "30m", "1h30m", "2d" or "1w"')
    return sum(
        (int(number) * unit for number, unit in zip(written.groups(), UNITS.values(), strict=True) if number),
        timedelta(),
    )


def duration_text(duration: timedelta) -> str:
    """The shortest writing of a duration of whole seconds: `1h30m`; nothing at all is `0s`."""
    parts = []
    for letter, unit in UNITS.items():
        if letter == "w" and duration % unit:
            continue  # nobody writes 1w3d
        number, duration = divmod(duration, unit)
        if number:
            parts.append(f"{number}{letter}")
    return "".join(parts) or "0s"


type Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(duration_text)]
