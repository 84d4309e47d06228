"""The saga of a request: each state that can be reached ends arranged or compensated, and money is never lost."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.supply import possible, step
from parts.domain.supply_words import (
    BEGINNING,
    NOT_ORDERED,
    OPEN,
    ORDERED,
    UNPAID,
    ClaimState,
    Command,
    DepositState,
    Happening,
    Outcome,
    RequestState,
    Supply,
    Terms,
    Weight,
)
from shared.refusals import IllegalTransition

KEPT_OR_NOT = (DepositState.REFUNDED, DepositState.FORFEITED)
TERMS = [
    Terms(weight=weight, never_fitted=never_fitted, cancelled=cancelled)
    for weight, never_fitted, cancelled in product(Weight, KEPT_OR_NOT, KEPT_OR_NOT)
]
BEGINNINGS = (
    BEGINNING,
    Supply(request=RequestState.RESERVED),
    Supply(request=RequestState.SHORT, claim=ClaimState.AWAITING_APPROVAL),
    Supply(request=RequestState.SHORT, claim=ClaimState.AWAITING_APPROVAL, deposit=DepositState.REQUIRED),
)
TAKEN = {DepositState.HELD, DepositState.REFUNDED, DepositState.FORFEITED}
standard = Terms(weight=Weight.BLOCKING, never_fitted=DepositState.FORFEITED, cancelled=DepositState.REFUNDED)


def steps(terms: Terms) -> Iterator[tuple[Happening, Outcome, bool]]:
    """Every step that some order of happenings leads to, and whether the customer has heard that his part is there."""
    waiting = [(supply, False) for supply in BEGINNINGS]
    seen = set(waiting)
    while waiting:
        supply, told = waiting.pop()
        for happening in possible(supply, terms=terms):
            outcome = step(supply, happening=happening, terms=terms)
            following = (outcome.after, told or Command.TELL in outcome.commands)
            yield happening, outcome, following[1]
            if following not in seen:
                seen.add(following)
                waiting.append(following)


def reachable(terms: Terms) -> list[Supply]:
    """Every state that some order of happenings leads to."""
    return list(dict.fromkeys([*BEGINNINGS, *(outcome.after for _, outcome, _ in steps(terms))]))


def has_ended(supply: Supply) -> bool:
    return supply.request not in OPEN | {RequestState.OWED}


@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_whatever_ended_holds_no_money_and_orders_nothing(terms: Terms) -> None:
    for supply in reachable(terms):
        if supply.request in OPEN:
            continue
        assert supply.deposit not in UNPAID | {DepositState.HELD}, supply
        assert supply.claim not in NOT_ORDERED, supply


@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_from_every_reachable_state_a_cancelled_order_ends_arranged_or_compensated(terms: Terms) -> None:
    for supply in reachable(terms):
        after = supply
        if supply.request in OPEN:
            outcome = step(supply, happening=Happening.CANCELLED, terms=terms)
            after = outcome.after
            assert Command.RELEASE in outcome.commands
        if after.request is RequestState.OWED:
            after = step(after, happening=Happening.BALANCED, terms=terms).after
        if after.claim is ClaimState.PLACED:
            arrived = step(after, happening=Happening.ARRIVED, terms=terms)
            assert arrived.commands == (Command.RECEIVE,), "free stock, kept for nobody"
            after = arrived.after
        assert has_ended(after)
        assert possible(after, terms=terms) == ()


@pytest.mark.rule("R322")
@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_whose_part_is_there_hears_it_once_however_it_came(terms: Terms) -> None:
    for happening, outcome, told in steps(terms):
        after = outcome.after
        if after.request is RequestState.RESERVED and after.claim in ORDERED:
            assert told, f"{happening} leads to {after}"
        if Command.TELL in outcome.commands:
            assert happening in {Happening.ARRIVED, Happening.FOUND}
            assert after.request is RequestState.RESERVED
        if Happening.ARRIVED in possible(after, terms=terms) and told:
            assert Command.TELL not in step(after, happening=Happening.ARRIVED, terms=terms).commands


@pytest.mark.rule("R320")
@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_money_is_kept_only_for_an_order_that_came_and_of_a_customer_who_heard_of_his_part(terms: Terms) -> None:
    kept = 0
    for happening, outcome, told in steps(terms):
        if Command.FORFEIT in outcome.commands:
            kept += 1
            assert told
            assert outcome.after.claim is ClaimState.ARRIVED
            assert happening in {Happening.EXPIRED, Happening.CANCELLED}
        if happening is Happening.NOT_OBTAINABLE:
            assert outcome.after.deposit not in UNPAID | {DepositState.HELD, DepositState.FORFEITED}
    assert (kept > 0) == (DepositState.FORFEITED in {terms.never_fitted, terms.cancelled})


@pytest.mark.rule("R320")
@pytest.mark.parametrize("becomes", KEPT_OR_NOT)
def test_what_becomes_of_a_deposit_whose_order_is_called_off_once_the_part_lies_there_is_policy(
    becomes: DepositState,
) -> None:
    terms = Terms(weight=Weight.BLOCKING, never_fitted=DepositState.REFUNDED, cancelled=becomes)
    lying = Supply(request=RequestState.RESERVED, claim=ClaimState.ARRIVED, deposit=DepositState.HELD)
    assert step(lying, happening=Happening.CANCELLED, terms=terms).after.deposit is becomes
    coming = Supply(request=RequestState.SHORT, claim=ClaimState.PLACED, deposit=DepositState.HELD)
    assert step(coming, happening=Happening.CANCELLED, terms=terms).after.deposit is DepositState.REFUNDED
    assert step(lying, happening=Happening.FITTED, terms=terms).after.deposit is DepositState.REFUNDED


@pytest.mark.rule("R320")
@pytest.mark.parametrize("terms", [one for one in TERMS if one.weight is Weight.BLOCKING], ids=str)
def test_where_the_policy_insists_nothing_is_with_the_supplier_before_the_deposit_is_paid(terms: Terms) -> None:
    for supply in reachable(terms):
        if supply.claim in {ClaimState.PLACED, ClaimState.ARRIVED}:
            assert supply.deposit is None or supply.deposit in TAKEN


def test_where_the_policy_only_advises_a_deposit_that_is_declined_does_not_hold_the_order_up() -> None:
    terms = Terms(weight=Weight.ADVISORY, never_fitted=DepositState.REFUNDED, cancelled=DepositState.REFUNDED)
    declined = step(BEGINNINGS[3], happening=Happening.DECLINED, terms=terms)
    assert (declined.after.request, declined.after.deposit) == (RequestState.SHORT, DepositState.WAIVED)
    signed = step(declined.after, happening=Happening.SIGNED, terms=terms)
    assert step(signed.after, happening=Happening.PLACED, terms=terms).after.claim is ClaimState.PLACED


@pytest.mark.rule("R320")
@pytest.mark.parametrize("happening", [Happening.DECLINED, Happening.UNPAID])
def test_a_deposit_that_becomes_due_before_ordering_takes_nothing_from_whom_the_supplier_delivers_for_already(
    happening: Happening,
) -> None:
    advised = Terms(weight=Weight.ADVISORY, never_fitted=DepositState.REFUNDED, cancelled=DepositState.REFUNDED)
    unpaid = [supply for supply in reachable(advised) if supply.deposit in UNPAID]
    assert RequestState.ISSUED in {supply.request for supply in unpaid}
    for supply in unpaid:
        after = step(supply, happening=happening, terms=standard).after
        assert after.deposit is DepositState.WAIVED
        is_ordered = supply.claim not in NOT_ORDERED
        assert (after.request is supply.request, after.claim is supply.claim) == (is_ordered, is_ordered), supply


@given(st.sampled_from(TERMS), st.lists(st.sampled_from(Happening), max_size=30))
def test_deposits_taken_are_held_refunded_or_forfeited_whatever_happens(terms: Terms, tried: list[Happening]) -> None:
    supply = BEGINNINGS[3]
    taken = given_back = 0
    for happening in tried:
        try:
            outcome = step(supply, happening=happening, terms=terms)
        except IllegalTransition:
            continue
        supply = outcome.after
        taken += outcome.commands.count(Command.TAKE)
        given_back += sum(command in {Command.REFUND, Command.FORFEIT} for command in outcome.commands)
        assert taken == given_back + (supply.deposit is DepositState.HELD)
        assert taken == (supply.deposit in TAKEN)


@given(st.sampled_from(TERMS), st.data(), st.sampled_from(Happening))
def test_what_cannot_happen_is_refused_with_what_could(terms: Terms, data: st.DataObject, happening: Happening) -> None:
    supply = data.draw(st.sampled_from(list(reachable(terms))))
    following = possible(supply, terms=terms)
    if happening in following:
        step(supply, happening=happening, terms=terms)
        return
    with pytest.raises(IllegalTransition) as refused:
        step(supply, happening=happening, terms=terms)
    named = refused.value.expected
    assert refused.value.code == "deposit_not_paid" or all(one in named for one in following)


@pytest.mark.rule("R199")
def test_nothing_is_placed_before_it_is_signed() -> None:
    paid = step(BEGINNINGS[3], happening=Happening.PAID, terms=standard).after
    with pytest.raises(IllegalTransition):
        step(paid, happening=Happening.PLACED, terms=standard)
    signed = step(paid, happening=Happening.SIGNED, terms=standard).after
    assert step(signed, happening=Happening.PLACED, terms=standard).after.claim is ClaimState.PLACED
