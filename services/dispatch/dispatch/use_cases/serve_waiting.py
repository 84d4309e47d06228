"""Somebody may have become available: those who wait are served, the most urgent first (R242)."""

from dispatch.desk import Desk
from dispatch.domain.work_orders import WorkOrderState
from dispatch.queries import rotas, work_orders
from dispatch.use_cases.find_technician import offer_to_next
from shared.messaging.unit_of_work import UnitOfWork

WAITING_DEADLINE = "waiting"
SERVED_AT_ONCE = 50


def wake_waiting(work: UnitOfWork, *, department: str) -> None:
    """Have the waiting orders of a department looked at right after this transaction."""
    work.set_deadline(
        f"{WAITING_DEADLINE}/{department}", kind=WAITING_DEADLINE, due=work.now, data={"department": department}
    )


async def serve_waiting(work: UnitOfWork, *, department: str, desk: Desk) -> None:
    """Offer what can be offered now; an order for which still nobody fits keeps waiting as it was."""
    rota = await rotas.lock(work.session, department=department)
    for seen in await work_orders.waiting(work.session, department=department, limit=SERVED_AT_ONCE):
        order = await work_orders.lock(work.session, order_id=seen.id)
        if order.state == WorkOrderState.WAITING:
            await offer_to_next(work, order=order, rota=rota, desk=desk)
