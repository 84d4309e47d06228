"""Problems of bought-in parts that their supplier solves, and how well he does."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from parts.tables.base import Row
from shared.columns import Instant, Json


class SupplierCaseRow(Row, table=True):
    """A supplier as the one who is sent (R256): what he has to solve, for which case.

    What is written of it may be what the customer said: it is sealed, and NULL once he was erased.
    """

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
    problem: str | None = Field(default=None, sa_type=Text, description="sealed; of the equipment")
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


class CaseRow(Row, table=True):
    """A case of intake, whether it was opened or written about first. `customer_id`: whose it is, once it was heard."""

    __tablename__ = "known_case"
    __table_args__ = (Index("known_case_customer_id", "customer_id"),)

    case_id: UUID = Field(primary_key=True)
    customer_id: UUID | None = None


class SupplierReportRow(Row, table=True):
    """How the supplier served, as purchasing reports it to after-sales (R330)."""

    __tablename__ = "supplier_report"
    __table_args__ = (Index("supplier_report_supplier_case_id", "supplier_case_id", "reported_at"),)

    id: UUID = Field(primary_key=True)
    supplier_case_id: UUID = Field(foreign_key="supplier_case.id")
    quality: str = Field(sa_type=Text, description="a grade of the policy")
    course: str | None = Field(default=None, sa_type=Text, description="sealed; what was done")
    reported_at: datetime = Field(sa_type=Instant)
    reported_by: str = Field(sa_type=Text)
