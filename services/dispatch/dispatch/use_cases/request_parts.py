"""An order needs parts: known with the case, found out on site, asked anew where they were lost; or it goes without."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import GivenUp, PartsAsked
from dispatch.domain.offers import check_for_himself
from dispatch.domain.parts_requests import check_pieces, request_id, together
from dispatch.domain.work_orders import ENDED
from dispatch.queries import parts_requests, technicians, work_orders
from dispatch.queries.parts_requests import facts_of
from dispatch.tables import PartsRequestRow, WorkOrderRow
from dispatch.use_cases.arrange import arrange
from shared.contracts.facts import PartNeed
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition


async def request_parts(work: UnitOfWork, *, order_id: UUID, lines: Sequence[PartNeed], desk: Desk) -> PartsRequestRow:
    """R257: ask for parts by hand; what was asked for before and got lost is asked anew by that."""
    check_pieces(lines)
    order = await _lock_order(work, order_id=order_id)
    row = await ask_for_parts(work, order=order, lines=lines, desk=desk)
    await desk.audit.record(work, action="parts_requested", subject=f"work_order/{order.id}")
    return row


async def ask_for_parts(
    work: UnitOfWork, *, order: WorkOrderRow, lines: Iterable[PartNeed], desk: Desk
) -> PartsRequestRow:
    """One request for all lines. The caller holds the order."""
    await work.session.flush()
    number = len(await parts_requests.of_order(work.session, order_id=order.id)) + 1
    row = await parts_requests.lock(
        work.session, request_id=request_id(order.case_id, round_=order.round, number=number)
    )
    asked = PartsAsked(request_id=row.id, lines=together(lines), at=work.now, heard=facts_of(row))
    await arrange(work, order=order, happening=asked, desk=desk)
    return row


async def give_up_parts(work: UnitOfWork, *, request_id: UUID, desk: Desk) -> PartsRequestRow:
    """The order goes on without what got unavailable or expired. Raises IllegalTransition for any other request."""
    order = await _lock_order(work, order_id=await parts_requests.find_order(work.session, request_id=request_id))
    row = await parts_requests.lock(work.session, request_id=request_id)
    await arrange(work, order=order, happening=GivenUp(request_id=row.id, at=work.now), desk=desk)
    order.version += 1
    await desk.audit.record(work, action="parts_given_up", subject=f"work_order/{order.id}")
    return row


async def _lock_order(work: UnitOfWork, *, order_id: UUID) -> WorkOrderRow:
    order = await work_orders.lock(work.session, order_id=order_id)
    await require_own_order(work, order=order)
    if order.state in ENDED:
        raise IllegalTransition(
            f"work_order_{order.state}",
            detail=f"the work order is {order.state} and needs no parts any more",
            expected="an order that is not completed or cancelled",
        )
    return order


async def require_own_order(work: UnitOfWork, *, order: WorkOrderRow) -> None:
    """Raises NotAllowed for a technician whose order it is not."""
    staff_number = "nobody"
    if order.technician_id is not None:
        staff_number = (await technicians.find(work.session, technician_id=order.technician_id)).staff_number
    check_for_himself(work.cause.actor, technician=staff_number)
