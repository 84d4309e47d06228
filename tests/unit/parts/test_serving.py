"""Who gets pieces that became free: the most urgent whose kit is complete with them, the oldest of equals."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from parts.domain.serving import Waiting, first_served, in_turn, lies_free
from shared.contracts.facts import Urgency
from support.case_events import START

CODES = st.sampled_from(["PCB-77", "FAN-3", "SEAL"])


def waiting(
    number: int, *, urgency: Urgency = Urgency.NORMAL, minutes: int = 0, missing: dict[str, int] | None = None
) -> Waiting:
    return Waiting(
        request_id=UUID(int=number),
        urgency=urgency,
        requested_at=START + timedelta(minutes=minutes),
        missing=missing or {"PCB-77": 1},
    )


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    missing = st.dictionaries(CODES, st.integers(1, 4), min_size=1)
    return [
        waiting(
            number,
            urgency=draw(st.sampled_from(Urgency)),
            minutes=draw(st.integers(0, 3)),
            missing=draw(missing),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@given(queues(), st.dictionaries(CODES, st.integers(0, 5)))
def test_nobody_is_served_without_a_complete_kit_or_before_one_who_is_more_urgent_or_waits_longer(
    queue: list[Waiting], available: dict[str, int]
) -> None:
    served = first_served(queue, available=available)
    complete = [one for one in queue if lies_free(one.missing, available=available)]
    assert (served is None) is (not complete)
    if served is not None:
        assert served in complete
        ranks = ["emergency", "urgent", "normal"]
        turn = (ranks.index(served.urgency), served.requested_at)
        assert all(turn <= (ranks.index(one.urgency), one.requested_at) for one in complete)


@given(queues(), st.dictionaries(CODES, st.integers(0, 9)))
def test_serving_one_after_the_other_ends_and_gives_away_no_more_than_there_is(
    queue: list[Waiting], available: dict[str, int]
) -> None:
    left, there = list(queue), dict(available)
    while (served := first_served(left, available=there)) is not None:
        left.remove(served)
        for code, pieces in served.missing.items():
            there[code] -= pieces
        assert min(there.values(), default=0) >= 0


def test_urgency_comes_before_age_and_age_before_the_rest() -> None:
    old, new = waiting(3, minutes=0), waiting(1, minutes=5)
    urgent, emergency = (
        waiting(4, urgency=Urgency.URGENT, minutes=7),
        waiting(5, urgency=Urgency.EMERGENCY, minutes=9),
    )
    queue, turns = [new, urgent, old, emergency], []
    while (served := first_served(queue, available={"PCB-77": 9})) is not None:
        queue.remove(served)
        turns.append(served)
    assert turns == [emergency, urgent, old, new]


def test_an_older_request_that_needs_more_than_there_is_holds_nobody_up() -> None:
    large, small = waiting(1, missing={"PCB-77": 2}), waiting(2, minutes=1)
    assert first_served([large, small], available={"PCB-77": 1}) == small
    assert first_served([large, small], available={"PCB-77": 2}) == large


@given(queues())
def test_ahead_of_everybody_is_what_those_wait_for_who_would_be_served_before(queue: list[Waiting]) -> None:
    left, before = list(queue), Counter[str]()
    for one, ahead in in_turn(queue):
        assert one == first_served(left, available={"PCB-77": 9, "FAN-3": 9, "SEAL": 9})
        assert ahead == before
        left.remove(one)
        before.update(one.missing)
    assert left == []
