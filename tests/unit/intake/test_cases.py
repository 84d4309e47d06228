"""What a case goes through until it may be dispatched or is called off."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain import case_steps
from intake.domain.approvals import ApprovalState, approver_for
from intake.domain.case import Case, CaseState, Step
from intake.domain.quotes import Line, Quote, QuoteState, total
from shared.contracts.envelope import Event
from shared.contracts.facts import WarrantyStatus
from shared.contracts.intake import (
    ApprovalRequested,
    CaseCancelled,
    CaseCleared,
    CaseContacted,
    CaseOpened,
    QuoteAccepted,
    QuoteExpired,
    QuoteRefused,
    QuoteSuperseded,
)
from shared.refusals import IllegalTransition, NotAllowed
from support.registrations import after, registration


@dataclass(frozen=True)
class UpTo:
    up_to: Decimal | None
    role: str


BANDS = (UpTo(Decimal(10_000), "marketing_vp"), UpTo(None, "general_manager"))


def out_of_warranty() -> Case:
    return case_steps.register(registration())[0]


def quote(amount: str = "800.00", *, at: datetime = after(1)) -> Quote:
    return Quote(id=uuid4(), amount=Decimal(amount), offered_at=at, valid_until=at + timedelta(days=3))


def offered(amount: str = "800.00") -> tuple[Case, Quote]:
    offer = quote(amount)
    return case_steps.offer_quote(out_of_warranty(), quote=offer)[0], offer


def refused(amount: str = "800.00") -> Case:
    case, offer = offered(amount)
    return case_steps.refuse_quote(
        case, quote_id=offer.id, by="customer", at=after(3), approval_id=uuid4(), bands=BANDS
    )[0]


def said(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


@pytest.mark.rule("R068")
def test_in_warranty_a_case_is_cleared_when_it_is_registered() -> None:
    case, events = case_steps.register(registration(WarrantyStatus.IN_WARRANTY))
    assert (case.state, said(events)) == (CaseState.CLEARED, [CaseOpened, CaseCleared])


@pytest.mark.rule("R187")
def test_out_of_warranty_a_case_first_needs_a_quote() -> None:
    case, events = case_steps.register(registration())
    assert (case.state, said(events)) == (CaseState.AWAITING_QUOTE, [CaseOpened])


@pytest.mark.rule("R186")
def test_consent_clears_the_case_and_the_wait_for_it_is_told() -> None:
    case, offer = offered()
    case, events = case_steps.accept_quote(case, quote_id=offer.id, by="property_company", at=after(5))
    assert (case.state, said(events)) == (CaseState.CLEARED, [QuoteAccepted, CaseCleared])
    assert case.quotes[0].answered_by == "property_company"
    cleared = events[1]
    assert isinstance(cleared, CaseCleared)
    assert [(wait.reason, wait.since, wait.until) for wait in cleared.waited] == [("consent", after(1), after(5))]


@pytest.mark.rule("R186")
def test_without_consent_no_step_leads_to_a_repair() -> None:
    for case in (out_of_warranty(), offered()[0], refused()):
        assert case.cleared_at is None
        assert Step.ACCEPT_QUOTE not in case.possible_steps or case.state is CaseState.AWAITING_CONSENT


@pytest.mark.rule("R209")
def test_a_refusal_is_recorded_and_asks_for_a_waiver() -> None:
    case, offer = offered()
    case, events = case_steps.refuse_quote(
        case, quote_id=offer.id, by="customer", at=after(3), approval_id=uuid4(), bands=BANDS
    )
    assert (case.state, said(events)) == (CaseState.AWAITING_WAIVER, [QuoteRefused, ApprovalRequested])
    assert case.quotes[0].state is QuoteState.REFUSED


@pytest.mark.rule("R189")
@pytest.mark.parametrize(
    ("amount", "role"),
    [
        ("0", "marketing_vp"),
        ("10000.00", "marketing_vp"),
        ("10000.01", "general_manager"),
        ("99999", "general_manager"),
    ],
)
def test_the_amount_decides_who_may_waive_it(amount: str, role: str) -> None:
    assert approver_for(Decimal(amount), bands=BANDS) == role
    assert refused(amount).approvals[0].approver_role == role


@pytest.mark.rule("R189")
@pytest.mark.parametrize("role", ["agent", "general_manager", "admin"])
def test_nobody_but_the_named_role_decides(role: str) -> None:
    case = refused("9000")
    with pytest.raises(NotAllowed) as no:
        case_steps.decide_waiver(case, approval_id=case.approvals[0].id, decision="approved", role=role, at=after(4))
    assert "marketing_vp" in no.value.expected


@pytest.mark.rule("R190")
def test_an_approved_waiver_clears_the_case_and_both_waits_are_told() -> None:
    case = refused()
    case, events = case_steps.decide_waiver(
        case, approval_id=case.approvals[0].id, decision="approved", role="marketing_vp", at=after(9)
    )
    cleared = events[-1]
    assert isinstance(cleared, CaseCleared)
    assert (case.state, cleared.basis) == (CaseState.CLEARED, "fee_waived")
    assert [(wait.reason, wait.until) for wait in cleared.waited] == [("consent", after(3)), ("approval", after(9))]


@pytest.mark.rule("R190")
def test_a_rejected_waiver_ends_the_case() -> None:
    case = refused()
    case, events = case_steps.decide_waiver(
        case, approval_id=case.approvals[0].id, decision="rejected", role="marketing_vp", at=after(9)
    )
    assert (case.state, case.cancel_reason) == (CaseState.CANCELLED, "waiver_rejected")
    assert isinstance(events[-1], CaseCancelled)
    with pytest.raises(IllegalTransition):
        case_steps.decide_waiver(
            case, approval_id=case.approvals[0].id, decision="approved", role="marketing_vp", at=after(10)
        )


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.AWAITING_WAIVER}))
def test_a_waiver_is_decided_only_while_the_case_waits_for_it(state: CaseState) -> None:
    case = replace(refused(), state=state)
    with pytest.raises(IllegalTransition) as no:
        case_steps.decide_waiver(
            case, approval_id=case.approvals[0].id, decision="approved", role="marketing_vp", at=after(4)
        )
    assert no.value.code == "step_not_possible"


def test_a_quote_that_ran_out_can_be_offered_again() -> None:
    case, offer = offered()
    assert case_steps.expire_quote(case, quote_id=offer.id, at=after(2)) == (case, ())
    case, events = case_steps.expire_quote(case, quote_id=offer.id, at=offer.valid_until)
    assert [(type(event), event.subject) for event in events] == [(QuoteExpired, f"case/{case.id}")]
    assert (case.state, case.quotes[0].state) == (CaseState.AWAITING_QUOTE, QuoteState.EXPIRED)
    with pytest.raises(IllegalTransition):
        case_steps.accept_quote(case, quote_id=offer.id, by="customer", at=offer.valid_until)
    again = quote(at=offer.valid_until)
    case, _ = case_steps.offer_quote(case, quote=again)
    assert case.open_quote == again


def test_a_new_offer_takes_the_place_of_one_that_waits() -> None:
    case, first = offered()
    second = quote("500", at=after(2))
    case, events = case_steps.offer_quote(case, quote=second)
    superseded, _ = events
    assert isinstance(superseded, QuoteSuperseded)
    assert (superseded.quote_id, superseded.superseded_by) == (first.id, second.id)
    assert [offer.state for offer in case.quotes] == [QuoteState.SUPERSEDED, QuoteState.OFFERED]
    with pytest.raises(IllegalTransition):
        case_steps.accept_quote(case, quote_id=first.id, by="customer", at=after(3))


@pytest.mark.rule("R066")
def test_the_customer_is_contacted_once() -> None:
    case, events = case_steps.contact(out_of_warranty(), at=after(0.5))
    assert said(events) == [CaseContacted]
    with pytest.raises(IllegalTransition) as no:
        case_steps.contact(case, at=after(1))
    assert "offer_quote" in no.value.expected


def test_a_hold_ends_once() -> None:
    held, _ = case_steps.hold(out_of_warranty(), hold_id=UUID(int=1), reason="customer", at=after(1))
    held, _ = case_steps.hold(held, hold_id=UUID(int=2), reason="weather", at=after(1))
    released, events = case_steps.release(held, hold_id=UUID(int=1), at=after(2))
    assert len(events) == 1
    with pytest.raises(IllegalTransition):
        case_steps.release(released, hold_id=UUID(int=1), at=after(3))


def test_a_cancelled_case_takes_everything_open_with_it() -> None:
    case = refused()
    case, _ = case_steps.hold(case, hold_id=uuid4(), reason="customer", at=after(4))
    case, _ = case_steps.cancel(case, reason="customer_withdrew", at=after(5))
    assert case.approvals[0].state is ApprovalState.WITHDRAWN
    assert case.holds[0].until == after(5)
    assert case.possible_steps == ()


def test_a_quote_is_the_sum_of_its_lines_to_the_fen() -> None:
    lines = [
        Line(kind="labour", text="two hours", quantity=Decimal("1.5"), price=Decimal("99.99")),
        Line(kind="part", text="igniter", quantity=Decimal(2), price=Decimal("35.20")),
        Line(kind="travel", text="round trip", quantity=Decimal(1), price=Decimal(50)),
    ]
    assert total(lines) == Decimal("270.38")


type Try = Callable[[Case, datetime], case_steps.Change]
TRIES: dict[Step, Try] = {
    Step.CONTACT: lambda case, at: case_steps.contact(case, at=at),
    Step.OFFER_QUOTE: lambda case, at: case_steps.offer_quote(case, quote=quote(at=at)),
    Step.ACCEPT_QUOTE: lambda case, at: case_steps.accept_quote(case, quote_id=last(case), by="customer", at=at),
    Step.REFUSE_QUOTE: lambda case, at: case_steps.refuse_quote(
        case, quote_id=last(case), by="customer", at=at, approval_id=uuid4(), bands=BANDS
    ),
    Step.HAND_OVER: lambda case, _: case_steps.hand_over(case, before="li", to="zhao"),
    Step.HOLD: lambda case, at: case_steps.hold(case, hold_id=uuid4(), reason="customer", at=at),
    Step.CANCEL: lambda case, at: case_steps.cancel(case, reason="duplicate", at=at),
}


def last(case: Case) -> UUID:
    return case.quotes[-1].id if case.quotes else uuid4()


@settings(max_examples=150)
@given(st.lists(st.sampled_from(sorted(TRIES)), max_size=12))
def test_whatever_is_tried_a_case_does_possible_steps_and_refuses_all_others(steps: list[Step]) -> None:
    case, cleared = out_of_warranty(), 0
    for hour, step in enumerate(steps, start=1):
        try:
            changed, events = TRIES[step](case, after(hour))
        except IllegalTransition:
            assert step not in case.possible_steps
            continue
        assert step in case.possible_steps
        cleared += said(events).count(CaseCleared)
        assert all(getattr(event, "case_id", None) == case.id for event in events)
        assert replace(changed, quotes=(), approvals=(), holds=()).registration == case.registration
        case = changed
    assert cleared == (1 if case.cleared_at else 0)
    assert sum(offer.state is QuoteState.OFFERED for offer in case.quotes) == (
        1 if case.state is CaseState.AWAITING_CONSENT else 0
    )
