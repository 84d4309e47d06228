"""One call out of pushes in any order and any number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.calls import CallEvent, CallEventKind, CallState, call_of

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def told(kind: CallEventKind, key: str = "", **parts: object) -> CallEvent:
    facts: dict[str, object] = {"direction": "in", "occurred_at": NOON} | parts
    return CallEvent(key=key or kind.value, kind=kind, **facts)  # type: ignore[arg-type]


RINGS = told(CallEventKind.RINGING, caller="13800138000", called="95598")
ANSWER = told(CallEventKind.ANSWERED, agents=("li",), occurred_at=NOON + timedelta(seconds=9))
HANGS_UP = told(
    CallEventKind.ENDED, cause="normalClearing", outcome="answered", occurred_at=NOON + timedelta(minutes=3)
)
SWEPT = told(CallEventKind.ENDED, key="sweeper", swept=True, occurred_at=NOON + timedelta(hours=4))

EVENTS = st.builds(
    CallEvent,
    key=st.sampled_from("abcdefgh"),
    kind=st.sampled_from(CallEventKind),
    direction=st.sampled_from(["in", "out"]),
    occurred_at=st.integers(0, 10_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    caller=st.sampled_from(["", "13800138000", "95598"]),
    called=st.sampled_from(["", "4008", "4009"]),
    queue=st.sampled_from(["", "repairs"]),
    agents=st.lists(st.sampled_from(["li", "wang"]), max_size=2).map(tuple),
    cause=st.sampled_from(["", "busy"]),
    outcome=st.sampled_from(["answered", "missed", "failed", "unknown"]),
    sequence=st.none() | st.integers(0, 5),
    swept=st.booleans(),
)


type Story = tuple[list[CallEvent], list[CallEvent], list[CallEvent]]


@settings(max_examples=150)
@given(st.lists(EVENTS, min_size=1, max_size=7, unique_by=lambda event: event.key).flatmap(lambda events: st.tuples(
    st.permutations(events), st.lists(st.sampled_from(events), max_size=5), st.just(events)
)))  # fmt: skip
def test_neither_order_nor_repetition_changes_a_call(
    story: tuple[list[CallEvent], list[CallEvent], list[CallEvent]],
) -> None:
    shuffled, repeated, straight = story
    assert call_of([*repeated, *shuffled, *repeated]) == call_of(straight)


@settings(max_examples=100)
@given(st.lists(EVENTS, min_size=1, max_size=7, unique_by=lambda event: event.key), EVENTS)
def test_a_further_event_never_lowers_a_call_or_blanks_it(events: list[CallEvent], late: CallEvent) -> None:
    before, after = call_of(events), call_of([late, *events])
    assert after.state >= before.state
    for part in ("caller", "called", "queue", "agents", "outcome", "ended_at"):
        assert getattr(after, part) or not getattr(before, part)


@settings(max_examples=100)
@given(st.lists(EVENTS, min_size=1, max_size=7))
def test_times_never_run_backwards(events: list[CallEvent]) -> None:
    call = call_of(events)
    moments = [moment for moment in (call.started_at, call.answered_at, call.ended_at) if moment]
    assert moments == sorted(moments)


def test_a_whole_call_is_complete() -> None:
    call = call_of([HANGS_UP, ANSWER, RINGS])
    assert call.state is CallState.ENDED
    assert (call.customer, call.called, call.agents, call.outcome) == ("13800138000", "95598", ("li",), "answered")
    assert (call.started_at, call.answered_at, call.ended_at) == (
        NOON,
        NOON + timedelta(seconds=9),
        NOON + timedelta(minutes=3),
    )


def test_an_answer_that_comes_after_the_end_fills_the_agent_and_leaves_the_call_ended() -> None:
    call = call_of([HANGS_UP, told(CallEventKind.ANSWERED, agents=("li",), occurred_at=NOON + timedelta(hours=1))])
    assert (call.state, call.agents, call.answered_at) == (CallState.ENDED, ("li",), call.ended_at)


def test_a_transferred_call_goes_on() -> None:
    call = call_of([RINGS, told(CallEventKind.TRANSFERRED)])
    assert (call.state, call.ended_at) == (CallState.QUEUED, None)


def test_a_call_known_only_from_key_presses_is_a_stub() -> None:
    assert call_of([told(CallEventKind.DATA)]).state is CallState.STUB


def test_what_the_exchange_says_weighs_more_than_the_end_that_the_sweeper_put() -> None:
    assert call_of([RINGS, SWEPT]).outcome == "unknown"
    assert call_of([RINGS, SWEPT, HANGS_UP]) == call_of([RINGS, HANGS_UP])


@pytest.mark.parametrize(
    ("outcomes", "expected"), [(["missed"], "missed"), (["failed", "missed"], "missed"), (["unknown"], "unknown")]
)
def test_where_ends_disagree_the_better_outcome_counts(outcomes: list[str], expected: str) -> None:
    ends = [told(CallEventKind.ENDED, key=str(place), outcome=said) for place, said in enumerate(outcomes)]
    assert call_of(ends).outcome == expected


def test_an_outgoing_call_has_its_customer_at_the_other_end() -> None:
    call = call_of([told(CallEventKind.RINGING, direction="out", caller="95598", called="13800138000")])
    assert call.customer == "13800138000"
