"""How a case ends, and that it ends the same in whatever order its news arrive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain import case_ends, case_steps
from intake.domain.case import Case, CaseState, Deposit, Dissatisfaction, Order, Step
from intake.domain.quotes import Quote, QuoteState
from shared.contracts.envelope import Event
from shared.contracts.facts import PartNeed, WarrantyStatus
from shared.contracts.intake import CaseCleared, CaseClosed, CaseReopened, CaseResolved
from shared.refusals import IllegalTransition
from support.registrations import after, registration

ORDERS = (UUID(int=1), UUID(int=2))
type Move = Callable[[Case, datetime], tuple[Case, tuple[Event, ...]]]


def registered(warranty: WarrantyStatus = WarrantyStatus.IN_WARRANTY) -> Case:
    part = PartNeed(part_code="PCB-77", quantity=1)
    return case_steps.register(registration(warranty, parts=(part,), required_by=after(50)))[0]


def completed(case: Case, order_id: UUID = ORDERS[0], *, at: datetime = after(5)) -> Case:
    """What a completion adds to what is known."""
    known = {order.id: order for order in case.orders}
    order = known.get(order_id, Order(id=order_id, number="W1"))
    known[order_id] = replace(order, resolution=order.resolution or "repaired", completed_at=order.completed_at or at)
    return replace(case, orders=tuple(known.values()))


def signed_off(case: Case, order_id: UUID = ORDERS[0], *, at: datetime = after(6)) -> Case:
    known = {order.id: order for order in case.orders}
    order = known.get(order_id, Order(id=order_id, number="W1"))
    known[order_id] = replace(order, signed_off_at=order.signed_off_at or at)
    return replace(case, orders=tuple(known.values()))


def with_deposit(case: Case, *, settled_as: str | None = None) -> Case:
    known = case.deposits[0].settled_as if case.deposits else None
    return replace(case, deposits=(Deposit(id=UUID(int=3), amount=Decimal("300.00"), settled_as=known or settled_as),))


def dissatisfied(case: Case, number: int = 1, *, order_id: UUID = ORDERS[0], at: datetime = after(30)) -> Case:
    if any(one.id == UUID(int=number) for one in case.dissatisfactions):
        return case
    new = Dissatisfaction(id=UUID(int=number), order_id=order_id, raised_at=at)
    return replace(case, dissatisfactions=(*case.dissatisfactions, new))


def followed(case: Case, *, at: datetime = after(40)) -> Case:
    return case_ends.follow(case, at=at)[0]


def resolved() -> Case:
    return followed(completed(registered()), at=after(5))


def closed() -> Case:
    return case_ends.close(followed(signed_off(resolved())), by="li", at=after(7))[0]


def reopened() -> Case:
    return case_ends.reopen(closed(), reason="fault_is_back", at=after(20))[0]


def said(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_a_completed_order_resolves_the_case_with_its_resolution() -> None:
    case, events = case_ends.follow(completed(registered()), at=after(8))
    assert (case.state, case.resolution, case.resolved_at) == (CaseState.RESOLVED, "repaired", after(5))
    assert said(events) == [CaseResolved]
    assert case_ends.follow(case, at=after(9)) == (case, ())


@pytest.mark.rule("R260")
def test_a_case_is_closed_once_the_customer_signed() -> None:
    with pytest.raises(IllegalTransition, match="the customer's signature on work order W1"):
        case_ends.close(resolved(), by="li", at=after(7))
    case, (event,) = case_ends.close(signed_off(resolved()), by="li", at=after(7))
    assert (case.state, case.possible_steps) == (CaseState.CLOSED, (Step.REOPEN,))
    assert isinstance(event, CaseClosed)
    assert (event.closed_by, event.resolution) == ("li", "repaired")


def test_a_case_is_not_closed_while_a_deposit_is_open() -> None:
    case = with_deposit(signed_off(resolved()))
    with pytest.raises(IllegalTransition, match=r"deposit .* of 300.00 yuan") as refused:
        case_ends.close(case, by="li", at=after(7))
    assert refused.value.code == "closure_incomplete"
    assert Step.CLOSE not in case.possible_steps
    settled = with_deposit(case, settled_as="refunded")
    assert Step.CLOSE in settled.possible_steps
    assert case_ends.close(settled, by="li", at=after(7))[0].state is CaseState.CLOSED


def test_a_refused_closure_names_everything_that_is_missing() -> None:
    with pytest.raises(IllegalTransition) as refused:
        case_ends.close(with_deposit(registered()), by="li", at=after(7))
    assert "a resolution" in refused.value.detail
    assert "the settlement of deposit" in refused.value.detail


def test_what_nobody_was_sent_for_is_resolved_by_phone_and_its_quote_withdrawn() -> None:
    offer = Quote(id=uuid4(), amount=Decimal(80), offered_at=after(1), valid_until=after(73))
    case = case_steps.offer_quote(registered(WarrantyStatus.OUT_OF_WARRANTY), quote=offer)[0]
    case = case_ends.resolve(case, resolution="solved_by_phone", at=after(2))[0]
    assert (case.state, case.quotes[0].state) == (CaseState.RESOLVED, QuoteState.WITHDRAWN)
    assert case_ends.close(case, by="li", at=after(3))[0].state is CaseState.CLOSED


def test_what_dispatch_works_on_is_not_resolved_by_phone() -> None:
    with pytest.raises(IllegalTransition, match="is cleared"):
        case_ends.resolve(registered(), resolution="solved_by_phone", at=after(2))


@pytest.mark.parametrize("case", [resolved(), closed()])
def test_a_case_is_opened_again_and_nothing_of_its_end_stays(case: Case) -> None:
    again, events = case_ends.reopen(case, reason="fault_is_back", at=after(20))
    assert (again.state, again.reopened_at, said(events)) == (CaseState.REOPENED, after(20), [CaseReopened])
    assert (again.resolution, again.resolved_at, again.closed_at) == (None, None, None)


@pytest.mark.parametrize("case", [registered(), reopened()])
def test_an_open_case_is_not_opened_again(case: Case) -> None:
    with pytest.raises(IllegalTransition):
        case_ends.reopen(case, reason="fault_is_back", at=after(20))


def test_a_further_visit_is_the_next_round_on_the_same_basis_and_asks_for_no_part_twice() -> None:
    case, (event,) = case_ends.visit_again(reopened(), at=after(21))
    assert (case.state, case.round) == (CaseState.CLEARED, 2)
    assert isinstance(event, CaseCleared)
    assert (event.round, event.basis, event.opened_at, event.cleared_at) == (2, "warranty", after(20), after(21))
    assert (event.parts, event.required_by) == ((), None)
    with pytest.raises(IllegalTransition):
        case_ends.visit_again(case, at=after(22))


def test_the_last_order_has_to_be_signed_for_too() -> None:
    case = case_ends.visit_again(reopened(), at=after(21))[0]
    again = followed(completed(case, ORDERS[1], at=after(25)))
    assert again.state is CaseState.RESOLVED
    with pytest.raises(IllegalTransition, match="signature"):
        case_ends.close(again, by="li", at=after(26))
    assert case_ends.close(signed_off(again, ORDERS[1]), by="li", at=after(26))[0].state is CaseState.CLOSED


def test_a_reopened_case_that_was_never_cleared_needs_a_quote_first() -> None:
    solved = case_ends.resolve(registered(WarrantyStatus.OUT_OF_WARRANTY), resolution="explained", at=after(1))[0]
    case = case_ends.reopen(solved, reason="fault_is_back", at=after(2))[0]
    assert Step.OFFER_QUOTE in case.possible_steps
    with pytest.raises(IllegalTransition):
        case_ends.visit_again(case, at=after(3))


@pytest.mark.parametrize("case", [resolved(), closed()])
def test_a_dissatisfied_customer_reopens_his_case_once(case: Case) -> None:
    again, events = case_ends.follow(dissatisfied(case), at=after(31))
    assert (again.state, again.reopen_reason, said(events)) == (CaseState.REOPENED, "dissatisfaction", [CaseReopened])
    solved = case_ends.resolve(again, resolution="explained", at=after(32))[0]
    assert case_ends.follow(dissatisfied(solved), at=after(33)) == (solved, ())
    assert followed(dissatisfied(solved, 2)).state is CaseState.REOPENED


def test_dissatisfaction_about_a_case_that_is_worked_on_already_reopens_nothing_later() -> None:
    waiting = followed(dissatisfied(reopened()))
    assert waiting.state is CaseState.REOPENED
    second = case_ends.visit_again(waiting, at=after(41))[0]
    assert followed(completed(second, ORDERS[1], at=after(45)), at=after(46)).state is CaseState.RESOLVED


def test_a_repair_that_a_cancellation_crossed_resolves_the_case_as_it_resolves_the_order() -> None:
    cancelled = case_steps.cancel(registered(), reason="mistake", at=after(6))[0]
    assert followed(signed_off(cancelled)).state is CaseState.CANCELLED
    for case in (signed_off(completed(cancelled)), completed(followed(signed_off(cancelled)))):
        repaired, events = case_ends.follow(case, at=after(8))
        assert (repaired.state, repaired.resolution, repaired.resolved_at) == (CaseState.RESOLVED, "repaired", after(6))
        assert (repaired.cancelled_at, repaired.cancel_reason) == (after(6), "mistake")
        assert said(events) == [CaseResolved]
        assert case_ends.follow(repaired, at=after(9)) == (repaired, ())
        assert case_ends.close(repaired, by="li", at=after(9))[0].state is CaseState.CLOSED
        assert followed(dissatisfied(repaired)).state is CaseState.REOPENED
    crossed = followed(dissatisfied(cancelled))
    assert (crossed.state, followed(completed(crossed)).state) == (CaseState.CANCELLED, CaseState.REOPENED)


def test_a_second_round_that_is_called_off_is_not_resolved_by_the_first() -> None:
    second = case_ends.visit_again(reopened(), at=after(21))[0]
    cancelled = case_steps.cancel(second, reason="mistake", at=after(22))[0]
    assert case_ends.follow(cancelled, at=after(23)) == (cancelled, ())


def test_every_order_in_which_the_news_of_one_visit_arrive_ends_the_same() -> None:
    refunded = partial(with_deposit, settled_as="refunded")
    news: list[Callable[[Case], Case]] = [completed, signed_off, with_deposit, refunded, dissatisfied]
    ends = set()
    for order in permutations(news):
        case = registered()
        for hear in (*order, *order):
            case = followed(hear(case))
        ends.add((case.state, case.reopened_at, case.orders, case.deposits[0].settled_as))
    assert len(ends) == 1
    assert ends.pop()[0] is CaseState.REOPENED


HEARD: tuple[Move, ...] = (
    lambda case, at: case_ends.follow(completed(case, at=at - timedelta(minutes=90)), at=at),
    lambda case, at: case_ends.follow(completed(case, ORDERS[1], at=at + timedelta(seconds=2)), at=at),
    lambda case, at: case_ends.follow(signed_off(case, at=at), at=at),
    lambda case, at: case_ends.follow(signed_off(case, ORDERS[1], at=at), at=at),
    lambda case, at: case_ends.follow(with_deposit(case), at=at),
    lambda case, at: case_ends.follow(with_deposit(case, settled_as="refunded"), at=at),
    lambda case, at: case_ends.follow(dissatisfied(case, 1, at=at - timedelta(hours=2)), at=at),
    lambda case, at: case_ends.follow(dissatisfied(case, 2, order_id=ORDERS[1], at=at), at=at),
)
DECIDED: tuple[Move, ...] = (
    lambda case, at: case_ends.resolve(case, resolution="explained", at=at),
    lambda case, at: case_ends.close(case, by="li", at=at),
    lambda case, at: case_ends.reopen(case, reason="fault_is_back", at=at),
    lambda case, at: case_ends.visit_again(case, at=at),
    lambda case, at: case_steps.hold(case, hold_id=uuid4(), reason="customer", at=at),
    lambda case, at: case_steps.cancel(case, reason="mistake", at=at),
)
LEADS_TO = {
    CaseState.CLEARED: {CaseState.RESOLVED, CaseState.CANCELLED, CaseState.REOPENED},
    CaseState.RESOLVED: {CaseState.CLOSED, CaseState.REOPENED},
    CaseState.CLOSED: {CaseState.REOPENED},
    CaseState.REOPENED: {CaseState.RESOLVED, CaseState.CLEARED, CaseState.CANCELLED},
    CaseState.CANCELLED: {CaseState.RESOLVED, CaseState.REOPENED},
}


@given(st.lists(st.sampled_from([*HEARD, *DECIDED]), max_size=25))
def test_whatever_comes_in_whatever_order_a_case_goes_from_one_legal_state_to_the_next(moves: list[Move]) -> None:
    case, number = registered(), 0
    for move in moves:
        number += 1
        before = case
        try:
            case, _ = move(case, after(number))
        except IllegalTransition:
            assert move in DECIDED
            continue
        assert case.state is before.state or case.state in LEADS_TO[before.state]
        times = [case.registration.opened_at, case.reopened_at, case.resolved_at, case.closed_at]
        known = [moment for moment in times if moment is not None]
        assert known == sorted(known)
        assert all(hold.until is None or hold.until >= hold.since for hold in case.holds)
        assert (case.resolution is not None) == (case.state in {CaseState.RESOLVED, CaseState.CLOSED})
        if case.state is CaseState.CLOSED and before.state is not CaseState.CLOSED:
            assert before.missing_for_closure == ()
            assert case.closed_at is not None


@given(st.permutations(range(len(HEARD))), st.lists(st.integers(0, len(HEARD) - 1), max_size=8))
def test_news_alone_end_in_the_same_state_in_every_order_and_however_often(order: list[int], again: list[int]) -> None:
    case = registered()
    for place in (*order, *again):
        case, _ = HEARD[place](case, after(50))
    assert case.state is CaseState.REOPENED
    assert case_ends.follow(case, at=after(60)) == (case, ())
