"""The technician whose turn it is says yes or no, or nothing in time; a dispatcher may answer for him."""

from typing import Literal
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.offers import OfferState, check_answerable, check_for_himself
from dispatch.domain.work_orders import Step, WorkOrderState, advance
from dispatch.policy import require_known
from dispatch.queries import rotas, technicians, work_orders
from dispatch.tables import OfferRow, TechnicianRow, WorkOrderRow
from dispatch.use_cases.find_technician import OFFER_DEADLINE, find_technician
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.contracts.dispatch import OfferDeclined, TechnicianAssigned
from shared.messaging.unit_of_work import UnitOfWork

type Decline = Literal[OfferState.REFUSED, OfferState.EXPIRED, OfferState.WITHDRAWN]


async def accept_offer(work: UnitOfWork, *, offer_id: UUID, desk: Desk) -> OfferRow:
    """The order is his. Raises IllegalTransition where the offer is not open any more, NotAllowed for another's."""
    order = await work_orders.lock_of_offer(work.session, offer_id=offer_id)
    offer, technician = await work_orders.find_offer_with_technician(work.session, offer_id=offer_id)
    _check_answer(work, offer=offer, technician=technician)
    order.state = advance(WorkOrderState(order.state), step=Step.ACCEPT)
    order.technician_id, order.assigned_at = offer.technician_id, work.now
    order.version += 1
    _note_answer(work, offer=offer, state=OfferState.ACCEPTED)
    work.publish(
        TechnicianAssigned(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            offer_id=offer.id,
            technician_id=offer.technician_id,
            staff_number=technician.staff_number,
            assigned_at=work.now,
        )
    )
    wake_waiting(work, department=order.department)
    await desk.audit.record(work, action="offer_accepted", subject=f"offer/{offer.id}")
    return offer


async def refuse_offer(work: UnitOfWork, *, offer_id: UUID, reason: str, desk: Desk) -> OfferRow:
    """He says no for a reason of the policy; the next one is asked."""
    require_known([reason], known=desk.policy.refusal_reasons, field="reason")
    offer, order = await _turn_back(work, offer_id=offer_id)
    technician = await technicians.find(work.session, technician_id=offer.technician_id)
    _check_answer(work, offer=offer, technician=technician)
    offer.refusal_reason = reason
    await _pass_on(work, order=order, offer=offer, state=OfferState.REFUSED, desk=desk)
    await desk.audit.record(work, action="offer_refused", subject=f"offer/{offer.id}", details={"reason": reason})
    return offer


async def expire_offer(work: UnitOfWork, *, offer_id: UUID, desk: Desk) -> None:
    """He said nothing in time: the next one is asked. Nothing where the offer was answered or withdrawn meanwhile."""
    offer, order = await _turn_back(work, offer_id=offer_id)
    if offer.state == OfferState.PENDING and work.now >= offer.expires_at:
        await _pass_on(work, order=order, offer=offer, state=OfferState.EXPIRED, desk=desk)


def decline(work: UnitOfWork, *, order: WorkOrderRow, offer: OfferRow, state: Decline) -> None:
    """The offer ends without a yes. The caller holds the order."""
    _note_answer(work, offer=offer, state=state)
    work.publish(
        OfferDeclined(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            offer_id=offer.id,
            technician_id=offer.technician_id,
            reason=state.value,
            declined_at=work.now,
        )
    )


async def _turn_back(work: UnitOfWork, *, offer_id: UUID) -> tuple[OfferRow, WorkOrderRow]:
    """The offer and its order with the rota held, for the turn may pass on."""
    seen = await work_orders.find_offer(work.session, offer_id=offer_id)
    order = await work_orders.find(work.session, order_id=seen.work_order_id)
    await rotas.lock(work.session, department=order.department)
    order = await work_orders.lock(work.session, order_id=order.id)
    return await work_orders.find_offer(work.session, offer_id=offer_id), order


async def _pass_on(work: UnitOfWork, *, order: WorkOrderRow, offer: OfferRow, state: Decline, desk: Desk) -> None:
    order.state = advance(WorkOrderState(order.state), step=Step.DECLINE)
    order.version += 1
    decline(work, order=order, offer=offer, state=state)
    rota = await rotas.lock(work.session, department=order.department)
    await find_technician(work, order=order, rota=rota, desk=desk)


def _check_answer(work: UnitOfWork, *, offer: OfferRow, technician: TechnicianRow) -> None:
    """The offer may be answered now and by this actor."""
    check_for_himself(work.cause.actor, technician=technician.staff_number)
    check_answerable(OfferState(offer.state), expires_at=offer.expires_at, now=work.now)


def _note_answer(work: UnitOfWork, *, offer: OfferRow, state: OfferState) -> None:
    actor = work.cause.actor
    offer.state, offer.answered_at = state, work.now
    offer.answered_by, offer.answered_as = actor.id, actor.role
    work.cancel_deadline(f"{OFFER_DEADLINE}/{offer.id}")
