"""What parts cost and what became of them, over HTTP and in spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.costs import Used, charge_for, turnover
from parts.domain.ledger import Kind
from parts.domain.valuation import NOTHING
from parts.policy import PartsPolicy
from parts.queries.costs import Reconciled
from parts.queries.places import Balance
from parts.queries.reports import Consumption, CostLine, Expense, Idle
from parts.tables import ItemRow, ReportRow
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
    outstanding: int = Field(description="drawn, and neither fitted nor brought back (R295)")
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
            outstanding=used.outstanding,
            cost=used.cost,
            unit_price=used.unit_price,
            charge=charge_for(used, free_for=policy.charges.free_for),
        )


class ReconciliationView(BaseModel):
    """A request: what was issued against what was fitted and brought back (R295), and who drew it."""

    request_id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    requested_at: AwareDatetime
    drawn_by: list[str] = Field(description="staff numbers: they take parts and work order away (工单随车走, R298)")
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
    work_order_number: str
    case_id: UUID
    items: list[UUID] = Field(description="items that were taken in on it")
    lines: list[UsedView]
    cost: Decimal = Field(description="yuan")
    charge: Decimal = Field(description="yuan")

    @classmethod
    def of(cls, found: Sequence[Reconciled], *, items: Sequence[UUID], policy: PartsPolicy) -> Self:
        """All requests of the work order together."""
        lines = [UsedView.of(used, request_id=one.request.id, policy=policy) for one in found for used in one.used]
        first = found[0].request
        return cls(
            work_order_id=first.work_order_id,
            work_order_number=first.work_order_number,
            case_id=first.case_id,
            items=list(items),
            lines=lines,
            cost=sum((line.cost for line in lines), start=NOTHING),
            charge=sum((line.charge for line in lines), start=NOTHING),
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


class CostLineView(BaseModel):
    """A part of the cost table."""

    department: str
    part_code: str
    name_zh: str
    name_en: str
    quantity: int = Field(description="pieces used up, less those that came back; may be negative")
    cost: Decimal = Field(description="yuan")


class CostTable(BaseModel):
    """The cost table of a month (配件费用表, R325): part, quantity, cost."""

    month: str
    since: AwareDatetime
    until: AwareDatetime
    lines: list[CostLineView]
    cost: Decimal = Field(description="yuan")

    @classmethod
    def of(cls, lines: Sequence[CostLine], *, month: date, since: AwareDatetime, until: AwareDatetime) -> Self:
        """As the ledger adds up."""
        return cls(
            month=f"{month:%Y-%m}",
            since=since,
            until=until,
            lines=[CostLineView.model_validate(line, from_attributes=True) for line in lines],
            cost=sum((line.cost for line in lines), start=NOTHING),
        )

    def sheet(self) -> str:
        """As a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(["month", *CostLineView.model_fields])
        writer.writerows([self.month, *line.model_dump(mode="json").values()] for line in self.lines)
        return text.getvalue()


class ReportView(BaseModel):
    """A report that was handed in."""

    id: UUID
    kind: str
    month: str
    due_at: AwareDatetime
    published_at: AwareDatetime
    is_late: bool
    quantity: int
    cost: Decimal = Field(description="yuan")

    @classmethod
    def of(cls, row: ReportRow) -> Self:
        """As it was handed in."""
        is_late = row.published_at > row.due_at
        return cls.model_validate({**row.model_dump(), "month": f"{row.month:%Y-%m}", "is_late": is_late})


class ConsumptionView(BaseModel):
    """What a department's account lost, `issue` to work orders or `internal` to the house itself."""

    department: str
    kind: Kind
    quantity: int
    cost: Decimal = Field(description="yuan")


class ConsumptionTable(BaseModel):
    """Consumption per department."""

    since: AwareDatetime
    until: AwareDatetime
    lines: list[ConsumptionView]

    @classmethod
    def of(cls, lines: Sequence[Consumption], *, since: AwareDatetime, until: AwareDatetime) -> Self:
        """As the ledger adds up."""
        views = [ConsumptionView.model_validate(line, from_attributes=True) for line in lines]
        return cls(since=since, until=until, lines=views)


class TurnoverView(BaseModel):
    """How fast a department's store turned over (库存周转)."""

    department: str
    cost: Decimal = Field(description="yuan that left")
    value_at_first: Decimal = Field(description="yuan")
    value_at_last: Decimal = Field(description="yuan")
    turnover: Decimal | None = Field(description="cost by average value; absent for an empty store")


class TurnoverTable(BaseModel):
    """Turnover per department."""

    since: AwareDatetime
    until: AwareDatetime
    lines: list[TurnoverView]

    @classmethod
    def of(
        cls,
        used: Sequence[Consumption],
        *,
        at_first: Sequence[Balance],
        at_last: Sequence[Balance],
        since: AwareDatetime,
        until: AwareDatetime,
    ) -> Self:
        """Of every department that has an account."""
        begun = {one.department: one.value for one in at_first}
        lines = []
        for one in at_last:
            cost = sum((line.cost for line in used if line.department == one.department), start=NOTHING)
            first = begun.get(one.department, NOTHING)
            lines.append(
                TurnoverView(
                    department=one.department,
                    cost=cost,
                    value_at_first=first,
                    value_at_last=one.value,
                    turnover=turnover(cost, at_first=first, at_last=one.value),
                )
            )
        return cls(since=since, until=until, lines=lines)


class IdleView(BaseModel):
    """Stock that nobody asked for (呆滞库存)."""

    part_code: str
    name_zh: str
    name_en: str
    on_hand: int
    value: Decimal = Field(description="yuan")
    stirred_at: AwareDatetime | None = Field(description="when pieces came or left last")
    never_fetched: int = Field(description="pieces that came for customers who never did")

    @classmethod
    def of(cls, idle: Idle) -> Self:
        """As it lies there."""
        return cls.model_validate(
            {
                **idle.part.model_dump(),
                "on_hand": idle.on_hand,
                "value": idle.value,
                "stirred_at": idle.stirred_at,
                "never_fetched": idle.never_fetched,
            }
        )


class ExpenseView(BaseModel):
    """What left an account for a work order or the house itself, or came back (R291, R411)."""

    id: UUID
    at: AwareDatetime
    kind: Kind
    department: str
    part_code: str
    quantity: int = Field(description="negative for what came back")
    cost: Decimal = Field(description="yuan, likewise")
    reference: str
    work_order_number: str | None
    case_id: UUID | None

    @classmethod
    def of(cls, expense: Expense) -> Self:
        """As the ledger has it."""
        line = expense.line
        return cls.model_validate(
            {
                **line.model_dump(),
                "quantity": -line.on_hand,
                "cost": -line.value,
                "work_order_number": expense.work_order_number,
                "case_id": expense.case_id,
            }
        )
