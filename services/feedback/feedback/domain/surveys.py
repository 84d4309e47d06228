"""The life of a survey (客户意见调查卡): planned, sent, answered once or run out.

planned ──send──> sent ──answer──> answered
   │               ├────expire───> expired
   └───withdraw────┴─────────────> withdrawn     the customer was erased
"""

from enum import StrEnum
from types import MappingProxyType

from shared.steps import Steps, follow


class SurveyState(StrEnum):
    """Where a survey stands."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SurveyStep(StrEnum):
    """What can happen to a survey."""

    SEND = "send"
    ANSWER = "answer"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


_FROM: Steps[SurveyState, SurveyStep] = MappingProxyType(
    {
        SurveyState.PLANNED: {SurveyStep.SEND: SurveyState.SENT, SurveyStep.WITHDRAW: SurveyState.WITHDRAWN},
        SurveyState.SENT: {
            SurveyStep.ANSWER: SurveyState.ANSWERED,
            SurveyStep.EXPIRE: SurveyState.EXPIRED,
            SurveyStep.WITHDRAW: SurveyState.WITHDRAWN,
        },
        SurveyState.ANSWERED: {},
        SurveyState.EXPIRED: {},
        SurveyState.WITHDRAWN: {},
    }
)
OPEN = frozenset({SurveyState.PLANNED, SurveyState.SENT})
"""The states from which something can still happen."""


def possible_steps(state: SurveyState) -> tuple[SurveyStep, ...]:
    """The steps that lead on from here; none from where the survey has ended."""
    return tuple(_FROM[state])


def advance(state: SurveyState, *, step: SurveyStep) -> SurveyState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="survey")
