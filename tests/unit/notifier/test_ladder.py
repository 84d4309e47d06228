"""Climbing a ladder: whatever happens in whatever order, it ends, and nothing is sent after the end."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.ladder import (
    UNANSWERED,
    Acknowledged,
    AnswerDue,
    Begun,
    Climb,
    Delivered,
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
    st.builds(Delivered, numbers),
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
def test_nobody_else_is_told_and_nothing_is_waited_for_after_the_end(
    levels: tuple[Level, ...], story: list[Happening]
) -> None:
    has_ended = False
    for move in climbed(levels, story):
        if has_ended:
            assert move.commands in {(), (WithdrawUnsent(),)}
            assert move.deadlines == ()
        has_ended = has_ended or move.climb.state is not EscalationState.OPEN


@given(ladders, st.lists(happenings, max_size=20))
def test_every_reachable_state_ends_when_its_messages_arrive_and_its_deadlines_fire(
    levels: tuple[Level, ...], story: list[Happening]
) -> None:
    moves = climbed(levels, story)
    climb, due = moves[-1].climb, [move.deadlines for move in moves if move.deadlines][-1:]
    for _ in range(len(levels)):
        if climb.state is EscalationState.OPEN:
            due = due if climb.is_heard else [step(climb, Delivered(climb.level)).deadlines]
            [[deadline]] = due
            assert deadline.level == climb.level, "who is waited for is whoever was told last"
            climb = step(climb, Unanswered(deadline.level)).climb
    assert climb.state is not EscalationState.OPEN


@given(ladders, st.lists(happenings, max_size=20))
def test_a_level_is_waited_for_from_its_first_message_that_arrived_and_only_once(
    levels: tuple[Level, ...], story: list[Happening]
) -> None:
    moves = climbed(levels, story)
    waited = [deadline.level for move in moves for deadline in move.deadlines]
    assert len(waited) == len(set(waited))
    assert waited == [move.climb.level for move in moves if move.deadlines]


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
    assert withdrawals == (moves[-1].climb.state not in UNANSWERED), "an exhausted ladder loses no message"


@given(ladders, st.lists(happenings, max_size=20))
def test_the_end_says_what_ended_it(levels: tuple[Level, ...], story: list[Happening]) -> None:
    live = [move for move in climbed(levels, story) if move.climb.state in UNANSWERED]
    ends = [step(move.climb, happening) for move in live for happening in (Acknowledged(), Over())]
    states = {EscalationState.ACKNOWLEDGED, EscalationState.WITHDRAWN}
    assert {move.climb.state for move in ends} == (states if live else set())


def test_each_level_has_its_own_time() -> None:
    levels = (Level(role="a", answer_within=HOUR), Level(role="b", answer_within=2 * HOUR))
    first = step(Climb(levels=levels), Begun())
    assert first.deadlines == (), "nobody has heard of it yet"
    heard = step(first.climb, Delivered(1))
    assert heard.deadlines == (AnswerDue(level=1, within=HOUR),)
    second = step(step(heard.climb, Unanswered(1)).climb, Delivered(2))
    assert second.deadlines == (AnswerDue(level=2, within=2 * HOUR),)
    assert step(second.climb, Unanswered(2)).climb.state is EscalationState.EXHAUSTED


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
