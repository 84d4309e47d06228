"""Suppliers over HTTP and in spreadsheets."""

from collections.abc import Collection
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from parts.domain.suppliers import SupplierForm
from parts.schemas.stock import PartCode
from parts.tables import SupplierRow
from shared.http.bodies import Body


def _listed(given: object) -> object:
    return given.split() if isinstance(given, str) else given


type Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples=["S-017"])]
type PartCodes = Annotated[list[PartCode], BeforeValidator(_listed), Field(max_length=1000)]


class SupplierRecord(Body):
    """A supplier (供应商). His contact is a person of that company; customers are no suppliers."""

    number: Number
    name: str = Field(min_length=1, max_length=200)
    supplies: str = Field(min_length=1, max_length=400, description="what he supplies, in words")
    contact_name: str = Field(min_length=1, max_length=100)
    phone: str = Field(min_length=3, max_length=40)
    email: str | None = Field(default=None, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")
    part_codes: PartCodes = Field(
        default=[], description="parts that are bought from him (外购件); in a spreadsheet with blanks between them"
    )

    def to_form(self) -> SupplierForm:
        """As the use case takes it."""
        return SupplierForm(**{**self.model_dump(), "part_codes": frozenset(self.part_codes)})


class SupplierView(BaseModel):
    """A supplier."""

    id: UUID
    number: str
    name: str
    supplies: str
    contact_name: str
    phone: str
    email: str | None
    part_codes: list[str] = Field(description="parts that are bought from him")
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: SupplierRow, *, codes: Collection[str]) -> Self:
        """As it is stored."""
        return cls.model_validate({**row.model_dump(), "part_codes": sorted(codes)})
