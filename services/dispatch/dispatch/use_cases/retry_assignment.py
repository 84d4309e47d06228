"""An order that waits is tried again: at its time, or because a dispatcher asks."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.work_orders import WorkOrderState
from dispatch.queries import rotas, work_orders
from dispatch.tables import RotaRow, WorkOrderRow
from dispatch.use_cases.find_technician import find_technician
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def retry_assignment(work: UnitOfWork, *, order_id: UUID, version: int | None, desk: Desk) -> WorkOrderRow:
    """Look for a technician now. Raises IllegalTransition where the order does not wait."""
    order, rota = await _lock(work, order_id=order_id)
    require_version(order.version, expected=version)
    await find_technician(work, order=order, rota=rota, desk=desk)
    await desk.audit.record(work, action="assignment_retried", subject=f"work_order/{order.id}")
    return order


async def retry_when_due(work: UnitOfWork, *, order_id: UUID, desk: Desk) -> None:
    """The time to try again has come; nothing where the order does not wait any more or waits for a later time."""
    order, rota = await _lock(work, order_id=order_id)
    if order.state == WorkOrderState.WAITING and order.retry_at is not None and order.retry_at <= work.now:
        await find_technician(work, order=order, rota=rota, desk=desk)


async def _lock(work: UnitOfWork, *, order_id: UUID) -> tuple[WorkOrderRow, RotaRow]:
    seen = await work_orders.find(work.session, order_id=order_id)
    rota = await rotas.lock(work.session, department=seen.department)
    return await work_orders.lock(work.session, order_id=order_id), rota
