"""From every state that a case can reach it can be brought to its end: closed or called off."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from intake.domain import case_ends, case_steps
from intake.domain.approvals import ApprovalState
from intake.domain.case import Case, CaseState, Deposit, Dissatisfaction, Order, Step
from intake.domain.case_steps import Change
from intake.domain.quotes import Quote, QuoteState
from shared.contracts.facts import WarrantyStatus
from shared.refusals import IllegalTransition
from support.registrations import after, registration

ENDS = {CaseState.CLOSED, CaseState.CANCELLED}
type Move = Callable[[Case, datetime], Change]


@dataclass(frozen=True, slots=True)
class Band:
    """Who may waive a fee of any amount."""

    up_to: Decimal | None
    role: str


BANDS = (Band(None, "director"),)


def offered(case: Case, at: datetime) -> Change:
    quote = Quote(id=uuid4(), amount=Decimal(80), offered_at=at, valid_until=at + timedelta(minutes=30))
    return case_steps.offer_quote(case, quote=quote)


def answered_yes(case: Case, at: datetime) -> Change:
    case.require(Step.ACCEPT_QUOTE)
    return case_steps.accept_quote(case, quote_id=case.quotes[-1].id, by="customer", at=at)


def answered_no(case: Case, at: datetime) -> Change:
    case.require(Step.REFUSE_QUOTE)
    return case_steps.refuse_quote(
        case, quote_id=case.quotes[-1].id, by="customer", at=at, approval_id=uuid4(), bands=BANDS
    )


def expired(case: Case, at: datetime) -> Change:
    return case_steps.expire_quote(case, quote_id=case.quotes[-1].id if case.quotes else uuid4(), at=at)


def waived(case: Case, at: datetime) -> Change:
    case.require(Step.DECIDE_WAIVER)
    approval = case.approvals[-1]
    return case_steps.decide_waiver(case, approval_id=approval.id, decision="approved", role="director", at=at)


def rejected(case: Case, at: datetime) -> Change:
    case.require(Step.DECIDE_WAIVER)
    approval = case.approvals[-1]
    return case_steps.decide_waiver(case, approval_id=approval.id, decision="rejected", role="director", at=at)


def released(case: Case, at: datetime) -> Change:
    case.require(Step.RELEASE)
    held = next(hold for hold in case.holds if hold.until is None)
    return case_steps.release(case, hold_id=held.id, at=at)


def completed(case: Case, at: datetime) -> Change:
    """Dispatch completes the order of the round."""
    order = Order(id=UUID(int=case.round), number=f"W{case.round}", resolution="repaired", completed_at=at)
    known = {one.id: one for one in case.orders}
    return case_ends.follow(
        replace(case, orders=tuple((known | {order.id: known.get(order.id, order)}).values())), at=at
    )


def signed_for(case: Case, at: datetime) -> Change:
    orders = tuple(replace(one, signed_off_at=one.signed_off_at or at) for one in case.orders)
    return case_ends.follow(replace(case, orders=orders), at=at)


def asked_to_pay(case: Case, at: datetime) -> Change:
    deposit = Deposit(id=uuid4(), amount=Decimal(300))
    return case_ends.follow(replace(case, deposits=(*case.deposits, deposit)), at=at)


def settled(case: Case, at: datetime) -> Change:
    deposits = tuple(replace(one, settled_as="refunded") for one in case.deposits)
    return case_ends.follow(replace(case, deposits=deposits), at=at)


def dissatisfied(case: Case, at: datetime) -> Change:
    raised = Dissatisfaction(id=uuid4(), order_id=UUID(int=max(case.round, 1)), raised_at=at)
    return case_ends.follow(replace(case, dissatisfactions=(*case.dissatisfactions, raised)), at=at)


def registered(warranty: WarrantyStatus) -> Case:
    return case_steps.register(registration(warranty))[0]


def reached(warranty: WarrantyStatus, moves: list[Move]) -> Case:
    case = registered(warranty)
    for number, move in enumerate(moves):
        try:
            case, _ = move(case, after(number))
        except IllegalTransition:
            continue
    return case


def require_nothing_waits(case: Case) -> None:
    assert all(hold.until is not None for hold in case.holds)
    assert all(quote.state is not QuoteState.OFFERED for quote in case.quotes)
    assert all(approval.state is not ApprovalState.PENDING for approval in case.approvals)


def closed(case: Case, at: datetime) -> Change:
    return case_ends.close(case, by="li", at=at)


def visited_again(case: Case, at: datetime) -> Change:
    return case_ends.visit_again(case, at=at)


MOVES: tuple[Move, ...] = (
    *(offered, answered_yes, answered_no, expired, waived, rejected, released),
    *(completed, signed_for, asked_to_pay, settled, dissatisfied, closed, visited_again),
    lambda case, at: case_steps.hold(case, hold_id=uuid4(), reason="customer", at=at),
    lambda case, at: case_ends.resolve(case, resolution="explained", at=at),
    lambda case, at: case_ends.reopen(case, reason="fault_is_back", at=at),
    lambda case, at: case_steps.cancel(case, reason="mistake", at=at),
)


def next_moves(case: Case) -> tuple[Move, ...]:
    """What people and dispatch do next, with a repair wherever there may be one."""
    ways: dict[CaseState, tuple[Move, ...]] = {
        CaseState.AWAITING_QUOTE: (offered,),
        CaseState.AWAITING_CONSENT: (answered_yes,),
        CaseState.AWAITING_WAIVER: (waived,),
        CaseState.CLEARED: (completed,),
        CaseState.REOPENED: (offered if case.basis is None else visited_again,),
        CaseState.RESOLVED: (signed_for, settled, closed),
    }
    return ways[case.state]


def brought_to_its_end(case: Case, *, at: datetime) -> Case:
    for _ in range(10):
        if case.state in ENDS:
            return case
        for move in next_moves(case):
            case, _events = move(case, at)
    raise AssertionError(f"the case stays {case.state}")


WALKS = st.lists(st.sampled_from(MOVES), max_size=25)


@given(st.sampled_from(WarrantyStatus), WALKS)
def test_from_every_reachable_state_a_case_is_brought_to_its_end(warranty: WarrantyStatus, moves: list[Move]) -> None:
    case = reached(warranty, moves)
    end = brought_to_its_end(case, at=after(100))
    assert end.state is (CaseState.CANCELLED if case.state is CaseState.CANCELLED else CaseState.CLOSED)
    require_nothing_waits(end)
    if end.state is CaseState.CLOSED:
        after_all, _ = settled(end, after(101))  # parts does so, also with what it told after the case was closed
        assert (after_all.state, after_all.missing_for_closure) == (CaseState.CLOSED, ())


@given(st.sampled_from(WarrantyStatus), WALKS)
def test_from_every_reachable_state_a_case_is_called_off_or_was_resolved_already(
    warranty: WarrantyStatus, moves: list[Move]
) -> None:
    case = reached(warranty, moves)
    if case.state in {CaseState.RESOLVED, *ENDS}:
        assert Step.CANCEL not in case.possible_steps
        return
    end, _ = case_steps.cancel(case, reason="mistake", at=after(100))
    assert end.state is CaseState.CANCELLED
    require_nothing_waits(end)


@given(st.sampled_from(WarrantyStatus), WALKS)
def test_what_needs_no_visit_is_closed_without_one(warranty: WarrantyStatus, moves: list[Move]) -> None:
    case = reached(warranty, moves)
    if Step.RESOLVE not in case.possible_steps:
        return
    solved, _ = case_ends.resolve(case, resolution="explained", at=after(100))
    end = brought_to_its_end(solved, at=after(101))
    assert (end.state, end.round) == (CaseState.CLOSED, case.round)
