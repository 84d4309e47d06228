"""Visits: which step leads where, what may be agreed, and which windows are still free (R251).

agreed ──prepare──> prepared ──depart──> departed ──arrive──> arrived ──start──> started ──complete──> completed ─┐
  │ ^                  │                    │                    │                  │                             │
  │ └─────move─────────┘                    └──leave_unfinished──┴──────────────────┤───────────────> unfinished ─┤
  │                                                              └────take_in───────┴───────────────> taken_in ───┤
  └ a step may be skipped on the way there: whoever stands                                                     return
    before the unit has arrived                                                                                   v
release: until the visit has ended                  return without a report: back ──report──────────────────> returned
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from types import MappingProxyType

from shared.refusals import Refusal
from shared.steps import Steps, follow


class VisitState(StrEnum):
    """`back`: he is back and has not said how it ended; `returned`: back and said so; `released`: it fell through."""

    AGREED = "agreed"
    PREPARED = "prepared"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    STARTED = "started"
    COMPLETED = "completed"
    UNFINISHED = "unfinished"
    TAKEN_IN = "taken_in"
    BACK = "back"
    RETURNED = "returned"
    RELEASED = "released"


class VisitStep(StrEnum):
    """What can be done with a visit."""

    MOVE = "move"
    PREPARE = "prepare"
    DEPART = "depart"
    ARRIVE = "arrive"
    START = "start"
    COMPLETE = "complete"
    LEAVE_UNFINISHED = "leave_unfinished"
    TAKE_IN = "take_in"
    RETURN = "return"
    RELEASE = "release"


_FROM: Steps[VisitState, VisitStep] = MappingProxyType(
    {
        VisitState.AGREED: {
            VisitStep.MOVE: VisitState.AGREED,
            VisitStep.ARRIVE: VisitState.ARRIVED,
            VisitStep.RELEASE: VisitState.RELEASED,
            VisitStep.PREPARE: VisitState.PREPARED,
            VisitStep.DEPART: VisitState.DEPARTED,
        },
        VisitState.PREPARED: {
            VisitStep.MOVE: VisitState.AGREED,
            VisitStep.ARRIVE: VisitState.ARRIVED,
            VisitStep.RELEASE: VisitState.RELEASED,
            VisitStep.DEPART: VisitState.DEPARTED,
        },
        VisitState.DEPARTED: {
            VisitStep.ARRIVE: VisitState.ARRIVED,
            VisitStep.LEAVE_UNFINISHED: VisitState.UNFINISHED,
            VisitStep.RELEASE: VisitState.RELEASED,
        },
        VisitState.ARRIVED: {
            VisitStep.START: VisitState.STARTED,
            VisitStep.LEAVE_UNFINISHED: VisitState.UNFINISHED,
            VisitStep.TAKE_IN: VisitState.TAKEN_IN,
            VisitStep.RETURN: VisitState.BACK,
            VisitStep.RELEASE: VisitState.RELEASED,
        },
        VisitState.STARTED: {
            VisitStep.COMPLETE: VisitState.COMPLETED,
            VisitStep.LEAVE_UNFINISHED: VisitState.UNFINISHED,
            VisitStep.TAKE_IN: VisitState.TAKEN_IN,
            VisitStep.RETURN: VisitState.BACK,
            VisitStep.RELEASE: VisitState.RELEASED,
        },
        VisitState.COMPLETED: {VisitStep.RETURN: VisitState.RETURNED},
        VisitState.UNFINISHED: {VisitStep.RETURN: VisitState.RETURNED},
        VisitState.TAKEN_IN: {VisitStep.RETURN: VisitState.RETURNED},
        VisitState.BACK: {
            VisitStep.COMPLETE: VisitState.RETURNED,
            VisitStep.LEAVE_UNFINISHED: VisitState.RETURNED,
            VisitStep.TAKE_IN: VisitState.RETURNED,
            VisitStep.RELEASE: VisitState.RELEASED,
        },
        VisitState.RETURNED: {},
        VisitState.RELEASED: {},
    }
)

AHEAD = frozenset({VisitState.AGREED, VisitState.PREPARED})
"""Nobody has left for it yet: it can still be moved or withdrawn."""

EXPECTED = AHEAD | {VisitState.DEPARTED}
"""The customer expects him, and he is not there yet."""

OCCUPYING = AHEAD | {VisitState.DEPARTED, VisitState.ARRIVED, VisitState.STARTED}
"""Its window is the technician's; once the visit has ended he may agree another one for the same time."""

