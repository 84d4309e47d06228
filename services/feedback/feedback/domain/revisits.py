"""The life of a revisit (回访): when the customer is called, called again, and given up.

planned ──fall due──> due ──complete──> completed      planned ──complete──> completed: he called himself
   ^                   │ └──miss, tries left──┐        withdraw: from planned and due, once nobody can be called
   └───────────────────┴──────────────────────┘        the last miss: completed, not reached
                                                       a miss counts from when he is to be called, not before
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from shared.refusals import IllegalTransition
from shared.steps import Steps, follow
from shared.working_time import Calendar


class RevisitState(StrEnum):
    """Where a revisit stands; `withdrawn`: the customer was erased before anybody called him."""

    PLANNED = "planned"
    DUE = "due"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class RevisitStep(StrEnum):
    """What can happen to a revisit."""

    FALL_DUE = "fall_due"
    MISS = "miss"
    GIVE_UP = "give_up"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"


class Outcome(StrEnum):
    """How a revisit ended (R358)."""

    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    NOT_REACHED = "not_reached"


_CALLED: dict[RevisitStep, RevisitState] = {
    RevisitStep.MISS: RevisitState.PLANNED,
    RevisitStep.GIVE_UP: RevisitState.COMPLETED,
    RevisitStep.COMPLETE: RevisitState.COMPLETED,
    RevisitStep.WITHDRAW: RevisitState.WITHDRAWN,
}
_FROM: Steps[RevisitState, RevisitStep] = MappingProxyType(
    {
        RevisitState.PLANNED: {RevisitStep.FALL_DUE: RevisitState.DUE, **_CALLED},
        RevisitState.DUE: _CALLED,
        RevisitState.COMPLETED: {},
        RevisitState.WITHDRAWN: {},
    }
)
OPEN = frozenset({RevisitState.PLANNED, RevisitState.DUE})
"""The states from which something can still happen."""


def possible_steps(state: RevisitState) -> tuple[RevisitStep, ...]:
    """The steps that lead on from here; none from where the revisit has ended."""
    return tuple(_FROM[state])


def advance(state: RevisitState, *, step: RevisitStep) -> RevisitState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="revisit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """From when the customer is to be called, and from when on nobody has called him in time; aware UTC."""

    due_at: datetime
    overdue_at: datetime

    def __post_init__(self) -> None:
        if self.overdue_at <= self.due_at:
            raise ValueError("overdue after due")


def earliest(times: Iterable[Times]) -> Times:
    """What holds where several rules ask for the same call: the strictest of each, so that no rule is broken."""
    asked = tuple(times)
    return Times(due_at=min(one.due_at for one in asked), overdue_at=min(one.overdue_at for one in asked))


def opening_of_working_day(since: datetime, *, days: int, calendar: Calendar) -> datetime:
    """When work begins on the n-th working day after the date of `since` (次日 is the first one)."""
    closes = calendar.end_of_working_day(since, days=days)
    on = closes.astimezone(calendar.time_zone).date()
    opening = [shift.opens for day in (on - timedelta(days=1), on) for shift in calendar.shifts_of(day)[:1]]
    return max(moment for moment in opening if moment < closes)


def require_due(due_at: datetime, *, now: datetime) -> None:
    """Nobody calls too early, or notes one call twice. Raises IllegalTransition, which says when to call."""
    if now < due_at:
        raise IllegalTransition(
            "revisit_not_due",
            detail=f"The customer is not to be called before {due_at.isoformat()}.",
            expected=f"a call that nobody answered, noted from {due_at.isoformat()} on",
        )


def is_last_attempt(attempt: int, *, attempts: int) -> bool:
    """Whether a customer who is not reached at this attempt, counted from 1, is given up."""
    return attempt >= attempts
