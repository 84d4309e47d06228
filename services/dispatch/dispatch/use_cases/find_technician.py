"""An order is offered to whoever's turn it is, or waits with priority where nobody fits (R234, R235, R242)."""

from datetime import datetime, timedelta

from dispatch.desk import Desk
from dispatch.domain.offers import OfferState
from dispatch.domain.rotation import Candidate, Choice, Need, Place, next_in_rotation
from dispatch.domain.work_orders import Step, WorkOrderState, advance, priority
from dispatch.queries import rotas, technicians
from dispatch.tables import OfferRow, RotaLogRow, RotaRow, TechnicianRow, WorkOrderRow
from shared.contracts.dispatch import AssignmentFailed, TechnicianOffered
from shared.contracts.facts import PassedOver, Urgency
from shared.messaging.unit_of_work import UnitOfWork

OFFER_DEADLINE = "offer"
RETRY_DEADLINE = "assignment"


async def find_technician(work: UnitOfWork, *, order: WorkOrderRow, rota: RotaRow, desk: Desk) -> None:
    """Offer the order, or let it wait with more priority until it is tried again. The caller holds rota and order."""
    choice = await offer_to_next(work, order=order, rota=rota, desk=desk)
    if choice.chosen is None:
        _let_wait(work, order=order, choice=choice, desk=desk)
        _log(work, order=order, before=rotas.place_of(rota), choice=choice, offer=None, desk=desk)


async def offer_to_next(work: UnitOfWork, *, order: WorkOrderRow, rota: RotaRow, desk: Desk) -> Choice:
    """Offer the order to whoever's turn it is; where nobody fits nothing changes. The caller holds rota and order.

    Raises IllegalTransition where the order does not wait.
    """
    state = advance(WorkOrderState(order.state), step=Step.OFFER)
    await work.session.flush()
    before = rotas.place_of(rota)
    choice = await _choose(work, order=order, after=before, desk=desk)
    if choice.chosen is not None:
        technician = await technicians.find(work.session, technician_id=choice.chosen.technician_id)
        order.state = state
        offer = _offer(work, order=order, technician=technician, choice=choice, desk=desk)
        _log(work, order=order, before=before, choice=choice, offer=offer, desk=desk)
        rota.position, rota.technician_id = choice.chosen.position, choice.chosen.technician_id
        rota.moved_at = work.now
        await work.session.flush()
    return choice


async def _choose(work: UnitOfWork, *, order: WorkOrderRow, after: Place | None, desk: Desk) -> Choice:
    """Read the rota no further than to the first who fits."""
    seen: list[Candidate] = []
    need, today = _need(order, desk=desk), desk.today(work.now)
    choice = next_in_rotation(seen, need=need, after=after)
    async for stretch in rotas.in_turn(work.session, order=order, after=after, now=work.now, today=today):
        seen += stretch
        choice = next_in_rotation(seen, need=need, after=after)
        if choice.chosen is not None:
            break
    return choice


def _need(order: WorkOrderRow, *, desk: Desk) -> Need:
    return Need(
        department=order.department,
        zone=order.zone,
        skills=frozenset(order.skills),
        certificates=frozenset(order.certificates),
        max_open_orders=desk.policy.rotation.max_open_orders,
    )


def _offer(work: UnitOfWork, *, order: WorkOrderRow, technician: TechnicianRow, choice: Choice, desk: Desk) -> OfferRow:
    offer = OfferRow(
        id=work.new_id(),
        work_order_id=order.id,
        technician_id=technician.id,
        round=order.failures,
        state=OfferState.PENDING,
        offered_at=work.now,
        expires_at=_answered_after(work, order=order, duration=desk.policy.rotation.answer_within, desk=desk),
    )
    work.session.add(offer)
    order.version += 1
    if order.retry_at is not None:
        order.retry_at = None
        work.cancel_deadline(f"{RETRY_DEADLINE}/{order.id}")
    work.set_deadline(
        f"{OFFER_DEADLINE}/{offer.id}", kind=OFFER_DEADLINE, due=offer.expires_at, data={"offer_id": str(offer.id)}
    )
    work.publish(
        TechnicianOffered(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            offer_id=offer.id,
            technician_id=offer.technician_id,
            staff_number=technician.staff_number,
            offered_at=offer.offered_at,
            expires_at=offer.expires_at,
            passed_over=_passed_over(choice),
        )
    )
    return offer


def _let_wait(work: UnitOfWork, *, order: WorkOrderRow, choice: Choice, desk: Desk) -> None:
    order.state = advance(WorkOrderState(order.state), step=Step.WAIT)
    order.failures += 1
    order.priority = priority(
        urgency_weight=desk.policy.priority.urgency[Urgency(order.urgency)],
        failures=order.failures,
        weight_per_failure=desk.policy.priority.per_failure,
    )
    order.retry_at = _answered_after(work, order=order, duration=desk.policy.rotation.retry_after, desk=desk)
    order.version += 1
    work.set_deadline(
        f"{RETRY_DEADLINE}/{order.id}", kind=RETRY_DEADLINE, due=order.retry_at, data={"work_order_id": str(order.id)}
    )
    work.publish(
        AssignmentFailed(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            passed_over=_passed_over(choice),
            failed_at=work.now,
            retry_at=order.retry_at,
        )
    )


def _answered_after(work: UnitOfWork, *, order: WorkOrderRow, duration: timedelta, desk: Desk) -> datetime:
    return desk.policy.answered_after(work.now, duration=duration, urgency=Urgency(order.urgency))


def _log(
    work: UnitOfWork, *, order: WorkOrderRow, before: Place | None, choice: Choice, offer: OfferRow | None, desk: Desk
) -> None:
    actor = work.cause.actor
    entry = RotaLogRow(
        id=work.new_id(),
        work_order_id=order.id,
        department=order.department,
        decided_at=work.now,
        decided_by=f"{actor.role} {actor.id}",
        after_position=None if before is None else before.position,
        technician_id=None if offer is None else offer.technician_id,
        offer_id=None if offer is None else offer.id,
        passed_over=[
            {"technician_id": str(skipped.technician_id), "reason": skipped.reason} for skipped in choice.passed_over
        ],
        policy_version=desk.policy_version,
    )
    work.session.add(entry)


def _passed_over(choice: Choice) -> tuple[PassedOver, ...]:
    return tuple(
        PassedOver(technician_id=skipped.technician_id, reason=skipped.reason) for skipped in choice.passed_over
    )
