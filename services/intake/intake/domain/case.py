"""A repair case (报修): its states, and which steps lead on from each.

    awaiting_quote ──offer──> awaiting_consent ──accept──> cleared
          ^                     │          │
          └──────expire─────────┘          └──refuse──> awaiting_waiver ──approve──> cleared
                                                              └──reject──> cancelled

    cleared ──an order of it was completed──> resolved ──close──> closed
       ^                                         │ ^                │
       │                                         v └──resolve       │
       └──────────────further visit────────── reopened <────────────┘

    cancelled ──an order of it had been completed before dispatch heard the cancellation──> resolved

In warranty a case is cleared when it is registered. Until it is resolved it may be held and cancelled, until it is
closed it may be contacted and handed over. What no technician has been sent for may be resolved by phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from intake.domain.approvals import Approval
from intake.domain.quotes import Quote, QuoteState
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus
from shared.refusals import IllegalTransition

type Basis = Literal["warranty", "quote_accepted", "fee_waived"]


class CaseState(StrEnum):
    """Where a case stands; while it is cleared, dispatch tells the rest."""

    AWAITING_QUOTE = "awaiting_quote"
    AWAITING_CONSENT = "awaiting_consent"
    AWAITING_WAIVER = "awaiting_waiver"
    CLEARED = "cleared"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset(CaseState) - {CaseState.CLOSED, CaseState.CANCELLED}
"""In which somebody still has to do something."""


class Step(StrEnum):
    """What somebody may want to do with a case."""

    CONTACT = "contact"
    HAND_OVER = "hand_over"
    OFFER_QUOTE = "offer_quote"
    ACCEPT_QUOTE = "accept_quote"
    REFUSE_QUOTE = "refuse_quote"
    DECIDE_WAIVER = "decide_waiver"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    VISIT_AGAIN = "visit_again"


_UNTIL_CLOSED = (Step.CONTACT, Step.HAND_OVER)
_ALWAYS = (*_UNTIL_CLOSED, Step.HOLD, Step.RELEASE, Step.CANCEL)
_BY_PHONE = (Step.RESOLVE, *_ALWAYS)
_STEPS: Mapping[CaseState, tuple[Step, ...]] = {
    CaseState.AWAITING_QUOTE: (Step.OFFER_QUOTE, *_BY_PHONE),
    CaseState.AWAITING_CONSENT: (Step.ACCEPT_QUOTE, Step.REFUSE_QUOTE, Step.OFFER_QUOTE, *_BY_PHONE),
    CaseState.AWAITING_WAIVER: (Step.DECIDE_WAIVER, *_BY_PHONE),
    CaseState.CLEARED: _ALWAYS,
    CaseState.RESOLVED: (Step.CLOSE, Step.REOPEN, *_UNTIL_CLOSED),
    CaseState.CLOSED: (Step.REOPEN,),
    CaseState.REOPENED: (Step.VISIT_AGAIN, Step.OFFER_QUOTE, *_BY_PHONE),
    CaseState.CANCELLED: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the register form fixes (顾客报修登记表, R065); it never changes afterwards."""

    case_id: UUID
    number: str
    call_id: UUID | None
    customer_id: UUID
    customer_label: str
    site_id: UUID
    district: str
    unit_id: UUID
    product_family: str
    product_model: str
    problem_code: str
    urgency: Urgency
    warranty: WarrantyStatus
    parts: tuple[PartNeed, ...]
    required_by: datetime | None
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A wait for somebody outside, over once `until` is known."""

    id: UUID
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A work order (维修单) of the case, as far as its parts were heard. Once it resolved the case it is `counted`."""

    id: UUID
    number: str
    resolution: str | None = None
    completed_at: datetime | None = None
    signed_off_at: datetime | None = None
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A deposit (订金), settled once it was waived, refunded or forfeited (R320, R321)."""

    id: UUID
    amount: Decimal
    settled_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissatisfaction:
    """The customer is not satisfied with an order; answered, it reopens the case no more."""

    id: UUID
    order_id: UUID
    raised_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`quotes`, `approvals` and `holds` in the order in which they began; `round` counts how often it was cleared."""

    registration: Registration
    state: CaseState
    contacted_at: datetime | None = None
    cleared_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    basis: Basis | None = None
    round: int = 0
    resolution: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None
    reopen_reason: str | None = None
    quotes: tuple[Quote, ...] = ()
    approvals: tuple[Approval, ...] = ()
    holds: tuple[Hold, ...] = ()
    orders: tuple[Order, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    dissatisfactions: tuple[Dissatisfaction, ...] = ()

    @property
    def id(self) -> UUID:
        """The case's id."""
        return self.registration.case_id

    @property
    def number(self) -> str:
        """The short number to read out on the phone."""
        return self.registration.number

    @property
    def possible_steps(self) -> tuple[Step, ...]:
        """What may be done now."""
        possible = {
            Step.CONTACT: self.contacted_at is None,
            Step.RELEASE: any(hold.until is None for hold in self.holds),
            Step.CLOSE: not self.missing_for_closure,
            Step.VISIT_AGAIN: self.basis is not None,
            # who agreed to a fee, or need not, is not asked again
            Step.OFFER_QUOTE: self.basis is None,
        }
        return tuple(step for step in _STEPS[self.state] if possible.get(step, True))

    @property
    def missing_for_closure(self) -> tuple[str, ...]:
        """R260, R321: what has to be there before the case is closed and is not, in words."""
        missing = [] if self.resolution is not None else ["a resolution: the repair is not done"]
        counted = [(order.counted_at, order.id, order) for order in self.orders if order.counted_at is not None]
        if counted and (last := max(counted)[2]).signed_off_at is None:
            missing.append(f"the customer's signature on work order {last.number}")
        missing += [f"the settlement of deposit {one.id} of {one.amount} yuan" for one in self.open_deposits]
        return tuple(missing)

    @property
    def open_deposits(self) -> tuple[Deposit, ...]:
        """Those that nobody waived, refunded or kept."""
        return tuple(deposit for deposit in self.deposits if deposit.settled_as is None)

    def require(self, step: Step) -> None:
        """Raises `IllegalTransition` naming the state and the possible steps where `step` is none of them."""
        if step not in self.possible_steps:
            possible = ", ".join(self.possible_steps) or f"none: a {self.state} case stays as it is"
            raise IllegalTransition(
                "step_not_possible",
                detail=f"Case {self.number} is {self.state}, from which `{step}` does not lead on.",
                expected=f"one of the possible steps: {possible}",
            )

    @property
    def open_quote(self) -> Quote | None:
        """The quote that waits for the customer's word."""
        return next((quote for quote in self.quotes if quote.state is QuoteState.OFFERED), None)
