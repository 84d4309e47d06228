"""How much deposit is asked for, who signs, and what counts as paying."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.claims import Signer, check_expected, check_signature, claim_lines, roles_needed, value_of
from parts.domain.deposit_ledger import Entry, EntryKind, total
from parts.domain.deposits import Asked, Share, check_payment, deposit_for
from parts.domain.payments import NOT_SAID, UNMATCHED, Ending, PaymentState, Sum, is_unjudged, settle, withdraw
from parts.domain.supply_words import UNPAID, DepositState
from shared.refusals import IllegalTransition, NotAllowed, Refusal

SHARE = Share(percent=30, minimum=Decimal(50), maximum=Decimal(20_000))
SIGNERS = (Signer(role="workshop_manager", above=None), Signer(role="aftersales_director", above=Decimal(5000)))
NOW = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)


@pytest.mark.rule("R320")
@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("1000.00", "300.00"),
        ("481.60", "144.00"),  # 144.48
        ("485.00", "146.00"),  # 145.50
        ("12.00", "50.00"),
        ("0.00", "50.00"),
        ("999999.00", "20000.00"),
    ],
)
def test_a_deposit_is_a_share_in_whole_yuan_between_two_bounds(value: str, asked: str) -> None:
    assert str(deposit_for(Decimal(value), share=SHARE)) == asked


@given(st.decimals(0, 10**12, places=2))
def test_a_deposit_always_fits_what_an_event_can_carry(value: Decimal) -> None:
    deposit = deposit_for(value, share=SHARE)
    assert SHARE.minimum <= deposit <= SHARE.maximum
    assert deposit == deposit.to_integral_value()


@given(st.decimals(0, 10**6, places=2), st.integers(0, 100), st.decimals("0.01", 100, places=2))
def test_for_free_parts_too_a_deposit_is_something_that_can_be_paid(
    value: Decimal, percent: int, minimum: Decimal
) -> None:
    assert deposit_for(value, share=Share(percent=percent, minimum=minimum, maximum=Decimal(20_000))) > 0


@pytest.mark.rule("R199")
@pytest.mark.parametrize(
    ("value", "roles"),
    [
        ("4999.99", ("workshop_manager",)),
        ("5000.00", ("workshop_manager",)),
        ("5000.01", ("workshop_manager", "aftersales_director")),
    ],
)
def test_the_director_signs_what_is_large(value: str, roles: tuple[str, ...]) -> None:
    assert roles_needed(Decimal(value), signers=SIGNERS) == roles


@pytest.mark.rule("R199")
def test_a_signature_is_given_once_and_by_whom_it_is_asked_of() -> None:
    needed = ("workshop_manager", "aftersales_director")
    check_signature("aftersales_director", needed=needed, signed=["workshop_manager"])
    with pytest.raises(IllegalTransition, match="workshop_manager has signed"):
        check_signature("workshop_manager", needed=needed, signed=["workshop_manager"])
    with pytest.raises(NotAllowed):
        check_signature("storekeeper", needed=needed, signed=[])


def test_a_claim_order_is_worth_its_lines_at_the_prices_of_the_day() -> None:
    lines = claim_lines({"B": 3, "A": 1}, prices={"A": Decimal("0.10"), "B": Decimal("0.20")})
    assert [line.part_code for line in lines] == ["A", "B"]
    assert value_of(lines) == Decimal("0.70")


def test_a_payment_is_exact_and_in_time() -> None:
    due_at, asked = NOW + timedelta(days=3), Decimal("60.00")
    deposit = Asked(state=DepositState.REQUIRED, amount=asked, due_at=due_at)
    check_payment(Decimal(60), deposit=deposit, now=NOW)
    with pytest.raises(Refusal, match="wrong_amount"):
        check_payment(Decimal("60.01"), deposit=deposit, now=NOW)
    with pytest.raises(Refusal, match="wrong_currency"):
        check_payment(asked, currency="USD", deposit=deposit, now=NOW)
    with pytest.raises(IllegalTransition, match="deposit_overdue"):
        check_payment(asked, deposit=deposit, now=due_at)


@pytest.mark.rule("R320")
@pytest.mark.parametrize("state", [state for state in DepositState if state not in UNPAID])
def test_nothing_is_taken_for_a_deposit_that_was_paid_or_is_not_asked_for(state: DepositState) -> None:
    deposit = Asked(state=state, amount=Decimal(60), due_at=NOW + timedelta(days=3), reason="cancelled")
    with pytest.raises(IllegalTransition) as refused:
        check_payment(Decimal(60), deposit=deposit, now=NOW)
    assert "back" in refused.value.expected


@given(st.lists(st.tuples(st.integers(1, 10_000), st.sampled_from(["held", "refunded", "forfeited"]))))
def test_what_was_paid_is_held_refunded_or_forfeited(deposits: list[tuple[int, str]]) -> None:
    entries, sums = [], dict.fromkeys(("held", "refunded", "forfeited"), Decimal(0))
    for cents, became in deposits:
        amount = Decimal(cents) / 100
        sums[became] += amount
        entries.append(Entry(kind=EntryKind.PAID, amount=amount))
        if became != "held":
            entries.append(Entry(kind=EntryKind(became), amount=amount))
    money = total(entries)
    assert (money.held, money.refunded, money.forfeited) == tuple(sums.values())
    assert money.paid == money.held + money.refunded + money.forfeited


def test_more_than_was_paid_cannot_go_back() -> None:
    paid, refunded = (Entry(kind=kind, amount=Decimal(60)) for kind in (EntryKind.PAID, EntryKind.REFUNDED))
    assert total([paid, refunded]).held == 0
    with pytest.raises(ValueError, match="forfeited"):
        total([paid, refunded, Entry(kind=EntryKind.FORFEITED, amount=Decimal("0.01"))])


def test_parts_are_expected_in_the_future() -> None:
    check_expected(NOW + timedelta(seconds=1), now=NOW)
    with pytest.raises(Refusal):
        check_expected(NOW, now=NOW)


SIXTY = Sum(amount=Decimal("60.00"), currency="CNY")


@pytest.mark.parametrize("ending", [PaymentState.RETURNED, PaymentState.NOTHING_DUE])
@pytest.mark.parametrize("state", PaymentState)
def test_money_that_was_not_taken_ends_once_as_what_was_reported(state: PaymentState, ending: Ending) -> None:
    if state not in UNMATCHED:
        with pytest.raises(IllegalTransition, match="payment_settled"):
            settle(state, ending=ending, reported=SIXTY, stated=NOT_SAID)
        return
    assert settle(state, ending=ending, reported=SIXTY, stated=NOT_SAID) == SIXTY
    assert settle(state, ending=ending, reported=NOT_SAID, stated=SIXTY) == SIXTY
    with pytest.raises(Refusal, match="wrong_amount"):
        settle(state, ending=ending, reported=SIXTY, stated=Sum(amount=Decimal("60.00"), currency="USD"))
    for half in (Sum(amount=Decimal(60), currency=None), Sum(amount=None, currency="CNY")):
        with pytest.raises(Refusal, match="amount_not_stated"):
            settle(state, ending=ending, reported=NOT_SAID, stated=half)


def test_nobody_has_to_say_how_much_was_given_back_where_nothing_was() -> None:
    assert settle(PaymentState.REFUSED, ending=PaymentState.NOTHING_DUE, reported=NOT_SAID, stated=NOT_SAID) == NOT_SAID
    with pytest.raises(Refusal, match="amount_not_stated"):
        settle(PaymentState.REFUSED, ending=PaymentState.RETURNED, reported=NOT_SAID, stated=NOT_SAID)


@pytest.mark.parametrize("state", PaymentState)
def test_what_the_provider_gave_back_is_not_to_be_given_back_and_the_ledger_keeps_what_it_has(
    state: PaymentState,
) -> None:
    after = withdraw(state)
    assert after not in UNMATCHED
    assert after is withdraw(after)
    assert (after is state) == (state not in UNMATCHED)
    assert is_unjudged(after, withdrawn_at=None, refused_as=None) is False
    assert is_unjudged(after, withdrawn_at=NOW, refused_as="wrong_amount") is False
