"""When a tool is due, what a lost one costs, and when one that was bought is reimbursed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from parts.domain.tools import (
    Compensation,
    LoanState,
    LoanTerms,
    ToolForm,
    Way,
    check_compensation,
    check_payer,
    check_worth_kept,
    due_after,
    loss,
    require_reimbursable,
)
from shared.refusals import IllegalTransition, NotAllowed, Refusal

NOW = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)
TERMS = LoanTerms(usual_use=timedelta(days=1), return_within=timedelta(hours=4))
PRICE = Decimal("880.00")


def paid(amount: str) -> Compensation:
    return Compensation(way=Way.PAYMENT, amount=Decimal(amount), model=None)


def replaced(model: str) -> Compensation:
    return Compensation(way=Way.SAME_MODEL, amount=None, model=model)


@pytest.mark.rule("R317")
def test_a_tool_is_due_right_after_its_use() -> None:
    used_until = NOW + timedelta(hours=6)
    assert due_after(NOW, used_until=used_until, terms=TERMS) == used_until + timedelta(hours=4)
    assert due_after(NOW, used_until=None, terms=TERMS) == NOW + timedelta(days=1, hours=4)
    with pytest.raises(Refusal, match="used_in_the_past"):
        due_after(NOW, used_until=NOW, terms=TERMS)


@pytest.mark.rule("R318")
def test_whoever_lost_what_he_should_have_returned_owes_its_original_price() -> None:
    late = NOW + timedelta(seconds=1)
    assert loss(late, due_at=NOW, price=PRICE) == (LoanState.LOST, PRICE)
    assert loss(NOW, due_at=NOW, price=PRICE) == (LoanState.WRITTEN_OFF, None)


@pytest.mark.rule("R318")
def test_the_original_price_or_the_same_model_makes_it_good_and_nothing_else() -> None:
    for good in (paid("880"), replaced("OSC-2")):
        check_compensation(good, state=LoanState.LOST, owed=PRICE, model="OSC-2")
    for bad in (paid("879.99"), paid("900"), replaced("OSC-1")):
        with pytest.raises(Refusal) as refused:
            check_compensation(bad, state=LoanState.LOST, owed=PRICE, model="OSC-2")
        assert refused.value.expected == "its original price of 880.00 yuan, or a tool of the model OSC-2"
    for state in (LoanState.LENT, LoanState.COMPENSATED, LoanState.WRITTEN_OFF):
        with pytest.raises(IllegalTransition, match="nothing_owed"):
            check_compensation(paid("880"), state=state, owed=None, model="OSC-2")


@pytest.mark.rule("R319")
def test_a_tool_bought_in_the_field_is_reimbursed_once_and_not_before_it_is_handed_in() -> None:
    require_reimbursable(NOW, reimbursed_at=None)
    with pytest.raises(IllegalTransition, match="not_booked_in"):
        require_reimbursable(None, reimbursed_at=None)
    with pytest.raises(IllegalTransition, match="reimbursed_already"):
        require_reimbursable(NOW, reimbursed_at=NOW)


@pytest.mark.rule("R318")
def test_what_a_lost_tool_is_worth_is_what_it_was_worth_when_it_was_lent() -> None:
    same = ToolForm(code="T-1", name_zh="示波器", name_en="Scope", model="OSC-2", price=PRICE)
    check_worth_kept(same, price=PRICE, model="OSC-2", borrower="T07")
    for other in (replace(same, price=Decimal("1.00")), replace(same, model="OSC-1")):
        check_worth_kept(other, price=PRICE, model="OSC-2", borrower=None)
        with pytest.raises(IllegalTransition, match="tool_at_stake"):
            check_worth_kept(other, price=PRICE, model="OSC-2", borrower="T07")


def test_nobody_reimburses_what_he_bought_or_entered_himself() -> None:
    check_payer("B1", bought_by="T07", recorded_by="S1")
    for himself in ("T07", "S1"):
        with pytest.raises(NotAllowed, match="own_expense"):
            check_payer(himself, bought_by="T07", recorded_by="S1")
