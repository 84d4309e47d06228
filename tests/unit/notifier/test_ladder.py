"""Climbing a ladder: whatever happens in whatever order, it ends, and nothing is sent after the end."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.ladder import (
    Acknowledged,
    AnswerDue,
    Begun,
    Climb,
    EscalationState,
    Happening,
    Level,
    Move,
    Over,
    Tell,
    Unanswered,
    Unreachable,
    WithdrawUnsent,
    step,
)

HOUR = timedelta(hours=1)
ROLES = ("cs_supervisor", "aftersales_director", "general_manager", "marketing_vp")

ladders = st.integers(1, 4).map(lambda size: tuple(Level(role=role, answer_within=HOUR) for role in ROLES[:size]))
numbers = st.integers(0, 5)
happenings: st.SearchStrategy[Happening] = st.one_of(
    st.builds(Begun),
    st.builds(Unanswered, numbers),
    st.builds(Unreachable, numbers),
    st.builds(Acknowledged),
    st.builds(Over),
)


def climbed(levels: tuple[Level, ...], story: Sequence[Happening]) -> list[Move]:
    """Every move of a story that begins with the escalation."""
    moves = [step(Climb(levels=levels), Begun())]
    for happening in story:
        moves.append(step(moves[-1].climb, happening))
    return moves


@given(ladders, st.lists(happenings, max_size=20))
def test_nothing_is_told_and_nothing_is_waited_for_after_the_end(
    levels: tuple[Level, ...], story: list[Happening]
) -> None:
    has_ended = False
    for move in climbed(levels, story):
        if has_ended:
            assert move.commands == ()
            assert move.deadlines == ()
        has_ended = has_ended or move.climb.state is not EscalationState.OPEN


@given(ladders, st.lists(happenings, max_size=20))
def test_every_reachable_state_ends_when_its_deadlines_fire(levels: tuple[Level, ...], story: list[Happening]) -> None:
    moves = climbed(levels, story)
    climb, due = moves[-1].climb, next(move.deadlines for move in reversed(moves) if move.deadlines)
    for _ in range(len(levels) + 1):
        if climb.state is EscalationState.OPEN:
            [deadline] = due
            assert deadline.level == climb.level, "who is waited for is whoever was told last"
            move = step(climb, Unanswered(deadline.level))
            climb, due = move.climb, move.deadlines or due
    assert climb.state is not EscalationState.OPEN


@given(ladders, st.lists(happenings, max_size=20))
def test_every_level_is_told_once_in_order_and_the_unsent_is_withdrawn_once(
    levels: tuple[Level, ...], story: list[Happening]
) -> None:
    moves = climbed(levels, story)
    told = [command for move in moves for command in move.commands if isinstance(command, Tell)]
    assert [(one.level, one.role) for one in told] == [
        (number, level.role) for number, level in enumerate(levels[: moves[-1].climb.level], 1)
    ]
    withdrawals = sum(isinstance(command, WithdrawUnsent) for move in moves for command in move.commands)
    assert withdrawals == (moves[-1].climb.state is not EscalationState.OPEN)


@given(ladders, st.lists(happenings, max_size=20))
def test_the_end_says_what_ended_it(levels: tuple[Level, ...], story: list[Happening]) -> None:
    open_moves = [move for move in climbed(levels, story) if move.climb.state is EscalationState.OPEN]
    ends = [step(move.climb, happening) for move in open_moves for happening in (Acknowledged(), Over())]
    states = {EscalationState.ACKNOWLEDGED, EscalationState.WITHDRAWN}
    assert {move.climb.state for move in ends} == (states if open_moves else set())


def test_each_level_has_its_own_time() -> None:
    levels = (Level(role="a", answer_within=HOUR), Level(role="b", answer_within=2 * HOUR))
    first = step(Climb(levels=levels), Begun())
    assert first.deadlines == (AnswerDue(level=1, within=HOUR),)
    second = step(first.climb, Unanswered(1))
    assert second.deadlines == (AnswerDue(level=2, within=2 * HOUR),)
    assert step(second.climb, Unanswered(2)).climb.state is EscalationState.EXHAUSTED


@pytest.mark.rule("R244")
def test_whoever_cannot_be_reached_is_passed_and_nobody_twice() -> None:
    levels = (Level(role="a", answer_within=HOUR), Level(role="b", answer_within=HOUR))
    first = step(Climb(levels=levels), Begun()).climb
    second = step(first, Unreachable(1)).climb
    assert second.level == 2
    assert step(second, Unreachable(1)) == Move(second)
    assert step(second, Unanswered(1)) == Move(second)


def test_who_was_told_so_far_may_answer() -> None:
    levels = (Level(role="a", answer_within=HOUR), Level(role="b", answer_within=HOUR))
    first = step(Climb(levels=levels), Begun()).climb
    assert first.roles_told == {"a"}
    assert (first.level_of("a"), first.level_of("b")) == (1, None)
