"""What is told once is told once between two events that make it news, whatever is heard first."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.news import Occurrence, news_in
from support.case_events import START

type Happened = tuple[str, int]
"""`again` or `it`, and the minute."""


def heard_in(order: Sequence[Happened]) -> list[int]:
    """How many were told in each stretch between two events that make it news, first to last."""
    told: dict[int, bool] = {}
    again: list[int] = []
    for kind, minute in order:
        if kind == "again":
            again = sorted([*again, minute])
        else:
            told[minute] = False
        minutes = sorted(told)
        seen = [Occurrence(at=START + timedelta(minutes=at), is_told=told[at]) for at in minutes]
        for place in news_in(seen, again=[START + timedelta(minutes=at) for at in again]):
            told[minutes[place]] = True
    ends = [-1, *again, 10_000]
    return [sum(told[at] for at in told if low <= at < high) for low, high in pairwise(ends)]


@given(st.data())
def test_every_order_of_hearing_tells_one_of_each_stretch(data: st.DataObject) -> None:
    minutes = data.draw(st.lists(st.integers(0, 50), unique=True, max_size=8))
    story = [(data.draw(st.sampled_from(("it", "again"))), minute) for minute in minutes]
    again = sorted(minute for kind, minute in story if kind == "again")
    ends = [-1, *again, 10_000]
    happened = [minute for kind, minute in story if kind == "it"]
    expected = [int(any(low <= at < high for at in happened)) for low, high in pairwise(ends)]
    assert heard_in(data.draw(st.permutations(story))) == expected