OUT = OCCUPYING - AHEAD | {VisitState.COMPLETED, VisitState.UNFINISHED, VisitState.TAKEN_IN}
"""He is out on repair and not yet back (R235)."""

OPEN = OCCUPYING | {VisitState.BACK}
"""It has not ended, or nobody has said how: its order waits for that."""


def possible_steps(state: VisitState) -> tuple[VisitStep, ...]:
    """The steps that lead on from here; none once everything is said about it."""
    return tuple(_FROM[state])


def advance(state: VisitState, *, step: VisitStep) -> VisitState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="visit")


def check_arrival(arrived_at: datetime, *, agreed_at: datetime, now: datetime) -> None:
    """Raises Refusal when he cannot have arrived then."""
    if not agreed_at <= arrived_at <= now:
        raise Refusal(
            "arrival_time",
            detail=f"arrived_at {arrived_at.isoformat()} is not between the agreement and now",
            expected=f"from {agreed_at.isoformat()} to {now.isoformat()}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `starts_at` until before `ends_at`, aware UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def overlaps(self, other: "Window") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%MZ}/{self.ends_at:%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTerms:
    """What the policy allows: shortest, longest, how far ahead, and the grid on which free windows are proposed."""

    shortest: timedelta
    longest: timedelta
    furthest: timedelta
    grid: timedelta


def check_window(window: Window, *, agreed_at: datetime, now: datetime, terms: WindowTerms) -> None:
    """Raises Refusal when the window cannot have been agreed, or is not one that the policy allows (R251)."""
    problems = (
        (
            agreed_at > now,
            "not_agreed_yet",
            f"agreed_at {agreed_at.isoformat()} lies in the future",
            "the time at which the customer agreed, not later than now",
        ),
        (
            window.starts_at >= window.ends_at,
            "window_upside_down",
            "the window ends before it starts",
            "starts_at before ends_at",
        ),
        (
            not terms.shortest <= window.length <= terms.longest,
            "window_length",
            f"the window is {window.length} long",
            f"between {terms.shortest} and {terms.longest}",
        ),
        (
            window.ends_at <= now or window.starts_at < agreed_at,
            "window_passed",
            f"the window {window} has passed or starts before it was agreed",
            f"a window that starts after it was agreed and ends after {now.isoformat()}",
        ),
        (
            window.starts_at > now + terms.furthest,
            "window_too_far",
            f"the window {window} is too far ahead",
            f"a start not later than {(now + terms.furthest).isoformat()}",
        ),
    )
    for holds, code, detail, expected in problems:
        if holds:
            raise Refusal(code, detail=detail, expected=expected)


def free_windows(
    busy: Iterable[Window],
    *,
    length: timedelta,
    after: datetime,
    is_working: Callable[[Window], bool],
    terms: WindowTerms,
    count: int,
) -> tuple[Window, ...]:
    """The next `count` windows of this length on the policy's grid that lie in working time and touch nothing busy."""
    taken = tuple(busy)

    def candidates() -> Iterator[Window]:
        start = _next_on_grid(after, grid=terms.grid)
        while start <= after + terms.furthest:
            window = Window(starts_at=start, ends_at=start + length)
            if is_working(window) and not any(window.overlaps(other) for other in taken):
                yield window
                start = _next_on_grid(window.ends_at, grid=terms.grid)
            else:
                start += terms.grid

    return tuple(islice(candidates(), count))


def _next_on_grid(instant: datetime, *, grid: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch - ((epoch - instant) // grid) * grid
