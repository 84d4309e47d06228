"""What intake says."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event
from shared.contracts.facts import Amount, ClockMark, PartNeed, Urgency, Wait, WarrantyStatus

type Direction = Literal["in", "out"]


class CallReceived(Event):
    """A call is known: some push about it was accepted for the first time."""

    TYPE: ClassVar[str] = "intake.call_received.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("call", "call_id")

    call_id: UUID
    source_id: UUID = Field(description="the push source that told of it")
    provider: str = Field(description="`zammad`, `twilio` …")
    direction: Direction
    caller_label: str = Field(description="masked number, for instance `138****8000`, or `anonymous`")
    first_heard_at: AwareDatetime


class CallEnded(Event):
    """A call is over and its story complete."""

    TYPE: ClassVar[str] = "intake.call_ended.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("call", "call_id")

    call_id: UUID
    outcome: Literal["answered", "missed", "failed", "unknown"]
    ended_at: AwareDatetime


class CaseEvent(Event):
    """An event about one case."""

    SUBJECT: ClassVar[tuple[str, str]] = ("case", "case_id")

    case_id: UUID
    case_number: str = Field(description="short number to read out on the phone")


class CaseOpened(CaseEvent):
    """A repair was registered (登记报修)."""

    TYPE: ClassVar[str] = "intake.case_opened.v1"

    kind: Literal["repair"]
    call_id: UUID | None = Field(default=None, description="the call that it was registered on")
    customer_id: UUID
    customer_label: str = Field(description="masked phone number")
    site_id: UUID
    district: str = Field(description="district code of the site")
    unit_id: UUID = Field(description="the installed unit")
    product_family: str
    product_model: str
    problem_code: str = Field(description="problem category of the policy")
    urgency: Urgency
    warranty: WarrantyStatus
    parts: tuple[PartNeed, ...] = ()
    opened_at: AwareDatetime


class CaseContacted(CaseEvent):
    """The customer was called back and the repair confirmed with him; stops the response clock (R066)."""

    TYPE: ClassVar[str] = "intake.case_contacted.v1"

    contacted_at: AwareDatetime


class CaseCleared(CaseEvent):
    """Nothing stands in the way any more: the case may be dispatched."""

    TYPE: ClassVar[str] = "intake.case_cleared.v1"

    basis: Literal["warranty", "quote_accepted", "fee_waived"]
    round: int = Field(default=1, ge=1, description="1, and one more each time a reopened case needs another visit")
    customer_id: UUID
    customer_label: str = Field(description="masked phone number")
    site_id: UUID
    district: str = Field(description="district code of the site")
    unit_id: UUID
    product_family: str
    product_model: str
    problem_code: str
    urgency: Urgency
    warranty: WarrantyStatus
    parts: tuple[PartNeed, ...] = ()
    required_by: AwareDatetime | None = Field(default=None, description="when the customer wants it done (R188)")
    opened_at: AwareDatetime = Field(
        description="when the repair was registered, or opened again: the arrival clock starts here"
    )
    cleared_at: AwareDatetime
    waited: tuple[Wait, ...] = Field(default=(), description="waits between opened_at and cleared_at")


class CaseHeld(CaseEvent):
    """The case waits for somebody outside; clocks that pause for the reason stop counting."""

    TYPE: ClassVar[str] = "intake.case_held.v1"

    hold_id: UUID
    reason: str = Field(description="a pause reason of the policy")
    held_at: AwareDatetime


class CaseResumed(CaseEvent):
    """The wait named by `hold_id` is over."""

    TYPE: ClassVar[str] = "intake.case_resumed.v1"

    hold_id: UUID
    reason: str
    resumed_at: AwareDatetime


class CaseCancelled(CaseEvent):
    """The case ends without service; whoever works on it stops."""

    TYPE: ClassVar[str] = "intake.case_cancelled.v1"

    reason: str = Field(description="a code: `customer_withdrew`, `waiver_rejected`, `duplicate` …")
    cancelled_at: AwareDatetime


class CaseResolved(CaseEvent):
    """The customer's problem is solved as far as we know; it is not closed yet."""

    TYPE: ClassVar[str] = "intake.case_resolved.v1"

    resolution: str = Field(description="a code of the policy: `repaired`, `part_replaced`, `solved_by_phone` …")
    resolved_at: AwareDatetime


class CaseClosed(CaseEvent):
    """Resolved, signed for by the customer, deposits settled, and closed by somebody (R144, R260, R321)."""

    TYPE: ClassVar[str] = "intake.case_closed.v1"

    resolution: str
    closed_by: str = Field(description="staff number of the closer")
    closed_at: AwareDatetime


class CaseReopened(CaseEvent):
    """The customer is not satisfied, or the fault is back: somebody looks at the case again."""

    TYPE: ClassVar[str] = "intake.case_reopened.v1"

    reason: str = Field(description="a code: `dissatisfaction`, or one of the policy")
    reopened_at: AwareDatetime


class CustomerErased(Event):
    """Everything that could be read of a customer was destroyed; whoever keeps his words destroys them too."""

    TYPE: ClassVar[str] = "intake.customer_erased.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("customer", "customer_id")

    customer_id: UUID
    erased_at: AwareDatetime


class QuoteOffered(CaseEvent):
    """Out of warranty: solution and fee were put to the customer (R187)."""

    TYPE: ClassVar[str] = "intake.quote_offered.v1"

    quote_id: UUID
    amount: Amount
    offered_at: AwareDatetime


class QuoteAccepted(CaseEvent):
    """The customer, or whoever may for him, agreed to the fee (R186)."""

    TYPE: ClassVar[str] = "intake.quote_accepted.v1"

    quote_id: UUID
    amount: Amount
    accepted_at: AwareDatetime


class QuoteRefused(CaseEvent):
    """The customer refused to bear the cost (R209)."""

    TYPE: ClassVar[str] = "intake.quote_refused.v1"

    quote_id: UUID
    amount: Amount
    refused_at: AwareDatetime


class QuoteExpired(CaseEvent):
    """Nobody answered the quote while it stood; the case needs another one."""

    TYPE: ClassVar[str] = "intake.quote_expired.v1"

    quote_id: UUID
    amount: Amount
    expired_at: AwareDatetime


class QuoteSuperseded(CaseEvent):
    """Another quote was offered before this one was answered: this one counts no more."""

    TYPE: ClassVar[str] = "intake.quote_superseded.v1"

    quote_id: UUID
    amount: Amount
    superseded_by: UUID = Field(description="the quote that counts now")
    superseded_at: AwareDatetime


class ApprovalRequested(CaseEvent):
    """Somebody with authority has to decide (R189)."""

    TYPE: ClassVar[str] = "intake.approval_requested.v1"

    approval_id: UUID
    matter: Literal["fee_waiver"]
    amount: Amount
    approver_role: str
    requested_at: AwareDatetime


class ApprovalDecided(CaseEvent):
    """It was decided (R190)."""

    TYPE: ClassVar[str] = "intake.approval_decided.v1"

    approval_id: UUID
    matter: Literal["fee_waiver"]
    decision: Literal["approved", "rejected"]
    approver_role: str
    decided_at: AwareDatetime


class ClockWarned(CaseEvent):
    """A clock that intake runs passed a mark before its deadline."""

    TYPE: ClassVar[str] = "intake.clock_warned.v1"

    mark: str = Field(description="name of the mark in the policy, for instance `80%` or `30m before`")
    clock: ClockMark


class ClockBreached(CaseEvent):
    """A promise that intake times was broken."""

    TYPE: ClassVar[str] = "intake.clock_breached.v1"

    clock: ClockMark
