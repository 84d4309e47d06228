"""Quotations, mis-orders, goods that come back and goods that go back to vendors, over HTTP."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.goods_returns import Bearer, Destination, ReturnKind, ReturnState
from parts.domain.quotations import QuotationState, QuotedLine
from parts.queries.idle import IdleClaim
from parts.schemas.stock import Serials
from parts.tables import GoodsReturnRow, MisorderRow, QuotationRow, VendorReturnRow
from shared.http.bodies import Body

type Code = Annotated[str, Field(min_length=1, max_length=64)]
type Reason = Annotated[str, Field(min_length=1, max_length=40, description="a code of the policy")]
type Pieces = Annotated[int, Field(ge=1, le=10_000, description="pieces")]


class Quoted(Body):
    """One line of a quotation (报价单)."""

    part_code: Code
    name: str = Field(
        min_length=1, max_length=200, description="as the catalogue has it, in one of both languages (R196)"
    )
    quantity: Pieces


class Quotation(Body):
    """What is to be ordered, written down so that the responsible person can sign it (R195)."""

    lines: list[Quoted] = Field(min_length=1, max_length=100)
    reason: Reason | None = Field(default=None, description="of an addition: an addition reason of the policy (R197)")

    def quoted(self) -> list[QuotedLine]:
        """As the use case takes it."""
        return [QuotedLine(**line.model_dump()) for line in self.lines]


class QuotationView(BaseModel):
    """A quotation of a claim order."""

    claim_order_id: UUID
    state: QuotationState
    signer: str
    lines: list[Quoted]
    reason: str | None
    written_at: AwareDatetime | None
    written_by: str | None
    signed_at: AwareDatetime | None
    signed_by: str | None

    @classmethod
    def of(cls, row: QuotationRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class Misorder(Body):
    """A part that was misquoted or mis-ordered (误报误订, R196)."""

    part_code: Code
    person: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", description="staff number of whose fault it was")


class MisorderView(BaseModel):
    """A mis-order and its charge."""

    id: UUID
    claim_order_id: UUID
    part_code: str
    person: str
    charge: Decimal = Field(description="yuan")
    at: AwareDatetime
    by: str

    @classmethod
    def of(cls, row: MisorderRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class GoodsBack(Body):
    """Somebody gives goods back, or wants them exchanged (R083)."""

    kind: ReturnKind
    origin: str = Field(min_length=1, max_length=40, description="an origin of the policy, such as direct_shop")
    part_code: Code = Field(description="of the catalogue, also of a product that was sold and never was a spare part")
    quantity: Pieces
    left_with: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="only of what is to lie in the store again: the paper with which it left, an issue note, a purchase"
        " request or an internal requisition, `reference` of its line in GET /v1/stock/movements",
        examples=["store_note/018f2c1e-0000-7000-8000-000000000001"],
    )
    reason: Reason
    case_id: UUID | None = None


class Consent(Body):
    """The general manager's word (R179)."""

    decision: Literal["approve", "reject"]


class GoodsReceived(Body):
    """Where the goods are now."""

    destination: Destination = Field(
        description="`stock`: unused, and in the store again; `scrap`, `vendor` (it goes on to whoever made it): noted,"
        " and no stock moves"
    )
    serials: Serials = Field(
        default=(),
        max_length=1000,
        description="of a serial-tracked part whose return names `left_with`, one for each piece; else none",
    )


class GoodsReturnView(BaseModel):
    """A return or an exchange of goods."""

    id: UUID
    kind: ReturnKind
    origin: str
    case_id: UUID | None
    part_code: str
    quantity: int
    left_with: str | None = Field(description="the paper with which they left the store, where they did")
    request_id: UUID | None = Field(description="the request that they were drawn for")
    reason: str
    state: ReturnState
    borne_by: Bearer = Field(description="who bears the cost (R179)")
    asked_at: AwareDatetime
    asked_by: str
    decided_at: AwareDatetime | None
    decided_by: str | None
    received_at: AwareDatetime | None
    received_by: str | None
    destination: Destination | None
    version: int

    @classmethod
    def of(cls, row: GoodsReturnRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class VendorReturn(Body):
    """Free pieces that go back to their vendor."""

    part_code: Code
    quantity: Pieces
    supplier: str = Field(min_length=1, max_length=100)
    reason: Reason
    serials: Serials = Field(default=(), max_length=1000, description="of a serial-tracked part, one for each piece")


class VendorReturnView(BaseModel):
    """What went back to a vendor."""

    id: UUID
    part_code: str
    quantity: int
    supplier: str
    reason: str
    at: AwareDatetime
    by: str

    @classmethod
    def of(cls, row: VendorReturnRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class IdleLine(BaseModel):
    """One claim order whose customer never came (R322)."""

    claim_order_id: UUID
    request_id: UUID
    work_order_number: str
    customer_id: UUID
    value: Decimal = Field(description="yuan, at the prices of the order, of what lies there still")
    idle_since: AwareDatetime
    idle_days: int = Field(description="whole days")
    reminders: int = Field(description="how often he was told")
    released: bool = Field(description="his time ran out or his order is over, and the pieces are free stock")


class IdleReport(BaseModel):
    """The idle stock (积压件) of those who never came, the newest first."""

    at: AwareDatetime
    lines: list[IdleLine]
    value: Decimal = Field(description="yuan")

    @classmethod
    def of(cls, idle: list[IdleClaim], *, at: AwareDatetime) -> Self:
        """As it stands."""
        lines = [
            IdleLine(
                claim_order_id=one.claim_order_id,
                request_id=one.request_id,
                work_order_number=one.work_order_number,
                customer_id=one.customer_id,
                value=one.value,
                idle_since=one.idle_since,
                idle_days=(at - one.idle_since) // timedelta(days=1),
                reminders=one.reminders,
                released=one.released,
            )
            for one in idle
        ]
        return cls(at=at, lines=lines, value=sum((line.value for line in lines), Decimal("0.00")))
