"""A visit ends: the repair is done, or it is not and somebody comes again."""

from collections.abc import Sequence
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import OrderOver
from dispatch.domain.parts_requests import check_issued, check_pieces, together
from dispatch.domain.reports import Completion, Taken, Unfinished, check_completion
from dispatch.domain.visits import VisitState, VisitStep, advance
from dispatch.domain.work_orders import Step, WorkOrderState
from dispatch.domain.work_orders import advance as advance_order
from dispatch.policy import require_known
from dispatch.queries import parts_requests
from dispatch.queries.parts_requests import request_of, stored
from dispatch.tables import VisitRow, WorkOrderRow
from dispatch.use_cases.agree_visit import lock_visit
from dispatch.use_cases.arrange import arrange
from dispatch.use_cases.begin_work import start_order
from dispatch.use_cases.find_technician import RETRY_DEADLINE
from dispatch.use_cases.keep_words import keep_words
from dispatch.use_cases.post_hours import post_hours
from dispatch.use_cases.request_parts import ask_for_parts
from shared.contracts.dispatch import VisitUnfinished, WorkOrderCompleted
from shared.contracts.facts import PartNeed
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def complete_visit(
    work: UnitOfWork, *, visit_id: UUID, version: int | None, report: Completion, desk: Desk
) -> VisitRow:
    """R280: the repair is done and tried; where he never said that he began, the order is started with that (R314).

    Raises Refusal where the trial run failed, IllegalTransition where more was fitted than issued.
    """
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    end_visit(work, visit=visit, step=VisitStep.COMPLETE)
    require_known([report.resolution], known=desk.policy.resolutions, field="resolution")
    require_known(report.checks, known=desk.policy.checks, field="checks")
    check_completion(report, now=work.now, furthest=desk.policy.take_in.furthest)
    await require_issued(work, order=order, fitted=report.fitted)
    await start_order(work, order=order, visit=visit)
    visit.checks, visit.usable_from, visit.warning = list(report.checks), report.usable_from, report.warning
    order.state = advance_order(WorkOrderState(order.state), step=Step.COMPLETE)
    await complete_order(
        work,
        order=order,
        technician_id=visit.technician_id,
        resolution=report.resolution,
        fitted=report.fitted,
        desk=desk,
    )
    await _post(work, order=order, visit=visit, taken=report.taken, desk=desk)
    await keep_words(work, order=order, about=f"visit/{visit.id}", said={"findings": report.findings}, desk=desk)
    await desk.audit.record(
        work, action="visit_completed", subject=f"visit/{visit.id}", details={"resolution": report.resolution}
    )
    return visit


async def leave_unfinished(
    work: UnitOfWork, *, visit_id: UUID, version: int | None, report: Unfinished, desk: Desk
) -> VisitRow:
    """R241, R261: not done today, for a reason of the policy and explained; the order goes before new ones (R242)."""
    order, visit = await lock_visit(work, visit_id=visit_id)
    require_version(visit.version, expected=version)
    end_visit(work, visit=visit, step=VisitStep.LEAVE_UNFINISHED)
    require_known([report.reason], known=desk.policy.unfinished_reasons, field="reason")
    check_pieces(report.parts)
    visit.unfinished_reason = report.reason
    _carry_over(work, order=order, desk=desk)
    work.publish(
        VisitUnfinished(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit.id,
            technician_id=visit.technician_id,
            reason=report.reason,
            ended_at=work.now,
        )
    )
    await _post(work, order=order, visit=visit, taken=report.taken, desk=desk)
    said = {"explanation": report.explanation}
    await keep_words(work, order=order, about=f"visit/{visit.id}", said=said, desk=desk)
    if report.parts:
        await ask_for_parts(work, order=order, lines=report.parts, desk=desk)
    await desk.audit.record(
        work, action="visit_unfinished", subject=f"visit/{visit.id}", details={"reason": report.reason}
    )
    return visit


def end_visit(work: UnitOfWork, *, visit: VisitRow, step: VisitStep) -> None:
    """The visit ends with this step; where he is back already, with that nothing is left to say about it."""
    outcomes = {
        VisitStep.COMPLETE: VisitState.COMPLETED,
        VisitStep.LEAVE_UNFINISHED: VisitState.UNFINISHED,
        VisitStep.TAKE_IN: VisitState.TAKEN_IN,
    }
    visit.state = advance(VisitState(visit.state), step=step)
    visit.outcome, visit.ended_at = outcomes[step], work.now
    visit.version += 1


async def require_issued(work: UnitOfWork, *, order: WorkOrderRow, fitted: Sequence[PartNeed]) -> None:
    """Raises IllegalTransition for parts that were fitted and not issued for the order. The caller holds the order."""
    check_pieces(fitted)
    rows = await parts_requests.of_order(work.session, order_id=order.id)
    check_issued(fitted, requests=[request_of(row) for row in rows])


async def complete_order(
    work: UnitOfWork,
    *,
    order: WorkOrderRow,
    technician_id: UUID,
    resolution: str,
    fitted: tuple[PartNeed, ...],
    desk: Desk,
) -> None:
    """The repair is done, so no part is waited for any more. The caller holds the order and advanced its state."""
    lines = together(fitted)
    order.completed_at, order.resolution, order.fitted = work.now, resolution, stored(lines)
    order.version += 1
    await arrange(work, order=order, happening=OrderOver(at=work.now), desk=desk)
    work.publish(
        WorkOrderCompleted(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            technician_id=technician_id,
            resolution=resolution,
            fitted=lines,
            completed_at=work.now,
        )
    )


def _carry_over(work: UnitOfWork, *, order: WorkOrderRow, desk: Desk) -> None:
    state = WorkOrderState(order.state)
    if desk.policy.visits.carry_over == "same_technician":
        order.state = advance_order(state, step=Step.CARRY_OVER)
    else:
        order.state = advance_order(state, step=Step.REQUEUE)
        order.technician_id, order.assigned_at, order.retry_at = None, None, work.now
        key, data = f"{RETRY_DEADLINE}/{order.id}", {"work_order_id": str(order.id)}
        work.set_deadline(key, kind=RETRY_DEADLINE, due=work.now, data=data)
    order.priority += desk.policy.priority.carried_over
    order.version += 1


async def _post(work: UnitOfWork, *, order: WorkOrderRow, visit: VisitRow, taken: Taken, desk: Desk) -> None:
    await post_hours(work, order=order, visit_id=visit.id, technician_id=visit.technician_id, taken=taken, desk=desk)
