"""What was fitted and never issued, over HTTP."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.tables import DiscrepancyRow
from shared.contracts.facts import PartNeed
from shared.http.bodies import Body


class Clearing(Body):
    """Why more was fitted than was issued."""

    reason: str = Field(min_length=1, max_length=40, description="a discrepancy reason of the policy")


class DiscrepancyView(BaseModel):
    """Pieces that a work order is said to have fitted and that were never issued for it."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    lines: list[PartNeed]
    found_at: AwareDatetime = Field(description="when the work order was completed")
    cleared_at: AwareDatetime | None
    cleared_by: str | None
    reason: str | None = Field(description="why, once it was cleared")
    version: int

    @classmethod
    def of(cls, row: DiscrepancyRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())
