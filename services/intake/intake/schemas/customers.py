"""Customers over HTTP: masked, except where contact data itself is asked for."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.domain.forms import CustomerForm, SiteForm
from intake.queries.customers import CustomerRows
from intake.schemas.texts import Code, Name, PhoneText, Text
from intake.tables import CustomerRow, SiteRow
from intake.use_cases.show_contact import Contact
from shared.http.bodies import Body


class NewCustomer(Body):
    """A customer who is not known yet (客户档案)."""

    name: Name
    phones: list[PhoneText] = Field(min_length=1, max_length=10, description="the first is the one to call")

    def to_form(self) -> CustomerForm:
        """As the use cases take it."""
        return CustomerForm(name=self.name, phones=tuple(self.phones))


class NewSite(Body):
    """A place where units stand."""

    district: Code
    address: Text

    def to_form(self) -> SiteForm:
        """As the use cases take it."""
        return SiteForm(district=self.district, address=self.address)


class SiteView(BaseModel):
    """A place, without its address."""

    id: UUID
    customer_id: UUID
    district: str

    @classmethod
    def of(cls, row: SiteRow) -> Self:
        """The place as it may be shown."""
        return cls(id=row.id, customer_id=row.customer_id, district=row.district)


class CustomerLine(BaseModel):
    """A customer in a list."""

    id: UUID
    label: str = Field(description="masked number")
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: CustomerRow) -> Self:
        """The customer as he may be shown."""
        return cls(id=row.id, label=row.label, created_at=row.created_at, version=row.version)


class CustomerView(CustomerLine):
    """A customer with his numbers, masked, and his sites."""

    phones: list[str]
    sites: list[SiteView]

    @classmethod
    def whole(cls, rows: CustomerRows) -> Self:
        """The customer with all that belongs to him."""
        line = CustomerLine.of(rows.customer)
        return cls(
            **line.model_dump(),
            phones=[phone.label for phone in rows.phones],
            sites=[SiteView.of(site) for site in rows.sites],
        )


class SiteContactView(BaseModel):
    """Where to go."""

    site_id: UUID
    district: str
    address: str


class ContactView(BaseModel):
    """Contact data in plain text. Whoever got this stands in the audit log with his purpose."""

    customer_id: UUID
    name: str
    phones: list[str]
    sites: list[SiteContactView]

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """The contact data as it is shown."""
        return cls(
            customer_id=contact.customer_id,
            name=contact.name,
            phones=list(contact.phones),
            sites=[
                SiteContactView(site_id=site.site_id, district=site.district, address=site.address)
                for site in contact.sites
            ],
        )
