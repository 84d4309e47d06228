"""Contact data is shown to those who may see it, for a stated purpose, and that is written down."""

from dataclasses import dataclass
from uuid import UUID

from intake.office import Office
from intake.queries import customers, story
from intake.use_cases.erase_customer import require_not_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import NotAllowed, Refusal

TECHNICIAN = "technician"
"""The role of a technician's token; its subject is his staff number."""


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
    email: str | None
    sites: tuple[SiteContact, ...]


async def show_contact(work: UnitOfWork, *, customer_id: UUID, purpose: str, office: Office) -> Contact:
    """Name, numbers, mail address and addresses of a customer; who saw them and what for stands in the audit log.

    Refuses a purpose that the policy does not know. Raises NotAllowed for one that is not the role's: purchasing sends
    to a site or tells a supplier where to come, and calls nobody (R037, R329, R331). Likewise for a technician who
    holds no order of this customer: only that is what he needs them for. Raises Destroyed where he was erased.
    """
    if purpose not in office.policy.purposes:
        known = ", ".join(sorted(office.policy.purposes))
        raise Refusal("unknown_purpose", detail=f"There is no purpose {purpose}.", expected=f"one of {known}")
    _require_own_purpose(work.cause.actor.role, purpose=purpose, office=office)
    await _require_own_customer(work, customer_id=customer_id)
    await require_not_erased(work, customer_id=customer_id)
    rows = await customers.load(work.session, customer_id=customer_id)
    await office.audit.record(work, action="contact_shown", subject=f"customer/{customer_id}", purpose=purpose)
    return Contact(
        customer_id=customer_id,
        name=office.open(rows.customer.name, place="customer.name", row=customer_id),
        phones=tuple(
            office.open(phone.number, place="customer_phone.number", row=f"{customer_id}/{phone.position}")
            for phone in rows.phones
        ),
        email=office.open(rows.customer.email, place="customer.email", row=customer_id) or None,
        sites=tuple(
            SiteContact(
                site_id=site.id,
                district=site.district,
                address=office.open(site.address, place="site.address", row=site.id),
            )
            for site in rows.sites
        ),
    )


def _require_own_purpose(role: str, *, purpose: str, office: Office) -> None:
    allowed = office.policy.purposes_of(role)
    if purpose not in allowed:
        raise NotAllowed(
            "not_his_purpose",
            detail=f"The role {role} reads no contact data for {purpose}.",
            expected=f"one of {', '.join(sorted(allowed))}",
        )


async def _require_own_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    actor = work.cause.actor
    if actor.role == TECHNICIAN and not await story.holds_case_of(
        work.session, staff_number=actor.id, customer_id=customer_id
    ):
        raise NotAllowed(
            "not_his_customer",
            detail="The technician holds no order of this customer.",
            expected="a customer whose order is offered to him or accepted by him, or whose thing he has to return",
        )
