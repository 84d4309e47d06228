"""The staff over HTTP and in spreadsheets."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.domain.forms import StaffForm
from intake.schemas.texts import Name
from intake.tables import StaffRow
from shared.http.bodies import Body
from shared.security.roles import ROLES

type StaffId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$", description="the subject of the person's token")]
type Role = Annotated[str, Field(max_length=40, description=f"what the token carries: {', '.join(ROLES)}")]


class StaffRecord(Body):
    """A member of the staff (员工); also one line of the spreadsheet."""

    staff_id: StaffId
    name: Name
    role: Role
    active: bool = Field(default=True, description="whether the person still works here")

    def to_form(self) -> StaffForm:
        """As the use cases take it."""
        return StaffForm(**self.model_dump())


class NewOwner(Body):
    """Who becomes responsible for a case."""

    owner_id: StaffId


class StaffView(BaseModel):
    """A member of the staff."""

    id: UUID
    staff_id: str
    name: str
    role: str
    active: bool
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: StaffRow) -> Self:
        """The member as it is shown."""
        return cls.model_validate(row.model_dump())
