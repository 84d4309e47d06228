"""Claim orders and deposits over HTTP."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from parts.domain.claims import Delivery
from parts.domain.supply_words import ClaimState, DepositState
from parts.schemas.instants import When
from parts.schemas.stock import PartCode, SerialNumber, Yuan
from parts.tables import ClaimRow, DepositRow, RequestRow, SignatureRow
from shared.http.bodies import Body


class Payment(Body):
    """The customer pays."""

    amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2, description="yuan: exactly what was asked for")
    method: str = Field(min_length=1, max_length=40, description="a payment method of the policy")


REFERENCE = r"^[\x21-\x7e]{1,100}$"


class HandedBack(Body):
    """The customer has his refund."""

    reference: str = Field(pattern=REFERENCE, description="number of the transfer, or of his receipt")


class Approval(Body):
    """A signature, or its refusal (R199)."""

    decision: Literal["approve", "reject"]


class Placement(Body):
    """What the supplier promised."""

    supplier: str = Field(min_length=1, max_length=100)
    expected_at: When = Field(description="when the parts will be there; in the future")


class Nothing(Body):
    """A step that needs no more than to be asked for."""


class ArrivedLine(Body):
    """So many pieces of one part of the order."""

    part_code: PartCode
    quantity: int = Field(ge=1, le=10_000, description="pieces")
    unit_cost: Yuan | None = Field(default=None, description="yuan for one, as the paper says; the purchase price")


def _each_once(lines: list[ArrivedLine]) -> list[ArrivedLine]:
    if len({line.part_code for line in lines}) < len(lines):
        raise ValueError("each part once")
    return lines


class Arrival(Body):
    """What was ordered came, or some of it."""

    lines: Annotated[list[ArrivedLine], AfterValidator(_each_once)] = Field(
        default_factory=list, max_length=100, description="what came; all that is still to come where none is named"
    )
    serials: dict[PartCode, list[SerialNumber]] = Field(
        default_factory=dict, max_length=100, description="of serial-tracked parts, one for each piece"
    )

    def to_delivery(self) -> Delivery:
        """As the use case takes it."""
        return Delivery(
            pieces={line.part_code: line.quantity for line in self.lines},
            serials=self.serials,
            unit_costs={line.part_code: line.unit_cost for line in self.lines if line.unit_cost is not None},
        )


class OrderedLine(BaseModel):
    """What is ordered, at the price that the catalogue had then."""

    part_code: str
    quantity: int
    unit_price: Decimal = Field(description="yuan")
    arrived: int = Field(description="pieces that are there already")


class SignatureView(BaseModel):
    """Who signed, or refused to."""

    role: str
    decision: str = Field(description="approve or reject")
    signed_by: str
    signed_at: AwareDatetime


class ClaimView(BaseModel):
    """A claim order (索赔订货)."""

    id: UUID
    request_id: UUID
    state: ClaimState
    amount: Decimal = Field(description="yuan")
    lines: list[OrderedLine]
    signatures_needed: list[str] = Field(description="roles (R199)")
    opened_at: AwareDatetime
    approved_at: AwareDatetime | None
    supplier: str | None
    placed_at: AwareDatetime | None = Field(description="the first time; the supplier may name another day since")
    expected_at: AwareDatetime | None
    arrived_at: AwareDatetime | None
    reminders: int = Field(description="how often the customer was told again that it lies unused (R322)")
    version: int

    @classmethod
    def of(cls, row: ClaimRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class ClaimFile(ClaimView):
    """A claim order with its signatures."""

    signatures: list[SignatureView]

    @classmethod
    def whole(cls, row: ClaimRow, *, signatures: Sequence[SignatureRow]) -> Self:
        """With who signed."""
        signed = [SignatureView.model_validate(signature.model_dump()) for signature in signatures]
        return cls.model_validate({**ClaimView.of(row).model_dump(), "signatures": signed})


class DepositView(BaseModel):
    """A deposit (订金, R320, R321)."""

    id: UUID
    claim_order_id: UUID
    request_id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    customer_id: UUID
    state: DepositState
    amount: Decimal = Field(description="yuan")
    required_at: AwareDatetime
    due_at: AwareDatetime
    paid_at: AwareDatetime | None
    method: str | None
    taken_by: str | None
    settled_at: AwareDatetime | None = Field(description="when it was refunded, forfeited or waived")
    reason: str | None
    handed_back_at: AwareDatetime | None = Field(description="since when the customer has his refund")
    handed_back_by: str | None
    reference: str | None = Field(description="the paper of the refund")
    version: int

    @classmethod
    def of(cls, deposit: DepositRow, request: RequestRow) -> Self:
        """As it is stored, with whose it is."""
        whose = {
            "request_id": request.id,
            "work_order_id": request.work_order_id,
            "work_order_number": request.work_order_number,
        }
        return cls.model_validate({**deposit.model_dump(), **whose})
