"""Action items over HTTP (R029)."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from parts.schemas.instants import When
from parts.tables import ActionItemRow
from parts.use_cases.urge_department import UrgingForm
from shared.http.bodies import Body

type Code = Annotated[str, Field(min_length=1, max_length=40)]


class NewActionItem(Body):
    """What a department is urged to do (R029), for a shipment, a case, or both."""

    cause: Code | None = Field(default=None, description="a cause of the policy, which knows who has to do what then")
    department: Code | None = Field(default=None, description="a department of the policy; with its task, or the cause")
    task: Code | None = Field(default=None, description="a task of the policy")
    order_id: UUID | None = Field(default=None, description="the purchase order that is chased")
    case_id: UUID | None = Field(default=None, description="whose site needs it; necessary without an order")
    due_at: When = Field(description="in the future")

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.order_id is None and self.case_id is None:
            raise ValueError("an order_id, a case_id or both")
        return self

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if {self.cause is None, self.department is None and self.task is None} != {True, False}:
            raise ValueError("a cause, or a department and its task")
        if (self.department is None) != (self.task is None):
            raise ValueError("a department and its task")
        return self

    def to_form(self) -> UrgingForm:
        """As the use case takes it."""
        return UrgingForm(**self.model_dump())


class ActionItemView(BaseModel):
    """What a department is urged to do (R029)."""

    id: UUID
    cause: str | None
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
