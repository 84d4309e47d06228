"""What a customer says and signs, and what is written about him, is sealed as it is stored."""

from collections.abc import Mapping

from dispatch.desk import Desk
from dispatch.tables import ERASED, WordsRow, WorkOrderRow
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork


async def keep_words(
    work: UnitOfWork, *, order: WorkOrderRow, about: str, said: Mapping[str, str | None], desk: Desk
) -> None:
    """Store `said` (what it is to the text) for `about`, for instance `visit/<id>`; nothing of an erased customer."""
    if await is_erased(work, customer_id=order.customer_id, table=ERASED):
        return
    for what, text in said.items():
        if not text:
            continue
        words_id = work.new_id()
        work.session.add(
            WordsRow(
                id=words_id,
                customer_id=order.customer_id,
                work_order_id=order.id,
                about=about,
                what=what,
                text=desk.seal(text, row=words_id),
                said_at=work.now,
            )
        )
