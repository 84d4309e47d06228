"""A customer is erased (删除个人信息): parts knows nothing of him but his id, and does not chase him any more."""

from uuid import UUID

from parts.queries import lists
from parts.use_cases.tell_customer import CHASE_DEADLINE
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """No reminder of an arrived part goes out to him."""
    for claim_order_id in await lists.claims_of(work.session, customer_id=customer_id):
        work.cancel_deadline(f"{CHASE_DEADLINE}/{claim_order_id}")
