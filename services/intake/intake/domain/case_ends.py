"""How a repair case ends: resolved, closed (结案), and opened again where the customer is not satisfied.

What others say of its orders, deposits and satisfaction arrives in any order. It is noted in the case first, as a set;
`follow` then draws the consequences of all that is known, so that every order of arrival ends in the same state.
"""

from dataclasses import replace
from datetime import datetime

from intake.domain.case import Case, CaseState, Order, Step
from intake.domain.case_steps import Change, clear, end_waits
from shared.contracts.intake import CaseClosed, CaseReopened, CaseResolved
from shared.refusals import IllegalTransition

DISSATISFACTION = "dissatisfaction"
"""The reason with which a dissatisfied customer reopens his case."""


def follow(case: Case, *, at: datetime) -> Change:
    """What follows from all that was heard: a completed order resolves the case, a dissatisfied customer reopens it.

    A cancellation that crossed a completion called nothing off: dispatch keeps what is repaired, and so does the case.
    """
    case, resolved = _count_completion(case, at=at)
    case, reopened = _answer_dissatisfaction(case, at=at)
    return case, (*resolved, *reopened)


def resolve(case: Case, *, resolution: str, at: datetime) -> Change:
    """The problem is solved without a visit: by phone, or because nothing was wrong any more."""
    case.require(Step.RESOLVE)
    return _resolve(case, resolution=resolution, at=at)


def close(case: Case, *, by: str, at: datetime) -> Change:
    """R260, R321: closed by somebody, once it is resolved, signed for and no deposit is open."""
    if case.state in {CaseState.CLOSED, CaseState.CANCELLED}:
        case.require(Step.CLOSE)
    if case.missing_for_closure or case.resolution is None:
        missing = "; ".join(case.missing_for_closure)
        raise IllegalTransition(
            "closure_incomplete", detail=f"Case {case.number} lacks {missing}.", expected=f"first {missing}"
        )
    closed = replace(case, state=CaseState.CLOSED, closed_at=_not_before(case, at=at))
    event = CaseClosed(
        case_id=case.id,
        case_number=case.number,
        resolution=case.resolution,
        closed_by=by,
        closed_at=_not_before(case, at=at),
    )
    return closed, (event,)


def reopen(case: Case, *, reason: str, at: datetime) -> Change:
    """The fault is back, or something else is wrong: somebody looks at the case again."""
    case.require(Step.REOPEN)
    return _reopen(case, reason=reason, at=at)


def visit_again(case: Case, *, at: datetime) -> Change:
    """A technician has to go once more: the case is cleared as its next round, on the basis that it had."""
    case.require(Step.VISIT_AGAIN)
    if case.basis is None:
        raise TypeError("a case that was never cleared has no further visit")
    return clear(case, basis=case.basis, at=_not_before(case, at=at))


def _count_completion(case: Case, *, at: datetime) -> Change:
    """The first completed order that has not resolved the case yet does so now."""
    done = [order for order in case.orders if order.completed_at is not None and order.counted_at is None]
    if case.state not in {CaseState.CLEARED, CaseState.CANCELLED} or not done:
        return case, ()
    order = min(done, key=lambda one: (one.completed_at or at, one.id))
    solved_at = order.completed_at or at
    resolved, events = _resolve(case, resolution=order.resolution or "", at=solved_at)
    counted = replace(order, counted_at=resolved.resolved_at)
    return replace(resolved, orders=_exchange(case.orders, counted)), events


def _answer_dissatisfaction(case: Case, *, at: datetime) -> Change:
    """Each reopens the case once, if its order resolved it; one about an open case is worked on with the rest."""
    counted = {order.id for order in case.orders if order.counted_at is not None}
    due = [one for one in case.dissatisfactions if one.answered_at is None and one.order_id in counted]
    if not due:
        return case, ()
    answered = tuple(replace(one, answered_at=at) if one in due else one for one in case.dissatisfactions)
    noted = replace(case, dissatisfactions=answered)
    if case.state not in {CaseState.RESOLVED, CaseState.CLOSED}:
        return noted, ()
    return _reopen(noted, reason=DISSATISFACTION, at=min(one.raised_at for one in due))


def _resolve(case: Case, *, resolution: str, at: datetime) -> Change:
    solved_at = _not_before(case, at=at)
    ended = end_waits(case, at=solved_at)
    resolved = replace(ended, state=CaseState.RESOLVED, resolution=resolution, resolved_at=solved_at)
    event = CaseResolved(case_id=case.id, case_number=case.number, resolution=resolution, resolved_at=solved_at)
    return resolved, (event,)


def _reopen(case: Case, *, reason: str, at: datetime) -> Change:
    again_at = _not_before(case, at=at)
    reopened = replace(
        case,
        state=CaseState.REOPENED,
        resolution=None,
        resolved_at=None,
        closed_at=None,
        reopened_at=again_at,
        reopen_reason=reason,
    )
    event = CaseReopened(case_id=case.id, case_number=case.number, reason=reason, reopened_at=again_at)
    return reopened, (event,)


def _not_before(case: Case, *, at: datetime) -> datetime:
    """I9: the clocks of services differ by a little, and the times of a case never run backwards."""
    known = (case.cleared_at, case.cancelled_at, case.resolved_at, case.closed_at, case.reopened_at)
    return max([case.registration.opened_at, at, *(moment for moment in known if moment is not None)])


def _exchange(orders: tuple[Order, ...], changed: Order) -> tuple[Order, ...]:
    return tuple(changed if order.id == changed.id else order for order in orders)
