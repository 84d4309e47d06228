"""Repair cases over HTTP."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, model_validator
from sqlalchemy import Row

from intake.domain.case import CaseState
from intake.domain.forms import RepairForm
from intake.office import Office
from intake.queries.cases import CaseRows, case_of
from intake.schemas.customers import NewCustomer, NewSite
from intake.schemas.quotes import ApprovalView, QuoteView
from intake.schemas.texts import Instant, Name, SerialNumber, Text
from intake.tables import CaseRow, HoldRow
from shared.contracts.facts import PartNeed, Urgency
from shared.http.bodies import Body
from shared.http.looking import ClockLine

MOST_PIECES = 10_000
MOST_PARTS = 50


class NewPart(Body):
    """A spare part that is known to be needed already."""

    part_code: str = Field(min_length=1, max_length=64, pattern=r"^[\w.+/-]+$")
    quantity: int = Field(ge=1, le=MOST_PIECES, description="pieces")


def _each_once(parts: list[NewPart]) -> list[NewPart]:
    pieces: Counter[str] = Counter()
    for part in parts:
        pieces[part.part_code] += part.quantity
    if many := [code for code, count in pieces.items() if count > MOST_PIECES]:
        raise ValueError(f"at most {MOST_PIECES} pieces of {', '.join(many)}, all its lines together")
    return [NewPart(part_code=code, quantity=count) for code, count in pieces.items()]


type NewParts = Annotated[list[NewPart], Field(max_length=MOST_PARTS), AfterValidator(_each_once)]


class NewCase(Body):
    """顾客报修登记表: what is to be repaired, where and for whom. Customer and site by id, or new."""

    call_id: UUID | None = Field(default=None, description="the call that it is registered on; none for fax or letter")
    customer_id: UUID | None = None
    customer: NewCustomer | None = None
    site_id: UUID | None = None
    site: NewSite | None = None
    serial_number: SerialNumber = Field(description="of the installed unit")
    problem_code: str = Field(max_length=40, description="a problem of the policy, see GET /v1/codes")
    description: Text = Field(description="what the customer says is wrong")
    urgency: Urgency = Urgency.NORMAL
    parts: NewParts = Field(
        default=[], description=f"lines of one part are one quantity, of {MOST_PIECES} pieces at most"
    )
    required_by: Instant | None = Field(default=None, description="when the customer wants it done")
    owner_id: Name | None = Field(
        default=None, description="who is responsible: an active member of the staff; without it whoever registers"
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.customer_id is None) == (self.customer is None):
            raise ValueError("exactly one of customer_id and customer")
        if (self.site_id is None) == (self.site is None):
            raise ValueError("exactly one of site_id and site")
        return self

    def to_form(self) -> RepairForm:
        """As the use cases take it."""
        customer = self.customer.to_form() if self.customer is not None else self.customer_id
        site = self.site.to_form() if self.site is not None else self.site_id
        if customer is None or site is None:
            raise ValueError("exactly one of customer_id and customer, one of site_id and site")
        return RepairForm(
            call_id=self.call_id,
            customer=customer,
            site=site,
            serial_number=self.serial_number,
            problem_code=self.problem_code,
            description=self.description,
            urgency=self.urgency,
            parts=tuple(PartNeed(part_code=part.part_code, quantity=part.quantity) for part in self.parts),
            required_by=self.required_by,
            owner_id=self.owner_id,
        )


class NewHold(Body):
    """Why the case has to wait."""

    reason: str = Field(max_length=40, description="a hold reason of the policy, see GET /v1/codes")


class Cancellation(Body):
    """Why the case is called off."""

    reason: str = Field(max_length=40, description="a cancel reason of the policy, see GET /v1/codes")


class Resolution(Body):
    """How the problem was solved without a visit."""

    resolution: str = Field(max_length=40, description="a resolution of the policy, see GET /v1/codes")


class Reopening(Body):
    """Why the case is opened again."""

    reason: str = Field(max_length=40, description="a reopen reason of the policy, see GET /v1/codes")


class HoldView(BaseModel):
    """A wait for somebody outside."""

    id: UUID
    reason: str
    since: AwareDatetime
    until: AwareDatetime | None

    @classmethod
    def of(cls, row: HoldRow) -> Self:
        """The hold as it is shown."""
        return cls(id=row.id, reason=row.reason, since=row.since, until=row.until)


class OrderView(BaseModel):
    """What intake heard of a work order of the case; dispatch knows the rest."""

    id: UUID
    number: str
    resolution: str | None
    completed_at: AwareDatetime | None
    signed_off_at: AwareDatetime | None


class DepositView(BaseModel):
    """A deposit of the case, and how it was settled; parts knows the rest."""

    id: UUID
    amount: Decimal = Field(description="yuan")
    settled_as: str | None = Field(description="waived, refunded or forfeited, once it was")


class CaseLine(BaseModel):
    """A case in a list."""

    id: UUID
    number: str = Field(description="short number to read out on the phone; the last digit checks the others")
    state: str = Field(description=", ".join(CaseState))
    call_id: UUID | None
    customer_id: UUID
    customer_label: str = Field(description="masked number")
    site_id: UUID
    district: str
    unit_id: UUID
    product_family: str
    product_model: str
    problem_code: str
    urgency: str
    warranty: str
    required_by: AwareDatetime | None
    owner_id: str
    opened_at: AwareDatetime
    contacted_at: AwareDatetime | None
    contacted_by: str | None
    round: int = Field(description="how often it was cleared for dispatch")
    cleared_at: AwareDatetime | None
    resolution: str | None = Field(description="a resolution of the policy, or of dispatch's")
    resolved_at: AwareDatetime | None
    resolved_by: str | None
    closed_at: AwareDatetime | None
    closed_by: str | None
    reopened_at: AwareDatetime | None
    reopened_by: str | None
    reopen_reason: str | None
    cancelled_at: AwareDatetime | None
    cancelled_by: str | None
    cancel_reason: str | None
    version: int

    @classmethod
    def of(cls, row: CaseRow) -> Self:
        """The case as it is listed."""
        return cls.model_validate(row.model_dump(include=set(CaseLine.model_fields)))


class CaseView(CaseLine):
    """A case with everything that belongs to it, and what may be done with it now."""

    possible_steps: list[str]
    missing_for_closure: list[str] = Field(description="what has to be there before the case is closed, in words")
    description: str
    parts: list[PartNeed]
    registered_by: str
    policy_version: str
    quotes: list[QuoteView]
    approvals: list[ApprovalView]
    holds: list[HoldView]
    orders: list[OrderView] = Field(description="its work orders that were completed or signed off")
    deposits: list[DepositView]

    @classmethod
    def whole(cls, rows: CaseRows, *, office: Office) -> Self:
        """The case as it is shown to whoever reads cases."""
        row, case = rows.case, case_of(rows)
        return cls(
            **CaseLine.of(row).model_dump(),
            possible_steps=list(case.possible_steps),
            missing_for_closure=list(case.missing_for_closure),
            description=office.open(row.description, place="repair_case.description", row=row.id),
            parts=[PartNeed.model_validate(part) for part in row.parts],
            registered_by=row.registered_by,
            policy_version=row.policy_version,
            quotes=[QuoteView.of(quote, office=office) for quote in rows.quotes],
            approvals=[ApprovalView.of(approval) for approval in rows.approvals],
            holds=[HoldView.of(hold) for hold in rows.holds],
            orders=[OrderView.model_validate(order.model_dump()) for order in rows.orders],
            deposits=[DepositView.model_validate(deposit.model_dump()) for deposit in rows.deposits],
        )


class TimedCaseView(CaseView):
    """A case with the promises that are timed for it; `GET /v1/clocks/{id}` explains each."""

    clocks: list[ClockLine]

    @classmethod
    def timed(cls, view: CaseView, *, clocks: Sequence[Row[tuple[object, ...]]]) -> Self:
        """The whole case and its clocks."""
        return cls(**view.model_dump(), clocks=[ClockLine.model_validate(clock) for clock in clocks])
