"""What parts says."""

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event
from shared.contracts.facts import Amount, ClockMark, PartNeed


class PartsEvent(Event):
    """An event about one request for parts (领料申请), which belongs to one work order of one case."""

    SUBJECT: ClassVar[tuple[str, str]] = ("parts_request", "request_id")

    request_id: UUID
    work_order_id: UUID
    case_id: UUID


class ReportPublished(Event):
    """A report was handed in, before it was due: the monthly cost table is at finance (配件费用表, R325)."""

    TYPE: ClassVar[str] = "parts.report_published.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("report", "report_id")

    report_id: UUID
    kind: str = Field(description="which one: `parts_cost`")
    month: str = Field(description="the month that it is about, `2026-11`")
    amount: Decimal = Field(
        max_digits=20, decimal_places=2, description="yuan: what was used up less what came back; may be negative"
    )
    due_at: AwareDatetime
    published_at: AwareDatetime


class StoreWorkRecorded(Event):
    """Somebody spent time on the store or on tools: general administration (一般行政工作) of his time sheet (R335)."""

    TYPE: ClassVar[str] = "parts.store_work_recorded.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("store_work", "store_work_id")

    store_work_id: UUID
    staff_number: str
    activity: str = Field(description="a code of the policy: `parts_management`, `tool_upkeep` …")
    day: date = Field(description="local date on which it was done")
    minutes: int = Field(ge=1)
    recorded_at: AwareDatetime


class PartsReserved(PartsEvent):
    """Every piece that was asked for lies reserved in the store. Said again, with a later end, where it is renewed."""

    TYPE: ClassVar[str] = "parts.parts_reserved.v1"

    lines: tuple[PartNeed, ...]
    reserved_at: AwareDatetime
    expires_at: AwareDatetime = Field(description="when the pieces go back to the shelf unless they are issued")


class PartsShort(PartsEvent):
    """Something is missing; what there is stays reserved, and the rest is ordered (R327).

    Said again where the kit can be complete at another time or at none known: what is on order for nobody changes, or
    its own order has not come on its day.
    """

    TYPE: ClassVar[str] = "parts.parts_short.v1"

    missing: tuple[PartNeed, ...]
    short_at: AwareDatetime
    ready_at: AwareDatetime | None = Field(
        default=None, description="when pieces that are on order for nobody can complete the kit; none: not known yet"
    )
    promised_at: AwareDatetime | None = Field(
        default=None,
        description="when `ready_at` was said, anew each time: what was said last counts; none: `short_at`",
    )


class PartsUnavailable(PartsEvent):
    """The missing parts will not come: nobody orders them any more, and everything reserved was let go."""

    TYPE: ClassVar[str] = "parts.parts_unavailable.v1"

    reason: str = Field(description="a code: `deposit_declined`, `deposit_unpaid`, `claim_rejected`, `not_obtainable`")
    unavailable_at: AwareDatetime


class ReservationExpired(PartsEvent):
    """Nobody drew the pieces in time; they are on the shelf again, and must be asked for anew."""

    TYPE: ClassVar[str] = "parts.reservation_expired.v1"

    expired_at: AwareDatetime


class PartsReleased(PartsEvent):
    """The work order was called off: whatever was reserved or ordered for it is free again."""

    TYPE: ClassVar[str] = "parts.parts_released.v1"

    released_at: AwareDatetime


class PartsIssued(PartsEvent):
    """Pieces were drawn against a started work order (开工后领料, R314)."""

    TYPE: ClassVar[str] = "parts.parts_issued.v1"

    issue_id: UUID
    lines: tuple[PartNeed, ...]
    issued_to: str = Field(description="staff number of whoever took them")
    issued_at: AwareDatetime


class PartsReturned(PartsEvent):
    """Unused pieces are back in the store (退库, R316)."""

    TYPE: ClassVar[str] = "parts.parts_returned.v1"

    return_id: UUID
    lines: tuple[PartNeed, ...]
    returned_at: AwareDatetime


class ClaimOrderApproved(PartsEvent):
    """A claim order (索赔订货) bears every signature that it needs (R199)."""

    TYPE: ClassVar[str] = "parts.claim_order_approved.v1"

    claim_order_id: UUID
    approved_at: AwareDatetime


class ClaimOrderPlaced(PartsEvent):
    """The supplier has the order; the parts are expected at `expected_at`. Said again where that moves."""

    TYPE: ClassVar[str] = "parts.claim_order_placed.v1"

    claim_order_id: UUID
    expected_at: AwareDatetime
    placed_at: AwareDatetime = Field(description="when that was said, anew each time: what was said last counts")


class PartArrived(PartsEvent):
    """What was ordered is there; the customer is told so that it does not lie unused, again while it does (R322).

    It has arrived, or pieces that became free are kept in its place.
    """

    TYPE: ClassVar[str] = "parts.part_arrived.v1"

    claim_order_id: UUID
    customer_id: UUID
    lines: tuple[PartNeed, ...]
    arrived_at: AwareDatetime = Field(description="since when the pieces are kept for him")
    reminder: int = Field(default=0, ge=0, description="how often he was told before")


