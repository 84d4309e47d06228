"""What people fill in, as the use cases take it: texts trimmed, types right, nothing decided."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from intake.domain.quotes import Line
from shared.contracts.facts import PartNeed, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerForm:
    """A customer who is not known yet. At least one number; the first is the one to call."""

    name: str
    phones: tuple[str, ...]
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteForm:
    """A place that is not known yet. `district` is a code that dispatch has a zone for."""

    district: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairForm:
    """顾客报修登记表 (R065, R069): `customer` and `site` are ids where they are known already.

    `owner_id` is the person responsible (R046); None means whoever registers it.
    """

    call_id: UUID | None
    customer: UUID | CustomerForm
    site: UUID | SiteForm
    serial_number: str
    problem_code: str
    description: str
    urgency: Urgency
    parts: tuple[PartNeed, ...]
    required_by: datetime | None
    owner_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteForm:
    """报价单: the solution in words and the lines whose sum is the fee (R067, R187)."""

    solution: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitForm:
    """An installed unit and its warranty: `warranty_ends_on` is an end agreed in writing, above the months."""

    serial_number: str
    product_family: str
    product_model: str
    sold_on: date
    warranty_months: int
    warranty_ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """A contact centre: which adapter, the secret that it proves itself with, and where it calls us."""

    name: str
    adapter: str
    secret: str
    public_base: str
    country: str
    networks: tuple[str, ...] = ()
