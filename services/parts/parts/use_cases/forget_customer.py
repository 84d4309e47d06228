"""A customer is erased (删除个人信息): parts knows nothing of him but his id, and does not chase him any more.

What payment providers said of him is destroyed, and what was written about problems on his site; that he paid, and how
much, stays in the books.
"""

from uuid import UUID

from parts.queries import lists, money, words
from parts.use_cases.tell_customer import CHASE_DEADLINE
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """No reminder of an arrived part goes out to him, and nothing that was said or written of him can be read."""
    await words.destroy(work.session, customer_id=customer_id)
    await money.forget_payments(work.session, customer_id=customer_id)
    for claim_order_id in await lists.claims_of(work.session, customer_id=customer_id):
        work.cancel_deadline(f"{CHASE_DEADLINE}/{claim_order_id}")
