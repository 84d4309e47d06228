"""When a kit can be complete, from what is on order for nobody; how long a reservation may go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.promising import Incoming, days_in_turn, ready_at, renew
from parts.domain.serving import Waiting, in_turn
from shared.contracts.facts import Urgency
from shared.refusals import IllegalTransition
from support.case_events import START

CODES = ("PCB-77", "FAN-3")
PIECES = st.dictionaries(st.sampled_from(CODES), st.integers(1, 5), min_size=1)
ARRIVALS = st.lists(
    st.builds(
        lambda code, pieces, hours: Incoming(part_code=code, pieces=pieces, expected_at=START + timedelta(hours=hours)),
        st.sampled_from(CODES),
        st.integers(1, 5),
        st.integers(-2, 9),
    ),
    max_size=6,
)


@pytest.mark.rule("R327")
@given(PIECES, ARRIVALS, *[st.dictionaries(st.sampled_from(CODES), st.integers(0, 3))] * 2)
def test_the_day_that_is_promised_is_the_first_on_which_the_whole_kit_has_come(
    missing: dict[str, int], incoming: list[Incoming], ahead: dict[str, int], free: dict[str, int]
) -> None:
    def complete(hour: int) -> bool:
        by_then = [one for one in incoming if START < one.expected_at <= START + timedelta(hours=hour)]
        return all(
            sum(one.pieces for one in by_then if one.part_code == code) + free.get(code, 0)
            >= pieces + ahead.get(code, 0)
            for code, pieces in missing.items()
        )

    first = next((START + timedelta(hours=hour) for hour in range(10) if complete(hour)), None)
    assert ready_at(missing, incoming=incoming, ahead=ahead, free=free, now=START) == first


INSTANTS = st.integers(-2, 9).map(lambda hours: START + timedelta(hours=hours))


def served(queue: Sequence[Waiting], *, for_nobody: Sequence[datetime]) -> dict[UUID, datetime]:
    """When each who waits for one piece has it, where all that is to come comes on its day and the past stays away."""
    own = [(one.own_at, one) for one in queue if one.own_at is not None]
    left, days = list(queue), dict[UUID, datetime]()
    for at, holder in sorted([*own, *((at, None) for at in for_nobody)], key=lambda one: one[0]):
        if at > START and left:
            taker = holder if holder is not None and holder in left else left[0]
            left.remove(taker)
            days[taker.request_id] = at
    return days


@pytest.mark.rule("R327", "R143")
@given(st.lists(st.none() | INSTANTS, max_size=5), st.lists(INSTANTS, max_size=5))
def test_who_waits_is_promised_the_day_on_which_his_turn_comes_and_never_one_before_it(
    own: list[datetime | None], for_nobody: list[datetime]
) -> None:
    queue = [
        Waiting(
            request_id=UUID(int=number),
            urgency=Urgency.NORMAL,
            requested_at=START + timedelta(minutes=number),
            missing={"PCB-77": 1},
            own_at=own_at,
        )
        for number, own_at in enumerate(own)
    ]
    incoming = [Incoming(part_code="PCB-77", pieces=1, expected_at=at) for at in for_nobody]
    days = days_in_turn(in_turn(queue), incoming=incoming, free={}, now=START)
    has_it = served(queue, for_nobody=for_nobody)
    for one in queue:
        if one.own_at is not None and one.own_at > START:
            assert days[one.request_id] == one.own_at >= has_it[one.request_id], "his own order counts for him"
        else:
            assert days[one.request_id] == has_it.get(one.request_id)


def test_a_reservation_is_renewed_as_often_as_the_policy_allows() -> None:
    until = START + timedelta(days=30)
    assert renew(START, renewals=1, allowed=2, until=until) == until
    assert renew(until, renewals=0, allowed=1, until=START) == until, "it never ends sooner"
    with pytest.raises(IllegalTransition, match="renewed_too_often"):
        renew(START, renewals=2, allowed=2, until=until)
    with pytest.raises(IllegalTransition, match="nothing_reserved"):
        renew(None, renewals=0, allowed=2, until=until)
