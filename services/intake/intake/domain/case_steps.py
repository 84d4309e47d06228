"""The steps of a repair case: each takes the case as it is and gives it as it becomes, with the events that say so.

An illegal step raises `IllegalTransition`; `intake.domain.case` draws which step leads where.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from intake.domain import approvals, quotes
from intake.domain.approvals import Approval, ApprovalState, Decision
from intake.domain.case import Basis, Case, CaseState, Hold, Registration, Step
from intake.domain.quotes import ConsentBy, Quote, QuoteState
from shared.contracts.envelope import Event
from shared.contracts.facts import Wait, WarrantyStatus
from shared.contracts.intake import (
    ApprovalDecided,
    ApprovalRequested,
    CaseCancelled,
    CaseCleared,
    CaseContacted,
    CaseHeld,
    CaseOpened,
    CaseResumed,
    QuoteAccepted,
    QuoteExpired,
    QuoteOffered,
    QuoteRefused,
    QuoteSuperseded,
)
from shared.refusals import IllegalTransition

type Change = tuple[Case, tuple[Event, ...]]


def register(registration: Registration) -> Change:
    """R068: in warranty nothing stands in the way; out of warranty the case first needs a quote (R187)."""
    facts = registration
    opened = CaseOpened(
        case_id=facts.case_id,
        case_number=facts.number,
        kind="repair",
        call_id=facts.call_id,
        customer_id=facts.customer_id,
        customer_label=facts.customer_label,
        site_id=facts.site_id,
        district=facts.district,
        unit_id=facts.unit_id,
        product_family=facts.product_family,
        product_model=facts.product_model,
        problem_code=facts.problem_code,
        urgency=facts.urgency,
        warranty=facts.warranty,
        parts=facts.parts,
        opened_at=facts.opened_at,
    )
    case = Case(registration=facts, state=CaseState.AWAITING_QUOTE)
    if facts.warranty is WarrantyStatus.OUT_OF_WARRANTY:
        return case, (opened,)
    cleared, events = clear(case, basis="warranty", at=facts.opened_at)
    return cleared, (opened, *events)


def contact(case: Case, *, at: datetime) -> Change:
    """R066: the customer was called back and the repair confirmed with him."""
    case.require(Step.CONTACT)
    return replace(case, contacted_at=at), (CaseContacted(case_id=case.id, case_number=case.number, contacted_at=at),)


def offer_quote(case: Case, *, quote: Quote) -> Change:
    """R187: solution and fee are put to the customer. A quote that still waits for his word is superseded."""
    case.require(Step.OFFER_QUOTE)
    earlier = _settle_open(case, state=QuoteState.SUPERSEDED, at=quote.offered_at)
    event = QuoteOffered(
        case_id=case.id, case_number=case.number, quote_id=quote.id, amount=quote.amount, offered_at=quote.offered_at
    )
    after = replace(case, state=CaseState.AWAITING_CONSENT, quotes=(*earlier, quote))
    if case.open_quote is None:
        return after, (event,)
    return after, (_superseded(case, quote=case.open_quote, by=quote), event)


def accept_quote(case: Case, *, quote_id: UUID, by: ConsentBy, at: datetime) -> Change:
    """R186: `by` consented to the fee, so the repair may be done."""
    quote = _open_quote(case, quote_id=quote_id, step=Step.ACCEPT_QUOTE)
    event = QuoteAccepted(
        case_id=case.id, case_number=case.number, quote_id=quote.id, amount=quote.amount, accepted_at=at
    )
    agreed = replace(case, quotes=_settle_open(case, state=QuoteState.ACCEPTED, at=at, by=by))
    cleared, events = clear(agreed, basis="quote_accepted", at=at)
    return cleared, (event, *events)


def refuse_quote(
    case: Case, *, quote_id: UUID, by: ConsentBy, at: datetime, approval_id: UUID, bands: tuple[approvals.Band, ...]
) -> Change:
    """R209, R189: the refusal is recorded, and whoever may waive an amount like this is asked."""
    quote = _open_quote(case, quote_id=quote_id, step=Step.REFUSE_QUOTE)
    role = approvals.approver_for(quote.amount, bands=bands)
    approval = Approval(id=approval_id, amount=quote.amount, approver_role=role, requested_at=at)
    refused = replace(
        case,
        state=CaseState.AWAITING_WAIVER,
        quotes=_settle_open(case, state=QuoteState.REFUSED, at=at, by=by),
        approvals=(*case.approvals, approval),
    )
    return refused, (
        QuoteRefused(case_id=case.id, case_number=case.number, quote_id=quote.id, amount=quote.amount, refused_at=at),
        ApprovalRequested(
            case_id=case.id,
            case_number=case.number,
            approval_id=approval.id,
            matter="fee_waiver",
            amount=approval.amount,
            approver_role=role,
            requested_at=at,
        ),
    )


def expire_quote(case: Case, *, quote_id: UUID, at: datetime) -> Change:
    """The quote's time ran out without an answer; the case needs another one. Obsolete deadlines change nothing."""
    quote = case.open_quote
    if quote is None or quote.id != quote_id or at < quote.valid_until:
        return case, ()
    expired = _settle_open(case, state=QuoteState.EXPIRED, at=at)
    event = QuoteExpired(
        case_id=case.id, case_number=case.number, quote_id=quote.id, amount=quote.amount, expired_at=at
    )
    return replace(case, state=CaseState.AWAITING_QUOTE, quotes=expired), (event,)


