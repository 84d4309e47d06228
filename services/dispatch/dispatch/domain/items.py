"""What was taken in from a customer (客户商品): which step leads where, and who inspects it (R303 to R309).

taken_in ──register──> registered ──repair──> repaired ──pass──> inspected ──hand_back──> returned
   └────────repair──────────┴────^               │ fail: to be repaired again                ^
                                 └───────────────┘                                           │
call_off: from every state before returned ──> to_return ────────────hand_back───────────────┘   as it is
"""

from enum import StrEnum
from types import MappingProxyType

from shared.actor import Actor
from shared.refusals import NotAllowed, Refusal
from shared.steps import Steps, follow


class ItemState(StrEnum):
    """`registered`: it stands in the in/out register and bears its repair card; `to_return`: goes back as it is."""

    TAKEN_IN = "taken_in"
    REGISTERED = "registered"
    REPAIRED = "repaired"
    INSPECTED = "inspected"
    TO_RETURN = "to_return"
    RETURNED = "returned"


class ItemStep(StrEnum):
    """What can be done with an item."""

    REGISTER = "register"
    REPAIR = "repair"
    PASS = "pass"  # noqa: S105  # an inspection, no password
    FAIL = "fail"
    CALL_OFF = "call_off"
    HAND_BACK = "hand_back"


_FROM: Steps[ItemState, ItemStep] = MappingProxyType(
    {
        ItemState.TAKEN_IN: {
            ItemStep.REGISTER: ItemState.REGISTERED,
            ItemStep.REPAIR: ItemState.REPAIRED,
            ItemStep.CALL_OFF: ItemState.TO_RETURN,
        },
        ItemState.REGISTERED: {ItemStep.REPAIR: ItemState.REPAIRED, ItemStep.CALL_OFF: ItemState.TO_RETURN},
        ItemState.REPAIRED: {
            ItemStep.PASS: ItemState.INSPECTED,
            ItemStep.FAIL: ItemState.REGISTERED,
            ItemStep.CALL_OFF: ItemState.TO_RETURN,
        },
        ItemState.INSPECTED: {ItemStep.HAND_BACK: ItemState.RETURNED, ItemStep.CALL_OFF: ItemState.TO_RETURN},
        ItemState.TO_RETURN: {ItemStep.HAND_BACK: ItemState.RETURNED},
        ItemState.RETURNED: {},
    }
)


def advance(state: ItemState, *, step: ItemStep) -> ItemState:
    """The state after the step. Raises IllegalTransition, which names the state and the steps that are possible."""
    return follow(_FROM, state=state, step=step, what="item")


def possible_steps(state: ItemState) -> tuple[ItemStep, ...]:
    """The steps that lead on from here."""
    return tuple(_FROM[state])


def check_inspector(actor: Actor, *, repaired_by: str | None, inspectors: tuple[str, ...]) -> None:
    """R306: raises NotAllowed for whoever has no such role, and for whoever repaired it himself."""
    if actor.role not in inspectors or actor.id == repaired_by:
        raise NotAllowed(
            "not_an_inspector",
            detail=f"{actor.role} {actor.id} may not inspect what {repaired_by} repaired",
            expected=f"somebody else, with one of the roles {', '.join(inspectors)}",
        )


def check_receipt(given: str, *, receipt: str) -> None:
    """R307: raises Refusal where the receipt that the customer gives back is not the one for this item."""
    if given.strip().upper() != receipt:
        raise Refusal(
            "wrong_receipt",
            detail=f"{given} is not the receipt that was made out for this item",
            expected="the number on the customer's own receipt, which is taken back and voided",
        )
