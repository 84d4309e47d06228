"""Steps from state to state: one table, and one refusal that says what would be possible."""

from collections.abc import Mapping
from enum import StrEnum

from shared.refusals import IllegalTransition

type Steps[State: StrEnum, Step: StrEnum] = Mapping[State, Mapping[Step, State]]


def follow[State: StrEnum, Step: StrEnum](steps: Steps[State, Step], *, state: State, step: Step, what: str) -> State:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible.

    `what` names the thing, for instance `work order`.
    """
    after = steps[state].get(step)
    if after is None:
        possible = ", ".join(steps[state])
        raise IllegalTransition(
            f"{what.replace(' ', '_')}_{state}",
            detail=f"the {what} is {state}: {step} is not possible",
            expected=f"one of: {possible}" if possible else "nothing more: it has ended",
        )
    return after
