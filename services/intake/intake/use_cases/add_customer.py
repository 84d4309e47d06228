"""A customer becomes known (客户档案): everything personal is sealed for its own row."""

from uuid import UUID

from intake.domain.forms import CustomerForm, SiteForm
from intake.domain.numbers import require_dialable
from intake.office import Office
from intake.queries.customers import CustomerRows
from intake.tables import CustomerPhoneRow, CustomerRow, SiteRow
from intake.use_cases.erase_customer import require_not_erased
from shared.messaging.unit_of_work import UnitOfWork


async def add_customer(work: UnitOfWork, *, form: CustomerForm, office: Office) -> CustomerRows:
    """R053: a customer with the numbers under which he is called back; the first number gives his label."""
    customer_id = work.new_id()
    country = office.policy.company.country
    numbers = list(
        {
            number.normal: number for number in (require_dialable(phone, country=country) for phone in form.phones)
        }.values()
    )
    customer = CustomerRow(
        id=customer_id,
        name=office.seal(form.name, place="customer.name", row=customer_id),
        name_index=office.name_index(form.name),
        email=office.seal(form.email, place="customer.email", row=customer_id) if form.email else "",
        label=numbers[0].label,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    phones = [
        CustomerPhoneRow(
            customer_id=customer_id,
            position=position,
            number=office.seal(number.normal or "", place="customer_phone.number", row=f"{customer_id}/{position}"),
            number_index=office.number_index(number) or b"",
            label=number.label,
        )
        for position, number in enumerate(numbers)
    ]
    work.session.add(customer)
    await work.session.flush()
    work.session.add_all(phones)
    await office.audit.record(
        work, action="customer_added", subject=f"customer/{customer_id}", details={"phones": len(phones)}
    )
    return CustomerRows(customer=customer, phones=phones, sites=())


async def add_site(work: UnitOfWork, *, form: SiteForm, customer_id: UUID, office: Office) -> SiteRow:
    """A place where units of the customer stand. Raises Destroyed."""
    await require_not_erased(work, customer_id=customer_id)
    return await note_site(work, form=form, customer_id=customer_id, office=office)


async def note_site(work: UnitOfWork, *, form: SiteForm, customer_id: UUID, office: Office) -> SiteRow:
    """The same for a customer of whom the caller knows that he is not erased: he asked, or he made him."""
    site_id = work.new_id()
    site = SiteRow(
        id=site_id,
        customer_id=customer_id,
        district=form.district,
        address=office.seal(form.address, place="site.address", row=site_id),
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(site)
    await work.session.flush()
    await office.audit.record(
        work, action="site_added", subject=f"site/{site_id}", details={"customer_id": str(customer_id)}
    )
    return site
