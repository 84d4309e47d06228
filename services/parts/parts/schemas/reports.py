"""Cost tables, consumption, turnover, idle stock and expenses, over HTTP and in spreadsheets."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.costs import turnover
from parts.domain.ledger import Kind
from parts.domain.valuation import NOTHING
from parts.queries.idle import Idle
from parts.queries.places import Balance
from parts.queries.reports import Consumption, CostLine, Expense
from parts.tables import ReportRow


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
    never_fetched: int = Field(description="as many of them as came for customers who never did")

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
    """What left an account for a work order, the house itself or a vendor, was lost, or came back (R291, R411)."""

    id: UUID
    at: AwareDatetime
    kind: Kind = Field(
        description="adjustment: lost or found, for the reason that is its reference; receipt: given back"
    )
    department: str
    part_code: str
    quantity: int = Field(description="negative for what came back or was found")
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
