"""What customers said and signed is shown to those who may see it, for a stated purpose, and that is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.policy import require_known
from dispatch.queries import words, work_orders
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Something that was said, in plain text; None once the customer was erased."""

    about: str
    what: str
    text: str | None
    said_at: datetime


async def show_words(work: UnitOfWork, *, order_id: UUID, purpose: str, desk: Desk) -> Sequence[Words]:
    """Everything about an order, its visits and its items. Refuses a purpose that the policy does not know."""
    require_known([purpose], known=desk.policy.purposes, field="purpose")
    order = await work_orders.find(work.session, order_id=order_id)
    rows = await words.of_order(work.session, order_id=order.id)
    await desk.audit.record(work, action="words_shown", subject=f"work_order/{order.id}", purpose=purpose)
    return [
        Words(
            about=row.about,
            what=row.what,
            text=None if row.text is None else desk.open(row.text, row=row.id),
            said_at=row.said_at,
        )
        for row in rows
    ]
