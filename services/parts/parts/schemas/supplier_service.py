"""The supplier's service quality over HTTP and as a spreadsheet (R330)."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from parts.domain.supplier_quality import SupplierService

COLUMNS = ("supplier_number", "supplier_name", "raised", "solved", "late", "mean_hours", "borne")


class SupplierServiceView(BaseModel):
    """One supplier in the period."""

    supplier_number: str
    supplier_name: str
    raised: int = Field(description="problems that were raised in the period")
    solved: int = Field(description="of these")
    late: int = Field(description="of those raised, not solved by the required solution time")
    mean_hours: Decimal | None = Field(description="from raised to solved, one decimal; null where none is solved")
    grades: dict[str, int] = Field(description="how often each grade of the policy was given")
    borne: Decimal = Field(description="yuan that he bears")

    @classmethod
    def of(cls, service: SupplierService) -> Self:
        """As it was counted."""
        return cls(
            supplier_number=service.supplier_number,
            supplier_name=service.supplier_name,
            raised=service.raised,
            solved=service.solved,
            late=service.late,
            mean_hours=service.mean_hours,
            grades=dict(service.grades),
            borne=service.borne,
        )


class SupplierServiceReport(BaseModel):
    """Every supplier with a problem in the period, by number."""

    suppliers: list[SupplierServiceView]


def sheet_of(report: Sequence[SupplierServiceView], *, grades: Sequence[str]) -> str:
    """The same as CSV, with a column for each grade of the policy."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow((*COLUMNS, *grades))
    for line in report:
        shown = line.model_dump(mode="json")
        writer.writerow((*(shown[name] for name in COLUMNS), *(line.grades.get(grade, 0) for grade in grades)))
    return written.getvalue()
