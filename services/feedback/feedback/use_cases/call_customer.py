"""Somebody calls the customer (回访, R358): he says how it was, or nobody answers."""

from uuid import UUID

from feedback.desk import NOTES, Desk
from feedback.domain.revisits import Outcome, RevisitState, RevisitStep, advance, is_last_attempt, require_due
from feedback.queries import orders, revisits
from feedback.tables import ERASED, AttemptRow, OrderRow, RevisitRow
from feedback.use_cases.plan_revisit import schedule, unschedule
from feedback.use_cases.raise_dissatisfaction import raise_dissatisfaction
from shared.contracts.feedback import RevisitCompleted
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal, require_version


async def complete_revisit(
    work: UnitOfWork, *, revisit_id: UUID, version: int | None, outcome: Outcome, notes: str, desk: Desk
) -> RevisitRow:
    """R358: he was reached, satisfied or not, and what he said is kept, sealed. Who is not is a matter of its own."""
    if len(notes) > desk.policy.revisits.longest_notes:
        raise Refusal(
            "notes_too_long",
            detail=f"the notes have {len(notes)} characters",
            expected=f"at most {desk.policy.revisits.longest_notes}",
        )
    order, revisit = await _lock(work, revisit_id=revisit_id)
    require_version(revisit.version, expected=version)
    revisit.state = advance(RevisitState(revisit.state), step=RevisitStep.COMPLETE)
    revisit.notes = desk.seal(notes, place=NOTES, row=revisit.id) if notes else None
    await _end(work, order=order, revisit=revisit, outcome=outcome, desk=desk)
    if outcome is Outcome.DISSATISFIED:
        await raise_dissatisfaction(work, order=order, source="revisit", source_id=revisit.id, desk=desk)
    return revisit


async def miss_customer(work: UnitOfWork, *, revisit_id: UUID, version: int | None, desk: Desk) -> RevisitRow:
    """Nobody answered: he is called again at the policy's time, and given up after the policy's number of calls.

    Refused before the time of this call: two who note the same one would use up two.
    """
    order, revisit = await _lock(work, revisit_id=revisit_id)
    require_version(revisit.version, expected=version)
    is_last = is_last_attempt(revisit.attempt, attempts=desk.policy.revisits.retry.attempts)
    step = RevisitStep.GIVE_UP if is_last else RevisitStep.MISS
    revisit.state = advance(RevisitState(revisit.state), step=step)
    require_due(revisit.due_at, now=work.now)
    actor = work.cause.actor
    work.session.add(AttemptRow(revisit_id=revisit.id, number=revisit.attempt, called_at=work.now, called_by=actor.id))
    await desk.audit.record(
        work, action="customer_not_reached", subject=f"revisit/{revisit.id}", details={"attempt": revisit.attempt}
    )
    if is_last:
        await _end(work, order=order, revisit=revisit, outcome=Outcome.NOT_REACHED, desk=desk)
    else:
        revisit.attempt += 1
        revisit.version += 1
        schedule(work, revisit=revisit, times=desk.policy.retry_times(work.now))
    return revisit


async def _lock(work: UnitOfWork, *, revisit_id: UUID) -> tuple[OrderRow, RevisitRow]:
    """The revisit to be changed; whoever erases its customer waits until what is stored now can be destroyed."""
    seen = await revisits.look_at(work.session, revisit_id=revisit_id)
    await is_erased(work, customer_id=seen.order.customer_id, table=ERASED)
    order = await orders.lock(work.session, order_id=seen.order.id)
    return order, await revisits.find(work.session, revisit_id=revisit_id)


async def _end(work: UnitOfWork, *, order: OrderRow, revisit: RevisitRow, outcome: Outcome, desk: Desk) -> None:
    revisit.outcome = outcome
    revisit.completed_at, revisit.completed_by = work.now, work.cause.actor.id
    revisit.version += 1
    unschedule(work, revisit=revisit)
    work.publish(
        RevisitCompleted(
            revisit_id=revisit.id,
            case_id=order.case_id,
            work_order_id=order.id,
            outcome=outcome.value,
            completed_at=work.now,
        )
    )
    await desk.audit.record(
        work, action="revisit_completed", subject=f"revisit/{revisit.id}", details={"outcome": outcome}
    )
