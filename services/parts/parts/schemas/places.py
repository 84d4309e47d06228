"""Places of stock, transfers between them, and accounts, over HTTP and in spreadsheets."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.places import LocationForm, PlaceKind
from parts.queries.places import Balance
from parts.queries.stock import PartStock
from parts.schemas.stock import LocationCode, MovementView, PartCode, Pieces, Serials, StockView
from parts.tables import LocationRow, MovementRow, PartRow, ShelfRow
from shared.http.bodies import Body


class LocationRecord(Body):
    """A storeroom (库房), a technician's van or a service point (网点)."""

    code: LocationCode
    kind: PlaceKind
    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    department: str = Field(min_length=1, max_length=40, description="a department of the policy: whose account it is")
    staff_number: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", description="whose van it is"
    )

    def to_form(self) -> LocationForm:
        """As the use case takes it."""
        return LocationForm(**self.model_dump())


class Transfer(Body):
    """Pieces are brought from one place to another (调拨)."""

    part_code: PartCode
    quantity: Pieces
    source: LocationCode
    destination: LocationCode
    serials: Serials = Field(default=(), max_length=1000, description="numbers of pieces of a serial-tracked part")


class LocationView(BaseModel):
    """A place of stock."""

    id: UUID
    code: str
    kind: PlaceKind
    name_zh: str
    name_en: str
    department: str = Field(description="whose account its pieces stand in (独立核算, R324)")
    staff_number: str | None
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: LocationRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class LyingView(BaseModel):
    """Pieces of a part that lie in a place."""

    part_code: str
    name_zh: str
    name_en: str
    unit: str
    on_hand: int

    @classmethod
    def of(cls, part: PartRow, shelf: ShelfRow) -> Self:
        """As it stands now."""
        return cls.model_validate({**part.model_dump(), "on_hand": shelf.on_hand})


class TransferView(BaseModel):
    """Both lines of the ledger."""

    lines: list[MovementView]

    @classmethod
    def of(cls, lines: Sequence[MovementRow]) -> Self:
        """As they were posted."""
        return cls(lines=[MovementView.of(line) for line in lines])


class PlaceView(BaseModel):
    """So many lie there."""

    location: str
    on_hand: int


class AccountView(BaseModel):
    """A department's account of a part."""

    department: str
    pieces: int
    value: Decimal = Field(description="yuan")


class AlternativeView(BaseModel):
    """A part that replaces it, and how many of it are free."""

    part_code: str
    available: int


class PartStockView(StockView):
    """What there is of a part, where, what it is worth, and what there is of the parts that replace it."""

    places: list[PlaceView]
    accounts: list[AccountView]
    alternatives: list[AlternativeView]

    @classmethod
    def whole(cls, found: PartStock) -> Self:
        """As it stands now."""
        return cls(
            **StockView.of(found.part, found.stock).model_dump(),
            places=[PlaceView(location=place, on_hand=pieces) for place, pieces in sorted(found.lying.items())],
            accounts=[
                AccountView(department=department, pieces=pieces, value=value)
                for department, (pieces, value) in sorted(found.accounts.items())
            ],
            alternatives=[AlternativeView(part_code=code, available=free) for code, free in found.alternatives.items()],
        )


class BalanceView(BaseModel):
    """A department's account of all parts (独立核算, R324)."""

    department: str
    pieces: int
    value: Decimal = Field(description="yuan")


class BalancesView(BaseModel):
    """All accounts as they stood at an instant."""

    at: AwareDatetime
    accounts: list[BalanceView]
    value: Decimal = Field(description="yuan, of all of them")

    @classmethod
    def of(cls, balances: Sequence[Balance], *, at: AwareDatetime) -> Self:
        """As the ledger adds up."""
        accounts = [BalanceView(department=one.department, pieces=one.pieces, value=one.value) for one in balances]
        return cls(at=at, accounts=accounts, value=sum((one.value for one in balances), start=Decimal("0.00")))
