"""An order with its visit and what was taken in: every state that can be reached ends arranged or compensated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from dispatch.domain import items, visits, work_orders
from dispatch.domain.items import ItemState, ItemStep
from dispatch.domain.visits import VisitState, VisitStep
from dispatch.domain.work_orders import ENDED, Step, WorkOrderState
from shared.refusals import IllegalTransition


@dataclass(frozen=True, slots=True)
class Order:
    """What stands where: the last visit, and the item that was taken in, where there is one."""

    order: WorkOrderState = WorkOrderState.WAITING
    visit: VisitState | None = None
    item: ItemState | None = None

    @property
    def is_over(self) -> bool:
        """Repaired and signed for, or called off with the item given back and no visit left open."""
        return (
            self.order in {WorkOrderState.SIGNED_OFF, WorkOrderState.CANCELLED}
            and self.item in {None, ItemState.RETURNED}
            and self.visit not in visits.OPEN
        )


type Move = Callable[[Order], Order]


def of_order(step: Step) -> Move:
    return lambda one: replace(one, order=work_orders.advance(one.order, step=step))


def of_visit(step: VisitStep, *, order: Step | None = None) -> Move:
    def move(one: Order) -> Order:
        if one.visit is None:
            raise IllegalTransition("no_visit", detail="", expected="")
        after = replace(one, visit=visits.advance(one.visit, step=step))
        return after if order is None else of_order(order)(after)

    return move


def of_item(step: ItemStep) -> Move:
    def move(one: Order) -> Order:
        if one.item is None:
            raise IllegalTransition("no_item", detail="", expected="")
        return replace(one, item=items.advance(one.item, step=step))

    return move


def schedule(one: Order) -> Order:
    return replace(of_order(Step.SCHEDULE)(one), visit=VisitState.AGREED)


def take_in(one: Order) -> Order:
    return replace(of_visit(VisitStep.TAKE_IN, order=Step.TAKE_IN)(one), item=ItemState.TAKEN_IN)


def hand_back(one: Order) -> Order:
    """What was inspected ends its order; what was called off goes back as it is."""
    after = of_item(ItemStep.HAND_BACK)(one)
    return of_order(Step.HAND_BACK)(after) if one.item is ItemState.INSPECTED else after


def cancel(one: Order) -> Order:
    after = of_order(Step.CANCEL)(one)
    if after.visit in visits.OPEN:
        after = of_visit(VisitStep.RELEASE)(after)
    return of_item(ItemStep.CALL_OFF)(after) if after.item is not None else after


MOVES: dict[str, Move] = {
    "wait": of_order(Step.WAIT),
    "offer": of_order(Step.OFFER),
    "accept": of_order(Step.ACCEPT),
    "decline": of_order(Step.DECLINE),
    "schedule": schedule,
    "move": of_visit(VisitStep.MOVE, order=Step.RESCHEDULE),
    "withdraw": of_visit(VisitStep.RELEASE, order=Step.WITHDRAW),
    "prepare": of_visit(VisitStep.PREPARE),
    "depart": of_visit(VisitStep.DEPART),
    "arrive": of_visit(VisitStep.ARRIVE, order=Step.ARRIVE),
    "start": of_visit(VisitStep.START),
    "come back": of_visit(VisitStep.RETURN),
    "carry over": of_visit(VisitStep.LEAVE_UNFINISHED, order=Step.CARRY_OVER),
    "requeue": of_visit(VisitStep.LEAVE_UNFINISHED, order=Step.REQUEUE),
    "complete": of_visit(VisitStep.COMPLETE, order=Step.COMPLETE),
    "sign off": of_order(Step.SIGN_OFF),
    "take in": take_in,
    "register": of_item(ItemStep.REGISTER),
    "repair": of_item(ItemStep.REPAIR),
    "pass": of_item(ItemStep.PASS),
    "fail": of_item(ItemStep.FAIL),
    "hand back": hand_back,
    "cancel": cancel,
}


def after(one: Order, *, without: str = "") -> Iterator[Order]:
    for name, move in MOVES.items():
        if name != without:
            try:
                yield move(one)
            except IllegalTransition:
                continue


def reachable(start: Order, *, without: str = "") -> set[Order]:
    seen, waiting = {start}, [start]
    while waiting:
        new = set(after(waiting.pop(), without=without)) - seen
        seen |= new
        waiting += new
    return seen


def test_the_walk_reaches_every_state_of_an_order_a_visit_and_an_item() -> None:
    seen = reachable(Order())
    assert {one.order for one in seen} == set(WorkOrderState)
    assert {one.visit for one in seen} == {None, *VisitState}
    assert {one.item for one in seen} == {None, *ItemState}
    assert WorkOrderState.IN_WORKSHOP in {one.order for one in seen if one.item is ItemState.REPAIRED}


@pytest.mark.parametrize("one", sorted(reachable(Order()), key=str), ids=str)
def test_every_reachable_state_ends_arranged_or_compensated(one: Order) -> None:
    if one.order is WorkOrderState.CANCELLED:
        assert any(end.is_over for end in reachable(one))
        return
    repaired = [end for end in reachable(one, without="cancel") if end.order is WorkOrderState.SIGNED_OFF]
    assert any(end.is_over for end in repaired)
    if one.order in ENDED:
        return
    called_off = cancel(one)
    assert called_off.visit not in visits.OPEN
    assert called_off.item in {None, ItemState.TO_RETURN}
    ends = {end for end in reachable(called_off) if end.is_over}
    assert {(end.order, end.item) for end in ends} == {
        (WorkOrderState.CANCELLED, None if one.item is None else ItemState.RETURNED)
    }
