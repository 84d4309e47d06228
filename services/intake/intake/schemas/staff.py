"""The staff over HTTP."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.tables import StaffRow
from shared.http.bodies import Body

type StaffNumber = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$", description="the subject of a person's token")]


class NewOwner(Body):
    """Who becomes responsible for a case."""

    owner_id: StaffNumber


class StaffView(BaseModel):
    """A member of the staff (员工); names and addresses stay with notifier."""

    id: UUID
    staff_number: str
    role: str
    status: str = Field(description="active or left")
    revision: int = Field(description="of notifier's directory")
    heard_at: AwareDatetime

    @classmethod
    def of(cls, row: StaffRow) -> Self:
        """The member as it is shown."""
        return cls.model_validate(row.model_dump())
