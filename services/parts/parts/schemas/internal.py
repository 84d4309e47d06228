"""Internal requisitions and store work over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.internal import RequisitionForm, StoreWorkForm
from parts.schemas.stock import LocationCode, PartCode, Pieces, Serials
from parts.tables import RequisitionRow, StoreWorkRow
from shared.http.bodies import Body

MINUTES_OF_A_DAY = 24 * 60


class NewRequisition(Body):
    """A department draws consumables for itself (内部领用单, R323)."""

    department: str = Field(min_length=1, max_length=40, description="of those that the policy lets draw")
    part_code: PartCode
    quantity: Pieces
    location: LocationCode | None = Field(default=None, description="where from; the first storeroom")
    serials: Serials = Field(default=(), max_length=1000, description="of a serial-tracked part, one for each piece")

    def to_form(self) -> RequisitionForm:
        """As the use case takes it."""
        return RequisitionForm(**self.model_dump())


class RequisitionView(BaseModel):
    """An internal requisition."""

    id: UUID
    department: str
    charged_to: str = Field(description="whose cost it is")
    part_code: str
    quantity: int
    location: str
    cost: Decimal = Field(description="yuan")
    drawn_at: AwareDatetime
    drawn_by: str

    @classmethod
    def of(cls, row: RequisitionRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class NewStoreWork(Body):
    """Time that somebody spent on the store or on tools (R335)."""

    staff_number: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    activity: str = Field(min_length=1, max_length=40, description="a kind of store work of the policy")
    day: date
    minutes: int = Field(ge=1, le=MINUTES_OF_A_DAY)

    def to_form(self) -> StoreWorkForm:
        """As the use case takes it."""
        return StoreWorkForm(**self.model_dump())


class StoreWorkView(BaseModel):
    """A line for the time sheet (R335)."""

    id: UUID
    staff_number: str
    activity: str
    category: Literal["general_administration"] = Field(
        default="general_administration", description="the class of work that dispatch's time sheet has for it"
    )
    day: date
    minutes: int
    entered_at: AwareDatetime

    @classmethod
    def of(cls, row: StoreWorkRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())
