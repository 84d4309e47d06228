"""Customers, their numbers and sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import CustomerPhoneRow, CustomerRow, SiteRow
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRows:
    """A customer with all that belongs to him."""

    customer: CustomerRow
    phones: Sequence[CustomerPhoneRow]
    sites: Sequence[SiteRow]


async def load(session: AsyncSession, *, customer_id: UUID) -> CustomerRows:
    """Raises Unknown."""
    customer = await session.get(CustomerRow, customer_id)
    if customer is None:
        raise Unknown(
            "unknown_customer", detail=f"There is no customer {customer_id}.", expected="an id of GET /v1/customers"
        )
    phones = select(CustomerPhoneRow).where(CustomerPhoneRow.customer_id == customer_id)
    sites = select(SiteRow).where(SiteRow.customer_id == customer_id)
    return CustomerRows(
        customer=customer,
        phones=(await session.scalars(phones.order_by(col(CustomerPhoneRow.position)))).all(),
        sites=(await session.scalars(sites.order_by(col(SiteRow.id)))).all(),
    )


async def find_site(session: AsyncSession, *, site_id: UUID) -> SiteRow | None:
    """A site by its id."""
    return await session.get(SiteRow, site_id)
