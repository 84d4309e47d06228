"""Every step of a visit and of an item from every state: it leads on, or is refused with the steps that do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dispatch.domain import items, visits
from dispatch.domain.items import ItemState, ItemStep, check_inspector, check_receipt
from dispatch.domain.numbering import receipt_number, repair_card_number, work_order_number
from dispatch.domain.parts_requests import MOST_PIECES, check_pieces, together
from dispatch.domain.reports import (
    Caution,
    Completion,
    Expense,
    Taken,
    TrialRun,
    check_completion,
    check_promise,
    units_allowance,
)
from dispatch.domain.visits import VisitState, VisitStep
from shared.actor import Actor
from shared.contracts.facts import PartNeed
from shared.refusals import IllegalTransition, NotAllowed, Refusal

NOW = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
FAR = timedelta(days=90)
VISIT = {
    VisitState.AGREED: "move arrive release prepare depart",
    VisitState.PREPARED: "move arrive release depart",
    VisitState.DEPARTED: "arrive leave_unfinished release",
    VisitState.ARRIVED: "start leave_unfinished take_in return release",
    VisitState.STARTED: "complete leave_unfinished take_in return release",
    VisitState.COMPLETED: "return",
    VisitState.UNFINISHED: "return",
    VisitState.TAKEN_IN: "return",
    VisitState.BACK: "complete leave_unfinished take_in release",
    VisitState.RETURNED: "",
    VisitState.RELEASED: "",
}
ITEM = {
    ItemState.TAKEN_IN: "register repair call_off",
    ItemState.REGISTERED: "repair call_off",
    ItemState.REPAIRED: "pass fail call_off",
    ItemState.INSPECTED: "hand_back call_off",
    ItemState.TO_RETURN: "hand_back",
    ItemState.RETURNED: "",
}


@pytest.mark.parametrize("state", VisitState)
@pytest.mark.parametrize("by", VisitStep)
def test_a_visit_takes_the_steps_of_its_state_and_no_others(state: VisitState, by: VisitStep) -> None:
    if by in VISIT[state].split():
        visits.advance(state, step=by)
        return
    with pytest.raises(IllegalTransition) as refused:
        visits.advance(state, step=by)
    assert refused.value.code == f"visit_{state}"
    assert all(possible in refused.value.expected for possible in VISIT[state].split())


@pytest.mark.rule("R306")
@pytest.mark.parametrize("state", ItemState)
@pytest.mark.parametrize("by", ItemStep)
def test_an_item_takes_the_steps_of_its_state_and_no_others(state: ItemState, by: ItemStep) -> None:
    if by in ITEM[state].split():
        items.advance(state, step=by)
        return
    with pytest.raises(IllegalTransition) as refused:
        items.advance(state, step=by)
    assert refused.value.code == f"item_{state}"


def report(
    *, test_run: TrialRun = TrialRun.PASSED, usable_from: datetime | None = None, warning: Caution | None = None
) -> Completion:
    return Completion(
        findings="E4",
        resolution="repaired",
        fitted=(),
        taken=Taken(work_minutes=30),
        test_run=test_run,
        usable_from=usable_from,
        warning=warning,
    )


@pytest.mark.rule("R280")
def test_a_repair_whose_trial_run_failed_is_not_done() -> None:
    check_completion(report(), now=NOW, furthest=FAR)
    with pytest.raises(Refusal, match="test_run_failed"):
        check_completion(report(test_run=TrialRun.FAILED), now=NOW, furthest=FAR)


@pytest.mark.rule("R259")
def test_what_cannot_be_used_yet_needs_a_warning() -> None:
    later = NOW + timedelta(hours=12)
    with pytest.raises(Refusal, match="no_warning"):
        check_completion(report(usable_from=later), now=NOW, furthest=FAR)
    check_completion(report(usable_from=later, warning=Caution.TAG), now=NOW, furthest=FAR)


@pytest.mark.rule("R306")
@pytest.mark.parametrize(
    ("role", "who"), [("technician", "T2"), ("storekeeper", "S1"), ("workshop_manager", "T1"), ("dispatcher", "D1")]
)
def test_nobody_but_an_inspector_who_did_not_repair_it_inspects(role: str, who: str) -> None:
    inspectors = ("workshop_manager", "cs_supervisor")
    check_inspector(Actor(kind="person", id="M1", role="workshop_manager"), repaired_by="T1", inspectors=inspectors)
    with pytest.raises(NotAllowed):
        check_inspector(Actor(kind="person", id=who, role=role), repaired_by="T1", inspectors=inspectors)


@pytest.mark.rule("R307")
def test_another_receipt_is_no_receipt() -> None:
    check_receipt(" l1000017-1 ", receipt="L1000017-1")
    with pytest.raises(Refusal, match="wrong_receipt"):
        check_receipt("L1000017-2", receipt="L1000017-1")


@pytest.mark.rule("R225")
@pytest.mark.parametrize(("units", "times"), [(1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (30, 3), (31, 4)])
def test_up_to_ten_a_day_up_to_twenty_two_and_so_on(units: int, times: int) -> None:
    assert units_allowance(units, at_once=10) == times


def test_numbers_are_read_out_with_the_same_digits() -> None:
    assert work_order_number("R1000017") == "W1000017"
    assert work_order_number("R1000017", round_=2) == "W1000017-2"
    assert receipt_number("W1000017-2", item=1) == "L1000017-2-1"
    assert repair_card_number("L1000017-1") == "K1000017-1"


@pytest.mark.rule("R263")
def test_the_cost_of_a_visit_is_all_that_it_cost() -> None:
    taken = Taken(work_minutes=1, expenses=tuple(Expense(kind="meals", amount=Decimal(f"{n}.10")) for n in range(3)))
    assert taken.cost == Decimal("3.30")


@pytest.mark.rule("R309")
@pytest.mark.parametrize(
    "instant",
    [NOW, NOW + timedelta(days=91), datetime.min.replace(tzinfo=UTC), datetime.fromisoformat("9999-12-31T23:59-23:59")],
)
def test_nothing_is_promised_for_a_time_that_has_passed_or_never_comes(instant: datetime) -> None:
    with pytest.raises(Refusal, match="time_not_ahead"):
        check_promise(instant, now=NOW, furthest=FAR)
    check_promise(NOW + FAR, now=NOW, furthest=FAR)


def test_lines_of_one_part_come_together_up_to_what_anybody_can_mean() -> None:
    line = PartNeed(part_code="PCB", quantity=6_000)
    assert together([line]) == (line,)
    check_pieces([line])
    with pytest.raises(Refusal, match="too_many_pieces"):
        check_pieces([line, line])


def test_what_a_case_says_is_never_refused_however_many_pieces_it_names() -> None:
    line, seal = PartNeed(part_code="PCB", quantity=6_000), PartNeed(part_code="SEAL", quantity=1)
    assert together([line, seal, line]) == (PartNeed(part_code="PCB", quantity=MOST_PIECES), seal)
