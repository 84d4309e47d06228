"""The life of a work order (维修单): which step leads where, and how urgent it is.

waiting ──offer──> offered ──accept──> assigned ──schedule──> scheduled ──arrive──> arrived
   │  ^               │
   │  └────decline────┘          wait: nobody fits, still waiting; cancel: from every state but cancelled
"""

from enum import StrEnum
from types import MappingProxyType

from dispatch.domain.steps import Steps, follow


class WorkOrderState(StrEnum):
    """Where a work order stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    SCHEDULED = "scheduled"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can be done with a work order."""

    WAIT = "wait"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    SCHEDULE = "schedule"
    RESCHEDULE = "reschedule"
    ARRIVE = "arrive"
    CANCEL = "cancel"


_FROM: Steps[WorkOrderState, Step] = MappingProxyType(
    {
        WorkOrderState.WAITING: {
            Step.WAIT: WorkOrderState.WAITING,
            Step.OFFER: WorkOrderState.OFFERED,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.OFFERED: {
            Step.ACCEPT: WorkOrderState.ASSIGNED,
            Step.DECLINE: WorkOrderState.WAITING,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.ASSIGNED: {
            Step.SCHEDULE: WorkOrderState.SCHEDULED,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.SCHEDULED: {
            Step.RESCHEDULE: WorkOrderState.SCHEDULED,
            Step.ARRIVE: WorkOrderState.ARRIVED,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.ARRIVED: {Step.CANCEL: WorkOrderState.CANCELLED},
        WorkOrderState.CANCELLED: {},
    }
)


def possible_steps(state: WorkOrderState) -> tuple[Step, ...]:
    """The steps that lead on from here; none from where the order has ended."""
    return tuple(_FROM[state])


def advance(state: WorkOrderState, *, step: Step) -> WorkOrderState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="work order")


def priority(*, urgency_weight: int, failures: int, weight_per_failure: int) -> int:
    """How far up an order stands among those that wait: by urgency, higher each time nobody fitted (R236, R242)."""
    return urgency_weight + failures * weight_per_failure
