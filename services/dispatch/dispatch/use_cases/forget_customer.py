"""A customer was erased: what he said and signed is destroyed; ids, times and the degree of his opinion stay."""

from uuid import UUID

from dispatch.queries import words
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """Destroy his words. Nothing where they are destroyed already."""
    await words.destroy(work.session, customer_id=customer_id)
