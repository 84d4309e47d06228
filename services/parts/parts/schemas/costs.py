"""What the parts of a work order cost and what became of them, over HTTP."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.costs import Used, UsedAtSite, charge_for
from parts.domain.valuation import NOTHING
from parts.policy import PartsPolicy
from parts.queries.costs import OrderCosts, Reconciled
from parts.tables import ItemRow
from shared.contracts.facts import PartNeed, WarrantyStatus


class UsedView(BaseModel):
    """A part of a work order: what became of its pieces, what they cost, what the customer pays."""

    request_id: UUID
    part_code: str
    warranty: WarrantyStatus
    asked: int
    issued: int
    returned: int
    fitted: int
    lost: int = Field(description="drawn, and written off")
    outstanding: int = Field(description="drawn, and neither fitted nor brought back nor written off (R295)")
    cost: Decimal = Field(description="yuan: what was drawn and not brought back has cost (R010)")
    unit_price: Decimal = Field(description="yuan: the sale price when it was asked for (R333)")
    charge: Decimal = Field(description="yuan that the customer pays for what was fitted; nothing in warranty (R168)")

    @classmethod
    def of(cls, used: Used, *, request_id: UUID, policy: PartsPolicy) -> Self:
        """As it stands now."""
        return cls(
            request_id=request_id,
            part_code=used.part_code,
            warranty=used.warranty,
            asked=used.asked,
            issued=used.issued,
            returned=used.returned,
            fitted=used.fitted,
            lost=used.lost,
            outstanding=used.outstanding,
            cost=used.cost,
            unit_price=used.unit_price,
            charge=charge_for(used, free_for=policy.charges.free_for),
        )


class UsedAtSiteView(BaseModel):
    """A part that went from the supplier straight to the site of a work order (直发现场)."""

    purchase_request_id: UUID
    part_code: str
    warranty: WarrantyStatus | None = Field(description="none where the order asked parts for nothing, so nobody said")
    pieces: int
    fitted: int = Field(description="known once the work order is completed")
    cost: Decimal = Field(description="yuan that the supplier takes for the pieces (R010)")
    unit_price: Decimal = Field(description="yuan: the sale price when purchasing was asked for it (R333)")
    charge: Decimal = Field(description="yuan, for what was fitted (R168); nothing while no warranty is known")

    @classmethod
    def of(cls, used: UsedAtSite, *, policy: PartsPolicy) -> Self:
        """As it stands now."""
        return cls(
            purchase_request_id=used.purchase_request_id,
            part_code=used.part_code,
            warranty=used.warranty,
            pieces=used.pieces,
            fitted=used.fitted,
            cost=used.cost,
            unit_price=used.unit_price,
            charge=charge_for(used, free_for=policy.charges.free_for),
        )


class ReconciliationView(BaseModel):
    """A request: what was issued against what was fitted and brought back (R295).

    Who drew the parts takes the work order away with them, for it travels with the vehicle (工单随车走, R298).
    """

    request_id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    requested_at: AwareDatetime
    drawn_by: list[str] = Field(description="staff numbers of those who took parts and work order away")
    lines: list[UsedView]
    not_issued: list[PartNeed] = Field(description="fitted on the work order, and never issued; not cleared yet")

    @classmethod
    def of(cls, found: Reconciled, *, policy: PartsPolicy) -> Self:
        """As it stands now."""
        request = found.request
        return cls(
            request_id=request.id,
            work_order_id=request.work_order_id,
            work_order_number=request.work_order_number,
            case_id=request.case_id,
            requested_at=request.requested_at,
            drawn_by=list(found.drawn_by),
            lines=[UsedView.of(used, request_id=request.id, policy=policy) for used in found.used],
            not_issued=[PartNeed(part_code=code, quantity=pieces) for code, pieces in found.not_issued.items()],
        )


class CostSheet(BaseModel):
    """What the parts of a work order cost (费用结算, R010, R037), and what the customer is charged for them (R168)."""

    work_order_id: UUID
    work_order_number: str | None = Field(description="none where only purchasing was asked for its parts")
    case_id: UUID
    items: list[UUID] = Field(description="items that were taken in on it")
    lines: list[UsedView]
    at_site: list[UsedAtSiteView]
    cost: Decimal = Field(description="yuan, of lines and at_site together")
    charge: Decimal = Field(description="yuan, likewise")

    @classmethod
    def of(cls, found: OrderCosts, *, work_order_id: UUID, items: Sequence[UUID], policy: PartsPolicy) -> Self:
        """All parts of the work order together."""
        lines = [
            UsedView.of(used, request_id=one.request.id, policy=policy) for one in found.requests for used in one.used
        ]
        at_site = [UsedAtSiteView.of(used, policy=policy) for used in found.at_site]
        first = found.requests[0].request if found.requests else None
        return cls(
            work_order_id=work_order_id,
            work_order_number=None if first is None else first.work_order_number,
            case_id=found.at_site[0].case_id if first is None else first.case_id,
            items=list(items),
            lines=lines,
            at_site=at_site,
            cost=sum([line.cost for line in lines] + [one.cost for one in at_site], start=NOTHING),
            charge=sum([line.charge for line in lines] + [one.charge for one in at_site], start=NOTHING),
        )


class ItemParts(BaseModel):
    """Parts that were exchanged on an item that was taken in (修护卡, R305, R337)."""

    item_id: UUID
    receipt_number: str
    work_order_id: UUID
    fitted: list[PartNeed]

    @classmethod
    def of(cls, item: ItemRow, *, fitted: Mapping[str, int]) -> Self:
        """In detail."""
        return cls(
            item_id=item.item_id,
            receipt_number=item.receipt_number,
            work_order_id=item.work_order_id,
            fitted=[PartNeed(part_code=code, quantity=pieces) for code, pieces in fitted.items()],
        )
