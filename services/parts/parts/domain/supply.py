"""The saga of one request: its pieces, its claim order (索赔订货) and its deposit (订金), each with the way back.

    reserved ──drawn──> issued ──fitted, not_fitted, cancelled──> owed ──balanced──> settled
       ^  │ expired                                                          (every piece is accounted for)
       │  └──> expired            cancelled, not_fitted before anything was drawn: released
    short ──> unavailable         declined, unpaid, rejected, not_obtainable; reserved: arrived, found; expired: what
                                  was kept in part for too long

    claim order   awaiting_approval ──signed──> approved ──placed──> placed ──arrived──> arrived
    deposit       required ──agreed──> agreed ──paid──> held ──> refunded, or forfeited where what was ordered came and
                  was never fitted; it may be paid at once

Whatever ends a request lets its pieces go, calls off a claim order that the supplier does not have yet, and gives the
deposit back; a claim order that the supplier has is waited for, and its parts become free stock. Pieces that are found
on the shelf call it off likewise; where the supplier has it, its deposit is held on until a part is fitted, and the
customer hears at once that his part is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from parts.domain.supply_words import (
    NOT_ORDERED,
    OPEN,
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


def step(supply: Supply, *, happening: Happening, terms: Terms) -> Outcome:
    """What follows. Raises IllegalTransition, which names what could happen instead, where it does not lead on."""
    _require_paid(supply, happening=happening, terms=terms)
    outcome = _STEPS[happening](supply, terms)
    if outcome is None:
        raise _refusal(supply, happening=happening, terms=terms)
    return outcome


def possible(supply: Supply, *, terms: Terms) -> tuple[Happening, ...]:
    """What could happen now."""
    blocked = _is_unpaid(supply, terms=terms)
    return tuple(
        happening
        for happening, follow in _STEPS.items()
        if not (blocked and happening is Happening.PLACED) and follow(supply, terms) is not None
    )


def _agree(supply: Supply, _: Terms) -> Outcome | None:
    """R320: the service advisor has talked with the customer, who will pay."""
    if supply.deposit is not DepositState.REQUIRED:
        return None
    return Outcome(after=replace(supply, deposit=DepositState.AGREED))


def _pay(supply: Supply, _: Terms) -> Outcome | None:
    if supply.deposit not in UNPAID:
        return None
    return Outcome(after=replace(supply, deposit=DepositState.HELD), commands=(Command.TAKE,))


def _go_unpaid(supply: Supply, terms: Terms) -> Outcome | None:
    """R320: nobody orders without the deposit; it is let drop where the policy only advises it, or did at the order."""
    if supply.deposit not in UNPAID:
        return None
    if terms.weight is Weight.BLOCKING and supply.claim in NOT_ORDERED:
        return _let_go(supply, request=RequestState.UNAVAILABLE)
    return Outcome(after=replace(supply, deposit=DepositState.WAIVED), commands=(Command.WAIVE,))


def _sign(supply: Supply, _: Terms) -> Outcome | None:
    if supply.claim is not ClaimState.AWAITING_APPROVAL:
        return None
    return Outcome(after=replace(supply, claim=ClaimState.APPROVED))


def _reject(supply: Supply, _: Terms) -> Outcome | None:
    """R199: without the signature nothing is ordered."""
    if supply.claim is not ClaimState.AWAITING_APPROVAL:
        return None
    return _let_go(replace(supply, claim=ClaimState.REJECTED), request=RequestState.UNAVAILABLE)


def _give_up(supply: Supply, _: Terms) -> Outcome | None:
    """Nobody can deliver it. A request that does not wait for it goes on, without an order to hold a deposit for."""
    called_off = replace(supply, claim=supply.claim and ClaimState.CANCELLED)
    if supply.request is RequestState.SHORT:
        return _let_go(called_off, request=RequestState.UNAVAILABLE)
    if supply.claim is not ClaimState.PLACED:
        return None
    deposit, settling = _SETTLED.get(supply.deposit, (supply.deposit, ()))
    return Outcome(after=replace(called_off, deposit=deposit), commands=settling)


def _place(supply: Supply, _: Terms) -> Outcome | None:
    """Placed once, and again where the supplier names another day."""
    if supply.claim not in {ClaimState.APPROVED, ClaimState.PLACED}:
        return None
    return Outcome(after=replace(supply, claim=ClaimState.PLACED))


def _arrive(supply: Supply, _: Terms) -> Outcome | None:
    """For the request that waits; free stock where it does not, be it that it ended or that pieces were found."""
    if supply.claim is not ClaimState.PLACED:
        return None
    arrived = replace(supply, claim=ClaimState.ARRIVED)
    if supply.request is not RequestState.SHORT:
        return Outcome(after=arrived, commands=(Command.RECEIVE,))
    commands = (Command.RECEIVE, Command.TELL, Command.KEEP)
    return Outcome(after=replace(arrived, request=RequestState.RESERVED), commands=commands)


def _find(supply: Supply, _: Terms) -> Outcome | None:
    """The missing pieces lie on the shelf after all: the order is called off and the deposit given back.

    What the supplier has already is not called off: it becomes free stock, and R321 holds for its deposit as before.
    R322 then holds for the pieces that were found: nobody may lose a deposit for a part that he never heard of.
    """
    if supply.request is not RequestState.SHORT or supply.claim is None:
        return None
    if supply.claim not in NOT_ORDERED:
        return Outcome(after=replace(supply, request=RequestState.RESERVED), commands=(Command.TELL,))
    deposit, settling = _SETTLED.get(supply.deposit, (supply.deposit, ()))
    after = Supply(request=RequestState.RESERVED, claim=ClaimState.CANCELLED, deposit=deposit)
    return Outcome(after=after, commands=settling)


def _draw(supply: Supply, _: Terms) -> Outcome | None:
    """R327: the kit is complete before anything of it leaves the store."""
    if supply.request not in {RequestState.RESERVED, RequestState.ISSUED}:
        return None
    return Outcome(after=replace(supply, request=RequestState.ISSUED), commands=(Command.STOP,))


def _expire(supply: Supply, terms: Terms) -> Outcome | None:
    """Nobody drew the pieces, or what is missing to them has not come. R320: a deposit is against dead stock (积压件).

    What has not come is none, and may never come: only for an order that arrived is a deposit kept.
    """
    if supply.request not in {RequestState.RESERVED, RequestState.SHORT}:
        return None
    held = terms.never_fitted if supply.claim is ClaimState.ARRIVED else DepositState.REFUNDED
    return _let_go(supply, request=RequestState.EXPIRED, held=held)


def _cancel(supply: Supply, terms: Terms) -> Outcome | None:
    """The work order is called off. R320: what came and lies unused is dead stock (积压件), as where nobody came."""
    lies_unused = supply.request is RequestState.RESERVED and supply.claim is ClaimState.ARRIVED
    return _over(supply, held=terms.cancelled if lies_unused else DepositState.REFUNDED)


def _end(supply: Supply, _: Terms) -> Outcome | None:
    """The work order is done."""
    return _over(supply, held=DepositState.REFUNDED)


def _over(supply: Supply, *, held: DepositState) -> Outcome | None:
    """What was drawn and not fitted is owed until it is back."""
    if supply.request not in OPEN:
        return None
    drawn = supply.request is RequestState.ISSUED
    return _let_go(supply, request=RequestState.OWED if drawn else RequestState.RELEASED, held=held)


def _balance(supply: Supply, _: Terms) -> Outcome | None:
    if supply.request is not RequestState.OWED:
        return None
    return Outcome(after=replace(supply, request=RequestState.SETTLED))


def _let_go(supply: Supply, *, request: RequestState, held: DepositState = DepositState.REFUNDED) -> Outcome:
    """The compensation of every step that was taken."""
    claim = ClaimState.CANCELLED if supply.claim in NOT_ORDERED else supply.claim
    deposit, settling = _SETTLED.get(supply.deposit, (supply.deposit, ()))
    if supply.deposit is DepositState.HELD and held is DepositState.FORFEITED:
        deposit, settling = DepositState.FORFEITED, (Command.FORFEIT,)
    after = Supply(request=request, claim=claim, deposit=deposit)
    return Outcome(after=after, commands=(Command.STOP, Command.RELEASE, *settling))


_SETTLED: Mapping[DepositState | None, tuple[DepositState, tuple[Command, ...]]] = MappingProxyType(
    {
        DepositState.REQUIRED: (DepositState.WAIVED, (Command.WAIVE,)),
        DepositState.AGREED: (DepositState.WAIVED, (Command.WAIVE,)),
        DepositState.HELD: (DepositState.REFUNDED, (Command.REFUND,)),
    }
)
_STEPS: Mapping[Happening, Callable[[Supply, Terms], Outcome | None]] = MappingProxyType(
    {
        Happening.AGREED: _agree,
        Happening.PAID: _pay,
        Happening.DECLINED: _go_unpaid,
        Happening.UNPAID: _go_unpaid,
        Happening.SIGNED: _sign,
        Happening.REJECTED: _reject,
        Happening.NOT_OBTAINABLE: _give_up,
        Happening.PLACED: _place,
        Happening.ARRIVED: _arrive,
        Happening.FOUND: _find,
        Happening.DRAWN: _draw,
        Happening.EXPIRED: _expire,
        Happening.CANCELLED: _cancel,
        Happening.FITTED: _end,
        Happening.NOT_FITTED: _end,
        Happening.BALANCED: _balance,
    }
)


def _is_unpaid(supply: Supply, *, terms: Terms) -> bool:
    return supply.deposit in UNPAID and terms.weight is Weight.BLOCKING


def _require_paid(supply: Supply, *, happening: Happening, terms: Terms) -> None:
    if happening is Happening.PLACED and supply.claim in NOT_ORDERED and _is_unpaid(supply, terms=terms):
        raise IllegalTransition(
            "deposit_not_paid",
            detail="the customer has not paid the deposit yet",
            expected="the order is placed once the deposit is paid",
        )


def _refusal(supply: Supply, *, happening: Happening, terms: Terms) -> IllegalTransition:
    parts = (("the request is", supply.request), ("its claim order", supply.claim), ("its deposit", supply.deposit))
    stands = [f"{what} {state}" for what, state in parts if state is not None]
    following = ", ".join(possible(supply, terms=terms))
    return IllegalTransition(
        f"not_{happening}",
        detail=f"{', '.join(stands)}: it cannot be {happening} now",
        expected=f"one of: {following}" if following else "nothing more: it has ended",
    )
