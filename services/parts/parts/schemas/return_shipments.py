"""Return-to-factory shipments over HTTP."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.schemas.instants import When
from parts.tables import ReturnShipmentRow
from parts.use_cases.ship_to_factory import ShipmentForm
from shared.http.bodies import Body

type StaffNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class NewReturnShipment(Body):
    """Something that was taken in leaves for the factory (返厂维修, R040, R311)."""

    item_id: UUID = Field(description="what was taken in, as dispatch knows it")
    work_order_id: UUID
    case_id: UUID
    factory: str = Field(min_length=1, max_length=100)
    carrier: str = Field(min_length=1, max_length=100)
    tracking_number: str | None = Field(default=None, min_length=1, max_length=100)
    project_manager: StaffNumber = Field(description="who assists the warehouse (R040)")
    commercial_by: StaffNumber = Field(description="who in marketing has the commercial side (R311)")
    arrival_expected_at: When = Field(description="at the factory; in the future")
    return_expected_at: When = Field(description="back in the warehouse; after that")

    def to_form(self) -> ShipmentForm:
        """As the use case takes it."""
        return ShipmentForm(**self.model_dump())


class ReturnShipmentView(BaseModel):
    """A return-to-factory shipment."""

    id: UUID
    item_id: UUID
    work_order_id: UUID
    case_id: UUID
    factory: str
    carrier: str
    tracking_number: str | None
    project_manager: str
    commercial_by: str
    sent_at: AwareDatetime
    sent_by: str = Field(description="of the warehouse, which has the transport")
    arrival_expected_at: AwareDatetime
    return_expected_at: AwareDatetime
    arrived_at: AwareDatetime | None
    returned_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: ReturnShipmentRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())
