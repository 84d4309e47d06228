"""The catalogue, the stock and its ledger over HTTP and in spreadsheets."""

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from parts.domain.deposits import CENTS
from parts.domain.forms import PartForm, ReceiptForm
from parts.domain.ledger import Kind
from parts.policy import PartsPolicy
from parts.tables import MovementRow, PartRow, StockRow
from shared.http.bodies import Body
from shared.policy.labels import Label

MOST_PIECES = 1_000_000
OWN_REFERENCES = ("claim_order/", "parts_request/", "purchase_order/", "store_note/")
"""With these begin the references of movements that follow from papers of parts itself."""


def _something(difference: int) -> int:
    if difference == 0:
        raise ValueError("a difference of at least one piece")
    return difference


def _foreign(reference: str) -> str:
    if reference.startswith(OWN_REFERENCES):
        raise ValueError(f"the number of a paper that came in; {', '.join(OWN_REFERENCES)} are written by parts itself")
    return reference


type PartCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
type Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES, description="pieces")]
type Yuan = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2, description="yuan, two decimals at most")]
type Difference = Annotated[int, Field(ge=-MOST_PIECES, le=MOST_PIECES), AfterValidator(_something)]


class PartRecord(Body):
    """A part of the catalogue (备件目录)."""

    part_code: PartCode = Field(examples=["PCB-77"])
    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    unit_price: Yuan
    minimum: int = Field(default=0, ge=0, le=MOST_PIECES, description="pieces that should be free at any time")

    def to_form(self) -> PartForm:
        """As the use case takes it."""
        return PartForm(**{**self.model_dump(), "unit_price": self.unit_price.quantize(CENTS)})


class Receipt(Body):
    """Pieces that came in (入库)."""

    part_code: PartCode
    quantity: Pieces
    reference: Annotated[str, AfterValidator(_foreign)] = Field(
        min_length=1,
        max_length=60,
        description=f"the paper that came with them, once for each part; not {', '.join(OWN_REFERENCES)}…",
        examples=["DN-118"],
    )

    def to_form(self) -> ReceiptForm:
        """As the use case takes it."""
        return ReceiptForm(**self.model_dump())


class Adjustment(Body):
    """What was counted differs from what was booked (盘点)."""

    part_code: PartCode
    difference: Difference = Field(description="pieces that there are more than the books say, negative for fewer")
    reason: str = Field(min_length=1, max_length=40, description="an adjustment reason of the policy")


class PartView(BaseModel):
    """A part of the catalogue."""

    id: UUID
    part_code: str
    name_zh: str
    name_en: str
    unit_price: Decimal = Field(description="yuan")
    minimum: int = Field(description="pieces that should be free at any time")
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: PartRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class StockView(BaseModel):
    """Where the pieces of a part are."""

    part_code: str
    name_zh: str
    name_en: str
    on_hand: int = Field(description="on the shelf")
    reserved: int = Field(description="of those on the shelf, kept for requests")
    available: int = Field(description="on the shelf and free")
    issued: int = Field(description="drawn, and neither fitted nor brought back")
    minimum: int
    is_low: bool = Field(description="fewer are free than should be")

    @classmethod
    def of(cls, part: PartRow, stock: StockRow) -> Self:
        """As it stands now."""
        available = stock.on_hand - stock.reserved
        return cls(
            part_code=part.part_code,
            name_zh=part.name_zh,
            name_en=part.name_en,
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            available=available,
            issued=stock.issued,
            minimum=part.minimum,
            is_low=available < part.minimum,
        )


class MovementView(BaseModel):
    """One line of the ledger (台帐, R324). What it adds to each of the three; they sum up to the stock."""

    id: UUID
    part_code: str
    kind: Kind
    on_hand: int
    reserved: int
    issued: int
    request_id: UUID | None
    reference: str
    at: AwareDatetime
    by: str

    @classmethod
    def of(cls, row: MovementRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class CodesView(BaseModel):
    """What forms may say, with texts in both languages."""

    payment_methods: dict[str, Label]
    adjustment_reasons: dict[str, Label]
    discrepancy_reasons: dict[str, Label]
    dearer_reasons: dict[str, Label] = Field(description="why a self-purchase is not of the cheapest (R201)")
    decline_reasons: dict[str, Label] = Field(description="why nothing is bought for a request")
    urged_departments: dict[str, Label] = Field(description="who is urged (R029)")
    action_tasks: dict[str, Label] = Field(description="to do what")
    supplier_costs: dict[str, Label] = Field(description="what somebody bears of a supplier case")
    supplier_grades: dict[str, Label] = Field(description="how well a supplier served (R330), the best first")

    @classmethod
    def of(cls, policy: PartsPolicy) -> Self:
        """The codes of the policy in force."""
        return cls(
            payment_methods=policy.payment_methods,
            adjustment_reasons=policy.adjustment_reasons,
            discrepancy_reasons=policy.discrepancy_reasons,
            dearer_reasons=policy.purchasing.dearer_reasons,
            decline_reasons=policy.purchasing.decline_reasons,
            urged_departments={code: one.name for code, one in policy.purchasing.chasing.departments.items()},
            action_tasks=policy.purchasing.chasing.tasks,
            supplier_costs=policy.suppliers.costs,
            supplier_grades=policy.suppliers.grades,
        )
