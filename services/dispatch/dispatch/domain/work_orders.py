"""The life of a work order (维修单): which step leads where, and how urgent it is.

waiting ──offer──> offered ──accept──> assigned ──schedule──> scheduled ──arrive──> arrived ──complete──> completed
   │  ^               │                  ^  ^                     │ │                 │ │                    │
   │  └────decline────┘                  │  └──withdraw───────────┘ │                 │ │                 sign_off
   │                                     └────carry_over────────────┴─────────────────┘ │                    │
   │                                                                                    │                    v
   └ wait: nobody fits, still waiting               in_workshop <──────take_in──────────┘               signed_off
                                                         └──────────hand_back─────────────────────────────^

requeue: as carry_over, to whoever's turn it is (waiting)
cancel:  from every state before completed; what was done already stays done
"""

from enum import StrEnum
from types import MappingProxyType

from shared.steps import Steps, follow


class WorkOrderState(StrEnum):
    """Where a work order stands. It ends signed off by the customer or cancelled."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    SCHEDULED = "scheduled"
    ARRIVED = "arrived"
    IN_WORKSHOP = "in_workshop"
    COMPLETED = "completed"
    SIGNED_OFF = "signed_off"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can be done with a work order."""

    WAIT = "wait"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    SCHEDULE = "schedule"
    RESCHEDULE = "reschedule"
    WITHDRAW = "withdraw"
    ARRIVE = "arrive"
    CARRY_OVER = "carry_over"
    REQUEUE = "requeue"
    TAKE_IN = "take_in"
    HAND_BACK = "hand_back"
    COMPLETE = "complete"
    SIGN_OFF = "sign_off"
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
            Step.WITHDRAW: WorkOrderState.ASSIGNED,
            Step.CARRY_OVER: WorkOrderState.ASSIGNED,
            Step.REQUEUE: WorkOrderState.WAITING,
        },
        WorkOrderState.ARRIVED: {
            Step.COMPLETE: WorkOrderState.COMPLETED,
            Step.CARRY_OVER: WorkOrderState.ASSIGNED,
            Step.REQUEUE: WorkOrderState.WAITING,
            Step.TAKE_IN: WorkOrderState.IN_WORKSHOP,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.IN_WORKSHOP: {
            Step.HAND_BACK: WorkOrderState.SIGNED_OFF,
            Step.CANCEL: WorkOrderState.CANCELLED,
        },
        WorkOrderState.COMPLETED: {Step.SIGN_OFF: WorkOrderState.SIGNED_OFF},
        WorkOrderState.SIGNED_OFF: {},
        WorkOrderState.CANCELLED: {},
    }
)

ENDED = frozenset({WorkOrderState.COMPLETED, WorkOrderState.SIGNED_OFF, WorkOrderState.CANCELLED})
"""Nothing more is repaired, and nothing can be called off."""


def possible_steps(state: WorkOrderState) -> tuple[Step, ...]:
    """The steps that lead on from here; none from where the order has ended."""
    return tuple(_FROM[state])


def advance(state: WorkOrderState, *, step: Step) -> WorkOrderState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="work order")


def priority(*, urgency_weight: int, failures: int, weight_per_failure: int) -> int:
    """How far up an order stands among those that wait: by urgency, higher each time nobody fitted (R236, R242)."""
    return urgency_weight + failures * weight_per_failure