def decide_waiver(case: Case, *, approval_id: UUID, decision: Decision, role: str, at: datetime) -> Change:
    """R189, R190: only with the approval (批件) is the service arranged; without it the case ends."""
    case.require(Step.DECIDE_WAIVER)
    pending = next(approval for approval in case.approvals if approval.id == approval_id)
    decided = approvals.decide(pending, decision=decision, role=role, at=at)
    event = ApprovalDecided(
        case_id=case.id,
        case_number=case.number,
        approval_id=decided.id,
        matter="fee_waiver",
        decision=decision,
        approver_role=role,
        decided_at=at,
    )
    settled = replace(case, approvals=_exchange(case.approvals, decided))
    if decided.state is ApprovalState.APPROVED:
        after, events = clear(settled, basis="fee_waived", at=at)
    else:
        after, events = cancel(settled, reason="waiver_rejected", at=at)
    return after, (event, *events)


def hand_over(case: Case, *, before: str, to: str) -> Change:
    """R046: somebody else becomes responsible. Where the case stands does not change, so nothing is told."""
    case.require(Step.HAND_OVER)
    if to == before:
        raise IllegalTransition(
            "owner_already", detail=f"{to} is responsible for the case already.", expected="another member of the staff"
        )
    return case, ()


def hold(case: Case, *, hold_id: UUID, reason: str, at: datetime) -> Change:
    """The case waits for somebody outside; a clock that pauses for `reason` stops counting."""
    case.require(Step.HOLD)
    event = CaseHeld(case_id=case.id, case_number=case.number, hold_id=hold_id, reason=reason, held_at=at)
    return replace(case, holds=(*case.holds, Hold(id=hold_id, reason=reason, since=at))), (event,)


def release(case: Case, *, hold_id: UUID, at: datetime) -> Change:
    """The wait is over."""
    case.require(Step.RELEASE)
    held = next(hold for hold in case.holds if hold.id == hold_id)
    if held.until is not None:
        raise IllegalTransition(
            "hold_already_released",
            detail=f"The hold ended at {held.until.isoformat()}.",
            expected="the id of a hold that is still open",
        )
    event = CaseResumed(case_id=case.id, case_number=case.number, hold_id=hold_id, reason=held.reason, resumed_at=at)
    return replace(case, holds=_exchange(case.holds, replace(held, until=at))), (event,)


def cancel(case: Case, *, reason: str, at: datetime) -> Change:
    """The case ends without service: open quotes and approvals go with it, open holds end."""
    case.require(Step.CANCEL)
    ended = end_waits(case, at=at)
    cancelled = replace(ended, state=CaseState.CANCELLED, cancelled_at=at, cancel_reason=reason)
    return cancelled, (CaseCancelled(case_id=case.id, case_number=case.number, reason=reason, cancelled_at=at),)


def waits(case: Case) -> tuple[Wait, ...]:
    """How long the case waited for the customer's consent and for approvals, in order."""
    spans = [("consent", quote.offered_at, quote.answered_at) for quote in case.quotes]
    spans += [("approval", approval.requested_at, approval.decided_at) for approval in case.approvals]
    over = [Wait(reason=reason, since=since, until=until) for reason, since, until in spans if until is not None]
    return tuple(sorted(over, key=lambda wait: (wait.since, wait.until)))


def clear(case: Case, *, basis: Basis, at: datetime) -> Change:
    """Nothing stands in the way. A further round is counted from the reopening, and brings no old wishes with it."""
    facts, is_first = case.registration, case.round == 0
    begun = facts.opened_at if case.reopened_at is None else case.reopened_at
    event = CaseCleared(
        case_id=facts.case_id,
        case_number=facts.number,
        basis=basis,
        round=case.round + 1,
        customer_id=facts.customer_id,
        customer_label=facts.customer_label,
        site_id=facts.site_id,
        district=facts.district,
        unit_id=facts.unit_id,
        product_family=facts.product_family,
        product_model=facts.product_model,
        problem_code=facts.problem_code,
        urgency=facts.urgency,
        warranty=facts.warranty,
        parts=facts.parts if is_first else (),
        required_by=facts.required_by if is_first else None,
        opened_at=begun,
        cleared_at=at,
        waited=tuple(wait for wait in waits(case) if wait.since >= begun),
    )
    cleared = replace(case, state=CaseState.CLEARED, basis=basis, round=case.round + 1, cleared_at=at)
    return cleared, (event,)


def end_waits(case: Case, *, at: datetime) -> Case:
    """Open quotes and approvals are withdrawn, open holds end."""
    return replace(
        case,
        quotes=_settle_open(case, state=QuoteState.WITHDRAWN, at=at),
        approvals=tuple(approvals.withdraw(approval, at=at) for approval in case.approvals),
        holds=tuple(hold if hold.until else replace(hold, until=max(at, hold.since)) for hold in case.holds),
    )


def _superseded(case: Case, *, quote: Quote, by: Quote) -> QuoteSuperseded:
    return QuoteSuperseded(
        case_id=case.id,
        case_number=case.number,
        quote_id=quote.id,
        amount=quote.amount,
        superseded_by=by.id,
        superseded_at=by.offered_at,
    )


def _open_quote(case: Case, *, quote_id: UUID, step: Step) -> Quote:
    case.require(step)
    quote = case.open_quote
    if quote is None or quote.id != quote_id:
        raise IllegalTransition(
            "quote_not_open",
            detail="That quote no longer waits for an answer.",
            expected=f"the open quote {quote.id if quote else ''}",
        )
    return quote


def _settle_open(case: Case, *, state: QuoteState, at: datetime, by: ConsentBy | None = None) -> tuple[Quote, ...]:
    return tuple(
        quotes.settle(quote, state=state, at=at, by=by) if quote.state is QuoteState.OFFERED else quote
        for quote in case.quotes
    )


def _exchange[T: (Hold, Approval)](items: Iterable[T], changed: T) -> tuple[T, ...]:
    return tuple(changed if item.id == changed.id else item for item in items)
