"""A window is agreed with the customer before anybody leaves (R251), and no technician is in two places at once."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import WindowAgreed
from dispatch.domain.offers import check_for_himself
from dispatch.domain.visits import VisitState, VisitStep, Window, advance, check_window, free_windows
from dispatch.domain.work_orders import Step, WorkOrderState
from dispatch.domain.work_orders import advance as advance_order
from dispatch.policy import require_known
from dispatch.queries import technicians, visits, work_orders
from dispatch.tables import VisitRow, WorkOrderRow
from dispatch.use_cases.arrange import arrange
from shared.contracts.dispatch import VisitRescheduled, VisitScheduled
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def agree_visit(work: UnitOfWork, *, order_id: UUID, window: Window, agreed_at: datetime, desk: Desk) -> VisitRow:
    """R251: the window that the customer agreed to.

    Raises IllegalTransition where it is taken, naming free ones, and where its parts cannot be there by then (R327).
    """
    order = await work_orders.lock(work.session, order_id=order_id)
    state = advance_order(WorkOrderState(order.state), step=Step.SCHEDULE)
    check_window(window, agreed_at=agreed_at, now=work.now, terms=desk.policy.visits.terms)
    await arrange(work, order=order, happening=WindowAgreed(starts_at=window.starts_at), desk=desk)
    visit = VisitRow(
        id=work.new_id(),
        work_order_id=order.id,
        technician_id=await _lock_technician(work, order=order),
        state=VisitState.AGREED,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        agreed_at=agreed_at,
        agreed_by=work.cause.actor.id,
    )
    await _write(work, visit=visit, window=window, write=lambda: work.session.add(visit), desk=desk)
    order.state = state
    order.version += 1
    work.publish(
        VisitScheduled(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
        )
    )
    await desk.audit.record(work, action="visit_agreed", subject=f"visit/{visit.id}")
    return visit


async def reschedule_visit(
    work: UnitOfWork,
    *,
    visit_id: UUID,
    version: int | None,
    window: Window,
    agreed_at: datetime,
    reason: str,
    desk: Desk,
) -> VisitRow:
    """R251: another window, agreed again, for a reason of the policy."""
    require_known([reason], known=desk.policy.reschedule_reasons, field="reason")
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    state = advance(VisitState(visit.state), step=VisitStep.MOVE)
    order.state = advance_order(WorkOrderState(order.state), step=Step.RESCHEDULE)
    check_window(window, agreed_at=agreed_at, now=work.now, terms=desk.policy.visits.terms)
    await arrange(work, order=order, happening=WindowAgreed(starts_at=window.starts_at), desk=desk)
    await _lock_technician(work, order=order)

    def move() -> None:
        visit.state, visit.starts_at, visit.ends_at = state, window.starts_at, window.ends_at
        visit.agreed_at, visit.agreed_by, visit.reschedule_reason = agreed_at, work.cause.actor.id, reason
        visit.version += 1

    await _write(work, visit=visit, window=window, write=move, desk=desk)
    work.publish(
        VisitRescheduled(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            reason=reason,
        )
    )
    await desk.audit.record(work, action="visit_rescheduled", subject=f"visit/{visit.id}", details={"reason": reason})
    return visit


async def lock_visit(work: UnitOfWork, *, visit_id: UUID) -> tuple[WorkOrderRow, VisitRow]:
    """A visit to change, by locking its order. Raises NotAllowed for a technician whose visit it is not."""
    order = await visits.lock_order(work.session, visit_id=visit_id)
    visit, technician = await visits.find_with_technician(work.session, visit_id=visit_id)
    check_for_himself(work.cause.actor, technician=technician.staff_number)
    return order, visit


async def _lock_technician(work: UnitOfWork, *, order: WorkOrderRow) -> UUID:
    """The order's technician, locked: windows of one technician are agreed one after the other."""
    if order.technician_id is None:
        raise IllegalTransition(
            "nobody_assigned", detail="nobody has accepted the order", expected="an order that is assigned"
        )
    technician = await technicians.lock(work.session, technician_id=order.technician_id)
    check_for_himself(work.cause.actor, technician=technician.staff_number)
    return technician.id


async def _write(work: UnitOfWork, *, visit: VisitRow, window: Window, write: Callable[[], None], desk: Desk) -> None:
    """Have the visit written into its window, or say what takes the window."""
    technician_id, visit_id = visit.technician_id, visit.id
    period = {"since": window.starts_at, "until": window.ends_at}
    away = await visits.absences(work.session, technician_id=technician_id, **period)
    if not away and await visits.write_unless_double(work.session, write=write):
        return
    taken = await visits.occupied(work.session, technician_id=technician_id, but=visit_id, **period)
    clashes = [f"visit {other.id} {visits.window_of(other)}" for other in taken] + [
        f"absence {other.id} until {other.until:%Y-%m-%dT%H:%MZ}" for other in away
    ]
    free = await _free(work, technician_id=technician_id, visit_id=visit_id, window=window, desk=desk)
    raise IllegalTransition(
        "technician_occupied",
        detail=f"the technician is taken in {window}: {'; '.join(clashes)}",
        expected=f"a window that is free, such as {', '.join(map(str, free)) or 'none in the time allowed'}",
    )


async def _free(
    work: UnitOfWork, *, technician_id: UUID, visit_id: UUID, window: Window, desk: Desk
) -> tuple[Window, ...]:
    terms, hours = desk.policy.visits.terms, desk.policy.visiting_hours
    period = {"since": work.now, "until": work.now + terms.furthest + window.length}
    taken = await visits.occupied(work.session, technician_id=technician_id, but=visit_id, **period)
    away = await visits.absences(work.session, technician_id=technician_id, **period)
    return free_windows(
        [visits.window_of(other) for other in taken]
        + [Window(starts_at=absence.away_from, ends_at=absence.until) for absence in away],
        length=window.length,
        after=work.now,
        is_working=lambda one: hours.between(one.starts_at, one.ends_at) == one.length,
        terms=terms,
        count=desk.policy.visits.proposals,
    )
