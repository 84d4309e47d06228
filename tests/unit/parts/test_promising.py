"""When a kit can be complete, from what is on order for nobody; how long a reservation may go on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.promising import Incoming, ready_at, renew
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


def test_a_reservation_is_renewed_as_often_as_the_policy_allows() -> None:
    until = START + timedelta(days=30)
    assert renew(START, renewals=1, allowed=2, until=until) == until
    assert renew(until, renewals=0, allowed=1, until=START) == until, "it never ends sooner"
    with pytest.raises(IllegalTransition, match="renewed_too_often"):
        renew(START, renewals=2, allowed=2, until=until)
    with pytest.raises(IllegalTransition, match="nothing_reserved"):
        renew(None, renewals=0, allowed=2, until=until)
