"""A repair case (报修) as it stands before the visit: its states, and which steps lead on from each.

    awaiting_quote ──offer──> awaiting_consent ──accept──> cleared
          ^                     │          │
          └──────expire─────────┘          └──refuse──> awaiting_waiver ──approve──> cleared
                                                              └──reject──> cancelled

In warranty a case is cleared when it is registered. In every state but `cancelled` it may be
contacted, handed over, held and cancelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from intake.domain.approvals import Approval
from intake.domain.quotes import Quote, QuoteState
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus
from shared.refusals import IllegalTransition


class CaseState(StrEnum):
    """Where a case stands before the visit; dispatch tells the rest."""

    AWAITING_QUOTE = "awaiting_quote"
    AWAITING_CONSENT = "awaiting_consent"
    AWAITING_WAIVER = "awaiting_waiver"
    CLEARED = "cleared"
    CANCELLED = "cancelled"


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


_ALWAYS = (Step.CONTACT, Step.HAND_OVER, Step.HOLD, Step.RELEASE, Step.CANCEL)
_STEPS: Mapping[CaseState, tuple[Step, ...]] = {
    CaseState.AWAITING_QUOTE: (Step.OFFER_QUOTE, *_ALWAYS),
    CaseState.AWAITING_CONSENT: (Step.ACCEPT_QUOTE, Step.REFUSE_QUOTE, Step.OFFER_QUOTE, *_ALWAYS),
    CaseState.AWAITING_WAIVER: (Step.DECIDE_WAIVER, *_ALWAYS),
    CaseState.CLEARED: _ALWAYS,
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
class Case:
    """`quotes`, `approvals` and `holds` in the order in which they began."""

    registration: Registration
    state: CaseState
    contacted_at: datetime | None = None
    cleared_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    quotes: tuple[Quote, ...] = ()
    approvals: tuple[Approval, ...] = ()
    holds: tuple[Hold, ...] = ()

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
        open_holds = any(hold.until is None for hold in self.holds)
        missing = {Step.CONTACT} if self.contacted_at else set()
        return tuple(
            step for step in _STEPS[self.state] if step not in missing and (open_holds or step is not Step.RELEASE)
        )

    def require(self, step: Step) -> None:
        """Raises `IllegalTransition` naming the state and the possible steps where `step` is none of them."""
        if step not in self.possible_steps:
            possible = ", ".join(self.possible_steps) or "none: a cancelled case stays as it is"
            raise IllegalTransition(
                "step_not_possible",
                detail=f"Case {self.number} is {self.state}, from which `{step}` does not lead on.",
                expected=f"one of the possible steps: {possible}",
            )

    @property
    def open_quote(self) -> Quote | None:
        """The quote that waits for the customer's word."""
        return next((quote for quote in self.quotes if quote.state is QuoteState.OFFERED), None)
