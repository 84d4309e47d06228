"""Quotes and approvals over HTTP."""

from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.domain.approvals import Decision
from intake.domain.forms import QuoteForm
from intake.domain.quotes import ConsentBy, Line
from intake.office import Office
from intake.schemas.texts import Text
from intake.tables import ApprovalRow, QuoteRow
from shared.http.bodies import Body

type Price = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=2, description="yuan, two decimals")]
type Quantity = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=2, description="pieces, hours or trips")]


class NewLine(Body):
    """One line of a quote."""

    kind: Literal["labour", "part", "travel"]
    text: str = Field(min_length=1, max_length=200, description="legible name of the part or work (R195)")
    quantity: Quantity = Decimal(1)
    price: Price


class NewQuote(Body):
    """报价单: what is proposed and what it costs; the amount is the sum of the lines."""

    solution: Text
    lines: list[NewLine] = Field(min_length=1, max_length=50)

    def to_form(self) -> QuoteForm:
        """As the use cases take it."""
        lines = (Line(kind=line.kind, text=line.text, quantity=line.quantity, price=line.price) for line in self.lines)
        return QuoteForm(solution=self.solution, lines=tuple(lines))


class Consent(Body):
    """Who said yes or no (R186): the customer himself or the property company (物业)."""

    by: ConsentBy


class ApproverDecision(Body):
    """What the approver decided."""

    decision: Decision


class LineView(BaseModel):
    """One line with its amount."""

    kind: str
    text: str
    quantity: Decimal
    price: Decimal
    amount: Decimal


class QuoteView(BaseModel):
    """A quote and what was said to it."""

    id: UUID
    amount: Decimal = Field(description="yuan")
    solution: str
    lines: list[LineView]
    state: str = Field(description="offered, accepted, refused, expired, superseded or withdrawn")
    offered_at: AwareDatetime
    offered_by: str
    valid_until: AwareDatetime
    answered_at: AwareDatetime | None
    answered_by: str | None = Field(description="customer or property_company")
    recorded_by: str | None

    @classmethod
    def of(cls, row: QuoteRow, *, office: Office) -> Self:
        """The quote as it is shown."""
        return cls(
            id=row.id,
            amount=row.amount,
            solution=office.open(row.solution, place="case_quote.solution", row=row.id),
            lines=[LineView.model_validate(line) for line in row.lines],
            state=row.state,
            offered_at=row.offered_at,
            offered_by=row.offered_by,
            valid_until=row.valid_until,
            answered_at=row.answered_at,
            answered_by=row.answered_by,
            recorded_by=row.recorded_by,
        )


class ApprovalView(BaseModel):
    """A waiver that is asked for, and what was decided."""

    id: UUID
    case_id: UUID
    matter: str
    amount: Decimal = Field(description="yuan")
    approver_role: str = Field(description="the only role that may decide")
    state: str = Field(description="pending, approved, rejected or withdrawn")
    requested_at: AwareDatetime
    requested_by: str
    decided_at: AwareDatetime | None
    decided_by: str | None

    @classmethod
    def of(cls, row: ApprovalRow) -> Self:
        """The approval as it is shown."""
        return cls.model_validate(row.model_dump())
