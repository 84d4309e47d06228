"""What is told once, and again after something that makes it news: pure, the same for every order of hearing."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Occurrence:
    """It happened; whether somebody was told."""

    at: datetime
    is_told: bool


def news_in(occurrences: Sequence[Occurrence], *, again: Sequence[datetime]) -> list[int]:
    """Which occurrences to tell now, by place: the first between one of `again` and the next, if none there was told.

    Both in the order of time. What happens at the very time of `again` is news.
    """
    places = groupby(range(len(occurrences)), key=lambda place: bisect_right(again, occurrences[place].at))
    between = (list(group) for _, group in places)
    return [group[0] for group in between if not any(occurrences[place].is_told for place in group)]
