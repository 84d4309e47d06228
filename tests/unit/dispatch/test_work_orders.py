"""The life of a work order: legal steps lead on, all others are refused and say what would be possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.work_orders import ENDED, Step, WorkOrderState, advance, possible_steps, priority
from shared.refusals import IllegalTransition


def test_the_way_of_an_order_that_is_refused_once_and_then_visited() -> None:
    state = WorkOrderState.WAITING
    way = (Step.OFFER, Step.DECLINE, Step.WAIT, Step.OFFER, Step.ACCEPT, Step.SCHEDULE, Step.RESCHEDULE, Step.ARRIVE)
    for step in way:
        state = advance(state, step=step)
    assert state is WorkOrderState.ARRIVED


@pytest.mark.parametrize("state", sorted(set(WorkOrderState) - ENDED))
def test_an_order_can_be_cancelled_until_the_repair_is_done(state: WorkOrderState) -> None:
    assert advance(state, step=Step.CANCEL) is WorkOrderState.CANCELLED


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_is_repaired_is_not_called_off_any_more(state: WorkOrderState) -> None:
    assert Step.CANCEL not in possible_steps(state)


@pytest.mark.rule("R260")
def test_nothing_but_the_customers_signature_follows_the_completion() -> None:
    assert possible_steps(WorkOrderState.COMPLETED) == (Step.SIGN_OFF,)


@given(st.sampled_from(WorkOrderState), st.sampled_from(Step))
def test_an_illegal_step_is_refused_with_the_steps_that_are_possible(state: WorkOrderState, step: Step) -> None:
    if step in possible_steps(state):
        advance(state, step=step)
        return
    with pytest.raises(IllegalTransition) as refused:
        advance(state, step=step)
    assert str(state) in refused.value.detail
    assert all(possible in refused.value.expected for possible in possible_steps(state))


def test_a_visit_is_agreed_only_for_an_order_that_somebody_accepted() -> None:
    with pytest.raises(IllegalTransition):
        advance(WorkOrderState.OFFERED, step=Step.SCHEDULE)


@given(st.integers(0, 1000), st.integers(0, 20))
def test_priority_climbs_each_time_nobody_fitted(weight: int, failures: int) -> None:
    now = priority(urgency_weight=weight, failures=failures, weight_per_failure=10)
    assert priority(urgency_weight=weight, failures=failures + 1, weight_per_failure=10) > now
