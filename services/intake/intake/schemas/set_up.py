"""Units and push sources over HTTP and in spreadsheets."""

from datetime import date
from ipaddress import ip_network
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from intake.domain.forms import SourceForm, UnitForm
from intake.domain.warranty import WarrantyTerms
from intake.schemas.texts import Name, ProductCode, SerialNumber
from intake.tables import PushSourceRow, UnitRow
from shared.http.bodies import Body

LONGEST_WARRANTY = 600
"""Months."""

type SaleDay = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2200, 1, 1))]


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise ValueError("an address or network such as 203.0.113.7 or 203.0.113.0/24") from None


def _networks(text: str) -> str:
    return " ".join(_network(part) for part in text.split())


type Network = Annotated[str, Field(max_length=60), AfterValidator(_network)]
type Secret = Annotated[str, Field(min_length=12, max_length=400, description="what the vendor signs or sends")]
type Base = Annotated[
    str,
    Field(
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$",
        max_length=400,
        description="how the vendor reaches us from outside",
    ),
]
type Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166: whose dialling rules apply")]
type SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class UnitRecord(Body):
    """An installed unit (保修卡); also one line of the spreadsheet."""

    serial_number: SerialNumber
    product_family: ProductCode
    product_model: ProductCode
    sold_on: SaleDay
    warranty_months: int = Field(ge=0, le=LONGEST_WARRANTY)
    warranty_ends_on: SaleDay | None = Field(default=None, description="an end that was agreed, above the months")

    def to_form(self) -> UnitForm:
        """As the use cases take it."""
        return UnitForm(**self.model_dump())


class UnitView(BaseModel):
    """An installed unit and the last day of its warranty."""

    id: UUID
    serial_number: str
    product_family: str
    product_model: str
    sold_on: date
    warranty_months: int
    warranty_ends_on: date | None
    last_day_of_warranty: date
    site_id: UUID | None
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: UnitRow) -> Self:
        """The unit as it is shown."""
        terms = WarrantyTerms(sold_on=row.sold_on, months=row.warranty_months, ends_on=row.warranty_ends_on)
        return cls.model_validate({**row.model_dump(), "last_day_of_warranty": terms.last_day})


class NewSource(Body):
    """A contact centre that will push calls."""

    name: SourceName
    adapter: Name = Field(description="zammad or twilio")
    secret: Secret
    public_base: Base
    country: Country
    networks: list[Network] = Field(default=[], max_length=50, description="where pushes may come from; all without")

    def to_form(self) -> SourceForm:
        """As the use cases take it."""
        return SourceForm(**(self.model_dump() | {"networks": tuple(self.networks)}))


class SourceLine(Body):
    """One line of the spreadsheet of push sources; `networks` separated by blanks."""

    name: SourceName
    adapter: Name
    secret: Secret
    public_base: Base
    country: Country
    networks: Annotated[str, Field(max_length=2000), AfterValidator(_networks)] = ""

    def to_form(self) -> SourceForm:
        """As the use cases take it."""
        return SourceForm(**(self.model_dump() | {"networks": tuple(self.networks.split())}))


class SourceChange(Body):
    """Where the source calls us and from where it may."""

    public_base: Base
    country: Country
    networks: list[Network] = Field(default=[], max_length=50)


class NewSecret(Body):
    """The next secret; the present one stays good until the next rotation."""

    secret: Secret


class SourceView(BaseModel):
    """A push source, without its secrets."""

    id: UUID
    name: str
    adapter: str
    public_base: str
    push_url: str = Field(description="what the vendor has to call; the drop-in path adds the secret to it")
    country: str
    networks: list[str]
    has_previous_secret: bool
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: PushSourceRow) -> Self:
        """The source as it is shown."""
        return cls(
            id=row.id,
            name=row.name,
            adapter=row.adapter,
            public_base=row.public_base,
            push_url=f"{row.public_base.rstrip('/')}/v1/push/{row.adapter}/{row.id}",
            country=row.country,
            networks=row.networks,
            has_previous_secret=row.previous_secret is not None,
            created_at=row.created_at,
            version=row.version,
        )
