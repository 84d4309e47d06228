"""Supplier cases over HTTP."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.supplier_cases import Bearer, CaseState, Cost
from parts.schemas.instants import When
from parts.schemas.stock import PartCode, Yuan
from parts.schemas.suppliers import Number
from parts.tables import SupplierCaseRow, SupplierReportRow
from parts.use_cases.raise_supplier_case import SupplierCaseForm
from parts.use_cases.show_words import Words
from shared.http.bodies import Body


class SupplierCaseChange(Body):
    """What is known of a problem by now; who may not read it may change the rest."""

    supplier_number: Number
    part_code: PartCode = Field(description="a part that is bought from him")
    case_id: UUID
    work_order_id: UUID | None = Field(default=None, description="for which he is dispatched (R256)")
    problem: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="of the equipment; kept sealed, and as it is where null",
    )
    model: str | None = Field(default=None, min_length=1, max_length=100)
    quantity: int | None = Field(default=None, ge=1, le=100_000, description="pieces")
    solve_by: When | None = Field(default=None, description="required solution time")

    def to_form(self) -> SupplierCaseForm:
        """As the use case takes it."""
        return SupplierCaseForm(**self.model_dump())


class SupplierCaseRecord(SupplierCaseChange):
    """A problem of a bought-in part (外调产品) that its supplier solves (R185), for a case of intake.

    Address, contact and phone on site are not written here: intake has them. What is missing may be added later; a
    notice needs all of it (R329).
    """

    problem: str = Field(min_length=1, max_length=1000, description="of the equipment; kept sealed")


class ServiceReport(Body):
    """How the supplier served (R330)."""

    quality: str = Field(min_length=1, max_length=40, description="a grade of the policy")
    course: str = Field(min_length=1, max_length=1000, description="what was done; kept sealed")


class CostLine(Body):
    """Who bears which cost."""

    kind: str = Field(min_length=1, max_length=40, description="a kind of cost of the policy")
    amount: Yuan
    bearer: Bearer

    def to_cost(self) -> Cost:
        """As the domain takes it."""
        return Cost(kind=self.kind, amount=self.amount, bearer=self.bearer)


class Costs(Body):
    """Everything that the problem costs, in place of what was said before."""

    costs: list[CostLine] = Field(max_length=50)


class CostView(BaseModel):
    """Who bears which cost."""

    kind: str
    amount: Decimal = Field(description="yuan")
    bearer: Bearer


class ReportView(BaseModel):
    """How the supplier served."""

    id: UUID
    quality: str
    reported_at: AwareDatetime
    reported_by: str


class SupplierCaseView(BaseModel):
    """A supplier case with everything about it that is not sealed."""

    id: UUID
    supplier_id: UUID
    case_id: UUID
    work_order_id: UUID | None
    part_code: str
    state: CaseState
    model: str | None
    quantity: int | None
    solve_by: AwareDatetime | None
    costs: list[CostView]
    raised_at: AwareDatetime
    raised_by: str
    contacted_at: AwareDatetime | None = Field(description="the first time (R328)")
    notified_at: AwareDatetime | None = Field(description="in writing, the last time (R329)")
    on_site_at: AwareDatetime | None
    solved_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: SupplierCaseRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class SupplierCaseFile(SupplierCaseView):
    """A supplier case with what was reported of it (R330)."""

    reports: list[ReportView]

    @classmethod
    def whole(cls, row: SupplierCaseRow, *, reports: Sequence[SupplierReportRow]) -> Self:
        """With every report, the first one first."""
        told = [ReportView.model_validate(report.model_dump()) for report in reports]
        return cls.model_validate({**SupplierCaseView.of(row).model_dump(), "reports": told})


class CourseView(BaseModel):
    """What a report says was done; null once the customer was erased."""

    id: UUID
    course: str | None


class SupplierWords(BaseModel):
    """What was written about a problem; null once the customer was erased."""

    supplier_case_id: UUID
    problem: str | None
    reports: list[CourseView] = Field(description="the first one first")

    @classmethod
    def of(cls, supplier_case_id: UUID, *, words: Words) -> Self:
        """In plain text."""
        reports = [CourseView(id=report_id, course=course) for report_id, course in words.courses]
        return cls(supplier_case_id=supplier_case_id, problem=words.problem, reports=reports)
