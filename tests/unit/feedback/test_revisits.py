"""The life of a revisit and its times: no call comes early, none is forgotten, every way ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.revisits import (
    OPEN,
    RevisitState,
    RevisitStep,
    Times,
    advance,
    earliest,
    is_last_attempt,
    possible_steps,
)
from feedback.policy import FeedbackPolicy, Occasion
from shared.policy import load_policy
from shared.refusals import IllegalTransition

POLICY = load_policy(FeedbackPolicy, Path(__file__).parents[3] / "deploy/policies/standard/feedback.toml").policy
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(RevisitState), st.sampled_from(RevisitStep))
def test_an_illegal_step_is_refused_with_the_steps_that_are_possible(state: RevisitState, step: RevisitStep) -> None:
    if step in possible_steps(state):
        advance(state, step=step)
        return
    with pytest.raises(IllegalTransition) as refused:
        advance(state, step=step)
    assert str(state) in refused.value.detail
    assert all(possible in refused.value.expected for possible in possible_steps(state))


@given(st.lists(st.sampled_from(RevisitStep), max_size=12))
def test_from_every_state_that_can_be_reached_the_call_can_be_made_or_withdrawn(steps: list[RevisitStep]) -> None:
    state = RevisitState.PLANNED
    for step in steps:
        if step in possible_steps(state):
            state = advance(state, step=step)
    if state in OPEN:
        assert advance(state, step=RevisitStep.COMPLETE) is RevisitState.COMPLETED
        assert advance(state, step=RevisitStep.WITHDRAW) is RevisitState.WITHDRAWN
    else:
        assert possible_steps(state) == ()


@given(st.integers(1, 20))
def test_who_never_answers_is_called_as_often_as_the_policy_says(attempts: int) -> None:
    assert [is_last_attempt(number, attempts=attempts) for number in range(1, attempts + 1)] == [
        *([False] * (attempts - 1)),
        True,
    ]


@pytest.mark.rule("R361")
@given(MOMENTS)
def test_after_a_signature_the_call_is_due_when_work_begins_on_the_next_working_day(moment: datetime) -> None:
    times = POLICY.call_times([(Occasion.SIGNED_OFF, moment)])
    assert times is not None
    hours = POLICY.calling_hours
    day, since = (instant.astimezone(hours.time_zone).date() for instant in (times.due_at, moment))
    between = [since + timedelta(days=number) for number in range(1, (day - since).days)]
    assert day > since
    assert hours.shifts_of(day)[0].opens == times.due_at
    assert hours.shifts_of(day)[-1].closes == times.overdue_at
    assert not any(hours.shifts_of(one) for one in between)


@pytest.mark.rule("R360")
@given(MOMENTS)
def test_after_a_return_the_limit_is_three_days_or_the_first_day_on_which_anybody_works(moment: datetime) -> None:
    times = POLICY.call_times([(Occasion.ITEM_RETURNED, moment)])
    assert times is not None
    limit = moment + timedelta(days=3)
    if limit > times.due_at:
        assert times.overdue_at == limit
    else:
        assert times.overdue_at == POLICY.calling_hours.end_of_working_day(moment, days=1)


@given(st.lists(st.tuples(st.sampled_from(Occasion), MOMENTS), max_size=4))
def test_the_order_in_which_occasions_are_heard_of_makes_no_difference(
    occasions: list[tuple[Occasion, datetime]],
) -> None:
    times = POLICY.call_times(occasions)
    assert times == POLICY.call_times(occasions[::-1])
    assert (times is None) is (occasions == [])


@given(MOMENTS, st.lists(st.integers(0, 1000), min_size=1))
def test_of_several_times_the_earliest_hold(moment: datetime, hours: list[int]) -> None:
    asked = [
        Times(due_at=moment + timedelta(hours=hour), overdue_at=moment + timedelta(hours=hour + 1)) for hour in hours
    ]
    assert earliest(asked) == asked[hours.index(min(hours))]


@given(MOMENTS)
def test_a_further_call_comes_in_working_time_and_is_overdue_after_it(now: datetime) -> None:
    times, retry = POLICY.retry_times(now), POLICY.revisits.retry
    assert POLICY.calling_hours.between(now, times.due_at) == retry.after
    assert POLICY.calling_hours.between(times.due_at, times.overdue_at) == retry.within


def test_a_call_that_is_overdue_before_it_is_due_makes_no_sense() -> None:
    moment = datetime(2040, 3, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="overdue after due"):
        Times(due_at=moment, overdue_at=moment)
