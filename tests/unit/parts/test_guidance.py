"""Which texts are told where."""

import pytest

from parts.domain.guidance import GuidancePlace, next_places
from parts.domain.supply_words import RequestState
from parts.policy import PartsPolicy
from parts.policy.guidance import told_at
from shared.policy import load_policy
from testkit.suite import policy_file


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (RequestState.SHORT, GuidancePlace.ORDERING),
        (RequestState.RESERVED, GuidancePlace.ISSUING),
        (RequestState.ISSUED, GuidancePlace.RETURNING),
        (RequestState.OWED, GuidancePlace.RETURNING),
    ],
)
def test_a_request_concerns_what_is_done_next_with_it(state: RequestState, place: GuidancePlace) -> None:
    assert next_places(state) == {place}


def test_a_request_that_is_over_concerns_nothing() -> None:
    over = {RequestState.SETTLED, RequestState.RELEASED, RequestState.EXPIRED, RequestState.UNAVAILABLE}
    assert {next_places(state) for state in over} == {frozenset()}


def test_a_text_is_told_once_wherever_it_belongs() -> None:
    guidance = load_policy(PartsPolicy, policy_file("parts", profile="standard")).policy.guidance
    everywhere = told_at(guidance, places=list(GuidancePlace))
    assert [one.rule for one in everywhere] == ["R007", "R200", "R296", "R334", "R336"]
    assert told_at(guidance, places=[]) == []
