"""The catalogue, the stock and its ledger over HTTP and in spreadsheets."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from parts.domain.deposits import CENTS
from parts.domain.forms import PartForm, ReceiptForm
from parts.domain.ledger import Kind
from parts.domain.prices import PriceKind
from parts.domain.serials import Away
from parts.policy import PartsPolicy
from parts.policy.guidance import GuidancePolicy
from parts.schemas.guidance import GuidanceView
from parts.schemas.instants import When
from parts.tables import MovementRow, PartRow, PriceRow, SerialRow, StockRow
from shared.http.bodies import Body
from shared.policy.labels import Label

MOST_PIECES = 1_000_000
OWN_REFERENCES = (
    "claim_order/",
    "goods_return/",
    "internal_requisition/",
    "parts_request/",
    "purchase_order/",
    "purchase_request/",
    "stock_take/",
    "store_note/",
    "transfer/",
    "vendor_return/",
)
"""With these begin the references of movements that follow from papers of parts itself."""


def _something(difference: int) -> int:
    if difference == 0:
        raise ValueError("a difference of at least one piece")
    return difference


def _foreign(reference: str) -> str:
    if reference.startswith(OWN_REFERENCES):
        raise ValueError(f"the number of a paper that came in; {', '.join(OWN_REFERENCES)} are written by parts itself")
    return reference


def _split(codes: object) -> object:
    """A cell of a spreadsheet names several between blanks."""
    return tuple(codes.split()) if isinstance(codes, str) else codes


type PartCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
type Codes = Annotated[tuple[PartCode, ...], BeforeValidator(_split)]
type Serials = Annotated[tuple[SerialNumber, ...], BeforeValidator(_split)]
type SerialNumber = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,60}$")]
type LocationCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["main"])]
type Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES, description="pieces")]
type Yuan = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2, description="yuan, two decimals at most")]
type Difference = Annotated[int, Field(ge=-MOST_PIECES, le=MOST_PIECES), AfterValidator(_something)]


class PartRecord(Body):
    """A part of the catalogue (备件目录)."""

    part_code: PartCode = Field(examples=["PCB-77"])
    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    unit_price: Yuan = Field(description="yuan that a customer pays (R168), two decimals at most")
    minimum: int = Field(default=0, ge=0, le=MOST_PIECES, description="pieces that should be free at any time")
    unit: str = Field(default="piece", min_length=1, max_length=40, description="a unit of the policy, counted whole")
    purchase_price: Yuan | None = Field(default=None, description="yuan that the company pays")
    price_source: str | None = Field(
        default=None, max_length=40, description="whose prices these are (R333); the policy's usual department"
    )
    priced_at: When | None = Field(default=None, description="since when they hold; now")
    alternatives: Codes = Field(
        default=(), max_length=20, description="parts that replace it, the best first; in a spreadsheet between blanks"
    )
    is_serial: bool = Field(default=False, description="each piece is known by its serial number")
    is_consumable: bool = Field(default=False, description="departments of the house may draw it (R323)")

    def to_form(self) -> PartForm:
        """As the use case takes it."""
        paid = None if self.purchase_price is None else self.purchase_price.quantize(CENTS)
        prices = {"unit_price": self.unit_price.quantize(CENTS), "purchase_price": paid}
        return PartForm(**{**self.model_dump(), **prices})


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
    location: LocationCode | None = Field(default=None, description="where they lie; the first storeroom")
    unit_cost: Yuan | None = Field(default=None, description="yuan for one, as the paper says; the purchase price")
    serials: Serials = Field(
        default=(),
        max_length=1000,
        description="of a serial-tracked part, one for each piece; in a spreadsheet between blanks",
    )

    def to_form(self) -> ReceiptForm:
        """As the use case takes it."""
        return ReceiptForm(**self.model_dump())


class Adjustment(Body):
    """What was counted differs from what was booked (盘点)."""

    part_code: PartCode
    difference: Difference = Field(description="pieces that there are more than the books say, negative for fewer")
    location: LocationCode | None = Field(default=None, description="where they were counted; the first storeroom")
    reason: str = Field(min_length=1, max_length=40, description="an adjustment reason of the policy")
    serials: Serials = Field(default=(), max_length=1000, description="numbers of pieces of a serial-tracked part")


class PartView(BaseModel):
    """A part of the catalogue."""

    id: UUID
    part_code: str
    name_zh: str
    name_en: str
    unit: str
    unit_price: Decimal = Field(description="yuan that a customer pays")
    purchase_price: Decimal | None = Field(description="yuan that the company pays")
    price_source: str = Field(description="the department that supplied the prices (R333)")
    priced_at: AwareDatetime = Field(description="since when they hold")
    alternatives: list[str] = Field(description="parts that replace it, the best first")
    is_serial: bool
    is_consumable: bool
    minimum: int = Field(description="pieces that should be free at any time")
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: PartRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class PartFile(PartView):
    """A part of the catalogue with what to keep in mind about it (R336)."""

    guidance: list[GuidanceView] = Field(description="what to keep in mind where the catalogue is changed")

    @classmethod
    def whole(cls, row: PartRow, *, guidance: Iterable[GuidancePolicy]) -> Self:
        """As it is stored, and as the policy has it."""
        return cls(**PartView.of(row).model_dump(), guidance=[GuidanceView.of(one) for one in guidance])


class PriceView(BaseModel):
    """A line of the price list (价格表, R333)."""

    part_code: str
    kind: PriceKind
    amount: Decimal = Field(description="yuan for one unit")
    source: str = Field(description="the department that supplied it")
    since: AwareDatetime
    entered_by: str

    @classmethod
    def of(cls, row: PriceRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class SerialView(BaseModel):
    """A piece that is known by its serial number."""

    serial: str
    location: str | None = Field(description="where it lies")
    away: Away | None = Field(description="how it left, where it lies nowhere")
    request_id: UUID | None = Field(description="the request for which it was drawn")
    reference: str = Field(description="the paper with which it moved last")
    received_at: AwareDatetime
    moved_at: AwareDatetime

    @classmethod
    def of(cls, row: SerialRow) -> Self:
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
    location: str | None = Field(description="where pieces came to lie, or left; none for what went to a site")
    department: str | None = Field(description="whose account they entered or left (独立核算)")
    value: Decimal = Field(description="yuan that it adds to that account")
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
    departments: dict[str, Label]
    units: dict[str, Label]
    price_sources: dict[str, Label]
    internal_departments: dict[str, Label]
    store_work: dict[str, Label]
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
            departments=policy.departments,
            units=policy.units,
            price_sources=policy.prices.sources,
            internal_departments=policy.internal_requisitions.departments,
            store_work=policy.store_work,
            dearer_reasons=policy.purchasing.dearer_reasons,
            decline_reasons=policy.purchasing.decline_reasons,
            urged_departments={code: one.name for code, one in policy.purchasing.chasing.departments.items()},
            action_tasks=policy.purchasing.chasing.tasks,
            supplier_costs=policy.suppliers.costs,
            supplier_grades=policy.suppliers.grades,
        )
