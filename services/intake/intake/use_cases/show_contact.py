"""Contact data is shown to those who may see it, for a stated purpose, and that is written down."""

from dataclasses import dataclass
from uuid import UUID

from intake.office import Office
from intake.queries import customers
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContact:
    """Where a unit stands, in plain text."""

    site_id: UUID
    district: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer in plain text; the first number is the one to call."""

    customer_id: UUID
    name: str
    phones: tuple[str, ...]
    sites: tuple[SiteContact, ...]


async def show_contact(work: UnitOfWork, *, customer_id: UUID, purpose: str, office: Office) -> Contact:
    """Name, numbers and addresses of a customer; who saw them and what for stands in the audit log."""
    rows = await customers.load(work.session, customer_id=customer_id)
    await office.audit.record(work, action="contact_shown", subject=f"customer/{customer_id}", purpose=purpose)
    return Contact(
        customer_id=customer_id,
        name=office.open(rows.customer.name, place="customer.name", row=customer_id),
        phones=tuple(
            office.open(phone.number, place="customer_phone.number", row=f"{customer_id}/{phone.position}")
            for phone in rows.phones
        ),
        sites=tuple(
            SiteContact(
                site_id=site.id,
                district=site.district,
                address=office.open(site.address, place="site.address", row=site.id),
            )
            for site in rows.sites
        ),
    )