class ActionItemUrged(Event):
    """A department is urged (催促) to do by then what the site needs, and again while it has not (R029)."""

    TYPE: ClassVar[str] = "parts.action_item_urged.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("action_item", "action_item_id")

    action_item_id: UUID
    cause: str | None = Field(default=None, description="where the cause lies, a code of the policy: `transport` …")
    department: str = Field(description="a code of the policy: `purchasing`, `production`, `design` …")
    role: str = Field(description="who hears of it there")
    task: str = Field(description="a code of the policy: `ship`, `produce` …")
    order_id: UUID | None = Field(default=None, description="the purchase order that is chased")
    about_case_id: UUID | None = Field(default=None, description="the case whose site needs it")
    due_at: AwareDatetime
    urged_at: AwareDatetime
    reminder: int = Field(default=0, ge=0, description="how often it was urged before")


class SupplierCaseEvent(Event):
    """An event about a problem of a bought-in part that its supplier solves, for one case (R185, R256)."""

    SUBJECT: ClassVar[tuple[str, str]] = ("supplier_case", "supplier_case_id")

    supplier_case_id: UUID
    case_id: UUID
    work_order_id: UUID | None = Field(default=None, description="for which he is sent")
    supplier_id: UUID


class SupplierCaseRaised(SupplierCaseEvent):
    """A bought-in part has a quality problem, which its supplier solves; quality control helps (R029, R185)."""

    TYPE: ClassVar[str] = "parts.supplier_case_raised.v1"

    part_code: str
    raised_at: AwareDatetime


class SupplierNotified(SupplierCaseEvent):
    """The supplier was told in writing what is wrong, where, and by when it has to be solved (书面告知, R329)."""

    TYPE: ClassVar[str] = "parts.supplier_notified.v1"

    solve_by: AwareDatetime | None = Field(description="required solution time")
    notified_at: AwareDatetime


class SupplierServiceReported(SupplierCaseEvent):
    """How well the supplier serves, as purchasing reports it to after-sales until the problem is solved (R330)."""

    TYPE: ClassVar[str] = "parts.supplier_service_reported.v1"

    report_id: UUID
    quality: str = Field(description="a grade of the policy: `good`, `fair`, `poor` …")
    reported_at: AwareDatetime


class SupplierCaseSolved(SupplierCaseEvent):
    """The supplier has solved the problem."""

    TYPE: ClassVar[str] = "parts.supplier_case_solved.v1"

    solved_at: AwareDatetime


class ToolOverdue(Event):
    """A special tool (专用工具) is not back though its use is over (R317); said again while it is not."""

    TYPE: ClassVar[str] = "parts.tool_overdue.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("tool_loan", "loan_id")

    loan_id: UUID
    tool_id: UUID
    tool_code: str
    borrower: str = Field(description="staff number; he answers for it (R318)")
    due_at: AwareDatetime
    overdue_at: AwareDatetime = Field(description="when that was said")
    reminder: int = Field(default=0, ge=0, description="how often it was said before")


class DepositEvent(PartsEvent):
    """An event about one deposit (订金)."""

    SUBJECT: ClassVar[tuple[str, str]] = ("deposit", "deposit_id")

    deposit_id: UUID
    claim_order_id: UUID
    amount: Amount


class DepositRequired(DepositEvent):
    """Nothing is ordered before the customer has paid this (R320)."""

    TYPE: ClassVar[str] = "parts.deposit_required.v1"

    customer_id: UUID
    required_at: AwareDatetime
    due_at: AwareDatetime = Field(description="unpaid by then, the order is not placed any more")


class DepositPaid(DepositEvent):
    """The deposit is held."""

    TYPE: ClassVar[str] = "parts.deposit_paid.v1"

    paid_at: AwareDatetime


class DepositWaived(DepositEvent):
    """The deposit was never paid and is not asked for any more."""

    TYPE: ClassVar[str] = "parts.deposit_waived.v1"

    reason: str = Field(description="a code: `declined`, `unpaid`, `cancelled`, `unavailable`, `not_needed`")
    waived_at: AwareDatetime


class DepositRefunded(DepositEvent):
    """The customer has his money again (R321)."""

    TYPE: ClassVar[str] = "parts.deposit_refunded.v1"

    reason: str = Field(description="a code: `fitted`, `cancelled`, `unavailable`, `not_needed`, `never_fitted`")
    refunded_at: AwareDatetime


class DepositForfeited(DepositEvent):
    """The customer never had the part fitted, or called the order off: the deposit stays with the company."""

    TYPE: ClassVar[str] = "parts.deposit_forfeited.v1"

    reason: str = Field(description="a code: `never_fitted`, `cancelled`")
    forfeited_at: AwareDatetime


class ClockEvent(Event):
    """A promise that parts times, for one case: what it is about has its id here, and the rest of the ids are null."""

    SUBJECT: ClassVar[tuple[str, str]] = ("case", "case_id")

    case_id: UUID
    work_order_id: UUID | None = Field(default=None, description="for which the promise is, where there is one")
    request_id: UUID | None = Field(default=None, description="a request for parts (R468, R232, R320)")
    purchase_request_id: UUID | None = Field(default=None, description="what goes to the site directly (R232)")
    supplier_case_id: UUID | None = Field(default=None, description="a problem that a supplier solves (R328)")
    clock: ClockMark


class ClockWarned(ClockEvent):
    """A clock that parts runs passed a mark before its deadline."""

    TYPE: ClassVar[str] = "parts.clock_warned.v1"

    mark: str = Field(description="name of the mark in the policy, for instance `80%` or `30m before`")


class ClockBreached(ClockEvent):
    """A promise that parts times was broken: parts, a deposit, or contact with a supplier were waited for too long."""

    TYPE: ClassVar[str] = "parts.clock_breached.v1"
