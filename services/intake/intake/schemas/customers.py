"""Customers over HTTP: masked, except where contact data itself is asked for."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.domain.forms import CustomerForm, SiteForm
from intake.queries.customers import CustomerRows
from intake.schemas.texts import Code, EmailText, Name, PhoneText, Text
from intake.tables import CustomerRow, SiteRow
from intake.use_cases.show_contact import Contact
from shared.http.bodies import Body


class NewCustomer(Body):
    """A customer who is not known yet (客户档案)."""

    name: Name
    phones: list[PhoneText] = Field(min_length=1, max_length=10, description="the first is the one to call")
    email: EmailText | None = None

    def to_form(self) -> CustomerForm:
        """As the use cases take it."""
        return CustomerForm(name=self.name, phones=tuple(self.phones), email=self.email)


class Erasure(Body):
    """Why everything that can be read of the customer is to be destroyed."""

    reason: str = Field(max_length=40, description="an erasure reason of the policy, see GET /v1/codes")


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
    label: str = Field(description="masked number, or `erased`")
    created_at: AwareDatetime
    erased_at: AwareDatetime | None = Field(description="when everything that could be read of him was destroyed")
    version: int

    @classmethod
    def of(cls, row: CustomerRow) -> Self:
        """The customer as he may be shown."""
        return cls.model_validate(row.model_dump(include=set(CustomerLine.model_fields)))


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
    email: str | None
    sites: list[SiteContactView]

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """The contact data as it is shown."""
        return cls(
            customer_id=contact.customer_id,
            name=contact.name,
            phones=list(contact.phones),
            email=contact.email,
            sites=[
                SiteContactView(site_id=site.site_id, district=site.district, address=site.address)
                for site in contact.sites
            ],
        )
