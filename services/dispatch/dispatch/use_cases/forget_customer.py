"""A customer was erased: what he said, signed and is called by is destroyed; ids, times and his degree stay."""

from uuid import UUID

from dispatch.queries import words, work_orders
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """Destroy his words and blank his label. Nothing where that is done already."""
    await work_orders.blank_labels(work.session, customer_id=customer_id)
    await words.destroy(work.session, customer_id=customer_id)
