"""A customer is not satisfied: that is a matter of its own, apart from what his technician is rated (R158)."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from feedback.desk import Desk
from feedback.tables import DissatisfactionRow, OrderRow
from shared.contracts.feedback import DissatisfactionRaised
from shared.messaging.unit_of_work import UnitOfWork


async def raise_dissatisfaction(
    work: UnitOfWork,
    *,
    order: OrderRow,
    source: Literal["survey", "revisit"],
    source_id: UUID,
    desk: Desk,
    questions: Sequence[str] = (),
) -> None:
    """Once for each source, which ends with this and which the caller has locked.

    A bad card and a bad call about one order raise it twice: between them the case may have been settled and closed,
    and a customer who is heard twice costs less than one who is not heard.
    """
    dissatisfaction = DissatisfactionRow(
        id=work.new_id(),
        order_id=order.id,
        source=source,
        source_id=source_id,
        questions=list(questions),
        raised_at=work.now,
    )
    work.session.add(dissatisfaction)
    work.publish(
        DissatisfactionRaised(
            dissatisfaction_id=dissatisfaction.id,
            case_id=order.case_id,
            work_order_id=order.id,
            customer_id=order.customer_id,
            source=source,
            source_id=source_id,
            questions=tuple(questions),
            raised_at=work.now,
        )
    )
    await desk.audit.record(
        work,
        action="dissatisfaction_raised",
        subject=f"dissatisfaction/{dissatisfaction.id}",
        details={"source": source},
    )
