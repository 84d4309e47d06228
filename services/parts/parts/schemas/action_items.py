"""Action items over HTTP (R029)."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from parts.schemas.instants import When
from parts.tables import ActionItemRow
from shared.http.bodies import Body

type Code = Annotated[str, Field(min_length=1, max_length=40)]


class NewActionItem(Body):
    """What a department is urged to do (R029), for a shipment, a case, or both."""

    department: Code = Field(description="a department of the policy")
    task: Code = Field(description="a task of the policy")
    order_id: UUID | None = Field(default=None, description="the purchase order that is chased")
    case_id: UUID | None = Field(default=None, description="whose site needs it; necessary without an order")
    due_at: When = Field(description="in the future")

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.order_id is None and self.case_id is None:
            raise ValueError("an order_id, a case_id or both")
        return self


class ActionItemView(BaseModel):
    """What a department is urged to do (R029)."""

    id: UUID
    department: str
    task: str
    order_id: UUID | None
    case_id: UUID | None
    due_at: AwareDatetime
    opened_at: AwareDatetime
    opened_by: str
    reminders: int = Field(description="how often it was urged again")
    done_at: AwareDatetime | None
    done_by: str | None
    version: int

    @classmethod
    def of(cls, row: ActionItemRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())
