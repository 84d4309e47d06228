"""Purchase requests and purchase orders over HTTP."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, model_validator

from parts.domain.purchasing import Arrangement, Delivery, Destination, Ordered, OrderState
from parts.domain.supplier_notice import SiteContact
from parts.policy.guidance import GuidancePolicy
from parts.schemas.guidance import GuidanceView
from parts.schemas.instants import When
from parts.schemas.stock import LocationCode, PartCode, SerialNumber, Serials, Yuan
from parts.schemas.suppliers import Number
from parts.tables import PurchaseLineRow, PurchaseOrderRow, PurchaseRequestRow
from parts.use_cases.ask_purchase import PurchaseForm, WantedPart
from parts.use_cases.place_purchase import OrderForm, SelfPurchaseForm
from shared.http.bodies import Body

MOST = 100_000


def _each_once[Line: "PartLine"](lines: list[Line]) -> list[Line]:
    if len({line.part_code for line in lines}) < len(lines):
        raise ValueError("each part once")
    return lines


class PartLine(Body):
    """So many pieces of one part."""

    part_code: PartCode
    quantity: int = Field(ge=1, le=MOST, description="pieces")


class WantedLine(PartLine):
    """One material or part that is asked for (R331)."""

    model: str = Field(min_length=1, max_length=100, description="of the equipment that it is for")


class PricedLine(PartLine):
    """One part at what the supplier takes for a piece."""

    unit_price: Yuan


type WantedLines = Annotated[list[WantedLine], Field(min_length=1, max_length=100), AfterValidator(_each_once)]
type PricedLines = Annotated[list[PricedLine], Field(min_length=1, max_length=100), AfterValidator(_each_once)]
type Reason = Annotated[str, Field(min_length=1, max_length=40)]
type CompanyName = Annotated[str, Field(min_length=1, max_length=100)]


class NewPurchaseRequest(Body):
    """What somebody asks purchasing for (R331). Contact and phone on site stand with the case."""

    lines: WantedLines
    wanted_at: When = Field(description="when it has to be there; in the future")
    destination: Destination = Field(description="whether it is shipped to the site directly (`site`, 直发现场)")
    case_id: UUID | None = Field(default=None, description="necessary where it goes to the site")
    work_order_id: UUID | None = None

    def to_form(self) -> PurchaseForm:
        """As the use case takes it."""
        return PurchaseForm(
            lines=[WantedPart(**line.model_dump()) for line in self.lines],
            wanted_at=self.wanted_at,
            destination=self.destination,
            case_id=self.case_id,
            work_order_id=self.work_order_id,
        )


class Decline(Body):
    """Why nothing is bought."""

    reason: Reason = Field(description="a decline reason of the policy")


class Allocation(Body):
    """From where it is taken."""

    location: LocationCode | None = Field(default=None, description="where it lies; the first storeroom")
    serials: dict[PartCode, Serials] = Field(
        default={}, max_length=100, description="of serial-tracked parts, by part code, one for each piece"
    )


class NewPurchaseOrder(Body):
    """An order at a supplier who supplies all of it."""

    supplier_number: Number
    lines: PricedLines
    expected_at: When = Field(description="when the supplier promises it; in the future")
    destination: Destination = Destination.STORE
    request_ids: list[UUID] = Field(default=[], max_length=100, description="purchase requests it is for (R201)")

    def to_form(self) -> OrderForm:
        """As the use case takes it."""
        return OrderForm(
            supplier_number=self.supplier_number,
            lines=_ordered(self.lines),
            request_ids=frozenset(self.request_ids),
            destination=self.destination,
            expected_at=self.expected_at,
        )


class Quote(Body):
    """What a supplier takes for all of it."""

    supplier: CompanyName
    amount: Yuan


class NewSelfPurchase(Body):
    """Something bought without an application (自采, R201)."""

    lines: PricedLines = Field(description="at the prices of the chosen supplier")
    quotes: list[Quote] = Field(max_length=20, description="of different suppliers, as many as the policy wants")
    chosen: CompanyName = Field(description="one of them")
    reason: Reason | None = Field(default=None, description="of the policy, where he is not the cheapest")
    expected_at: When = Field(description="when it will be there; in the future")

    def to_form(self) -> SelfPurchaseForm:
        """As the use case takes it: of a supplier who quoted twice the last price counts, and he counts once."""
        return SelfPurchaseForm(
            lines=_ordered(self.lines),
            quotes={quote.supplier: quote.amount for quote in self.quotes},
            chosen=self.chosen,
            reason=self.reason,
            expected_at=self.expected_at,
        )


class Tracking(Body):
    """Where an order is, as the supplier says now: all of it, in place of what was said before."""

    expected_at: When = Field(description="when it will be there; in the future")
    carrier: CompanyName | None = None
    tracking_number: str | None = Field(default=None, min_length=1, max_length=100)
    shipped_at: When | None = Field(
        default=None,
        description="since the order was placed; without it, it is not on its way, whatever was said before",
    )


class CameLine(PartLine):
    """So many pieces of one part that came."""

    serials: list[SerialNumber] = Field(
        default_factory=list, max_length=1000, description="of a serial-tracked part, one for each piece"
    )


type CameLines = Annotated[list[CameLine], Field(max_length=100), AfterValidator(_each_once)]


class PurchaseReceipt(Body):
    """What came (入库) of an order."""

    lines: CameLines = Field(description="none only where the delivery is `final`: nothing came, and nothing will")
    delivery: Delivery = Field(
        default=Delivery.PARTIAL, description="`final`: nothing more comes; once all is there it closes anyway"
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.lines and self.delivery is not Delivery.FINAL:
            raise ValueError("what came, or `final` where nothing more comes")
        return self

    def came(self) -> dict[str, int]:
        """Part code to pieces."""
        return {line.part_code: line.quantity for line in self.lines}

    def serials(self) -> dict[str, list[str]]:
        """Part code to the serial numbers of its pieces."""
        return {line.part_code: line.serials for line in self.lines}


class WantedView(BaseModel):
    """One part that was asked for."""

    part_code: str
    quantity: int
    model: str
    came: int = Field(description="pieces of it that came of orders which are over; the rest is still asked for")


class PurchaseRequestView(BaseModel):
    """A purchase request and what became of it."""

    id: UUID
    state: Arrangement
    lines: list[WantedView]
    wanted_at: AwareDatetime
    destination: Destination
    case_id: UUID | None = Field(description="whose contact and phone on site intake shows to whoever may see them")
    work_order_id: UUID | None
    asked_at: AwareDatetime
    asked_by: str
    arranged_at: AwareDatetime | None
    arranged_by: str | None
    order_id: UUID | None
    reason: str | None
    version: int

    @classmethod
    def of(cls, row: PurchaseRequestRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class PurchaseRequestFile(PurchaseRequestView):
    """A purchase request with what to keep in mind about it (R007)."""

    guidance: list[GuidanceView] = Field(description="what to keep in mind where something is bought")

    @classmethod
    def whole(cls, row: PurchaseRequestRow, *, guidance: Iterable[GuidancePolicy]) -> Self:
        """As it is stored, and as the policy has it."""
        return cls(**PurchaseRequestView.of(row).model_dump(), guidance=[GuidanceView.of(one) for one in guidance])


class DeliveryView(PurchaseRequestView):
    """A purchase request that goes to the site, with whom to call there, filled in now and kept nowhere (R331)."""

    address: str
    contact: str
    phone: str

    @classmethod
    def whole(cls, row: PurchaseRequestRow, *, site: SiteContact) -> Self:
        """With what intake says."""
        where = {"address": site.address, "contact": site.contact, "phone": site.phone}
        return cls.model_validate({**row.model_dump(), **where})


class PurchaseLineView(BaseModel):
    """One part of an order, in pieces."""

    part_code: str
    ordered: int
    received: int
    unit_price: Decimal = Field(description="yuan")


class QuoteView(BaseModel):
    """What a supplier took for all of it (R201)."""

    supplier: str
    amount: Decimal = Field(description="yuan")


class PurchaseOrderView(BaseModel):
    """An order at a supplier, or a self-purchase with its compared prices."""

    id: UUID
    kind: str = Field(description="order or self_purchase")
    supplier_id: UUID | None
    supplier: str
    destination: Destination
    state: OrderState
    amount: Decimal = Field(description="yuan")
    lines: list[PurchaseLineView]
    quotes: list[QuoteView]
    reason: str | None = Field(description="why not the cheapest")
    placed_at: AwareDatetime
    placed_by: str
    expected_at: AwareDatetime
    carrier: str | None
    tracking_number: str | None
    shipped_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: PurchaseOrderRow, *, lines: Sequence[PurchaseLineRow]) -> Self:
        """As it is stored."""
        return cls.model_validate({**row.model_dump(), "lines": [line.model_dump() for line in lines]})


class PurchaseOrderFile(PurchaseOrderView):
    """An order with what to keep in mind about it (R007)."""

    guidance: list[GuidanceView] = Field(description="what to keep in mind where something is bought")

    @classmethod
    def whole(
        cls, row: PurchaseOrderRow, *, lines: Sequence[PurchaseLineRow], guidance: Iterable[GuidancePolicy]
    ) -> Self:
        """As it is stored, and as the policy has it."""
        view = PurchaseOrderView.of(row, lines=lines)
        return cls(**view.model_dump(), guidance=[GuidanceView.of(one) for one in guidance])


def _ordered(lines: Iterable[PricedLine]) -> list[Ordered]:
    return [Ordered(part_code=line.part_code, ordered=line.quantity, unit_price=line.unit_price) for line in lines]
