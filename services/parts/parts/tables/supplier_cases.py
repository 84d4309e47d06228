"""Problems of bought-in parts that their supplier solves, and how well he does."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant, Json


class SupplierCaseRow(Row, table=True):
    """A supplier as the one who is sent (R256): what he has to solve, for which case. Nothing of a customer."""

    __tablename__ = "supplier_case"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="supplier_case_quantity_check"),
        CheckConstraint(
            "(solved_at IS NOT NULL) = (state IN ('solved', 'settled'))", name="supplier_case_solved_check"
        ),
        Index("supplier_case_raised_at", "raised_at", "id"),
        Index("supplier_case_supplier_id", "supplier_id", "raised_at"),
        Index("supplier_case_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    supplier_id: UUID = Field(foreign_key="supplier.id")
    case_id: UUID
    work_order_id: UUID | None = None
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    state: str = Field(sa_type=Text)
    problem: str = Field(sa_type=Text, description="of the equipment")
    model: str | None = Field(default=None, sa_type=Text)
    quantity: int | None = None
    solve_by: datetime | None = Field(default=None, sa_type=Instant)
    costs: list[dict[str, str]] = Field(default=[], sa_type=Json, description="what is borne by whom, yuan")
    raised_at: datetime = Field(sa_type=Instant)
    raised_by: str = Field(sa_type=Text)
    contacted_at: datetime | None = Field(default=None, sa_type=Instant, description="R328")
    notified_at: datetime | None = Field(default=None, sa_type=Instant, description="in writing, the last time (R329)")
    on_site_at: datetime | None = Field(default=None, sa_type=Instant)
    solved_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class SupplierReportRow(Row, table=True):
    """How the supplier served, as purchasing reports it to after-sales (R330)."""

    __tablename__ = "supplier_report"
    __table_args__ = (Index("supplier_report_supplier_case_id", "supplier_case_id", "reported_at"),)

    id: UUID = Field(primary_key=True)
    supplier_case_id: UUID = Field(foreign_key="supplier_case.id")
    quality: str = Field(sa_type=Text, description="a grade of the policy")
    course: str = Field(sa_type=Text, description="what was done")
    reported_at: datetime = Field(sa_type=Instant)
    reported_by: str = Field(sa_type=Text)
