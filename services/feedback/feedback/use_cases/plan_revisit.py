"""The customer is to be called (回访): planned once for each order, due at its time, overdue if nobody calls."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from feedback.desk import Desk
from feedback.domain.revisits import RevisitState, RevisitStep, Times, advance
from feedback.policy import Occasion
from feedback.queries import orders, revisits
from feedback.tables import OrderRow, RevisitRow
from shared.contracts.feedback import RevisitDue, RevisitOverdue
from shared.messaging.unit_of_work import UnitOfWork

REVISIT_DEADLINE = "revisit"
CALLED = frozenset({RevisitState.DUE, RevisitState.COMPLETED})
"""Whom somebody was told to call, or has called, is not planned anew."""


async def plan_revisit(
    work: UnitOfWork, *, order: OrderRow, occasions: Iterable[tuple[Occasion, datetime]], desk: Desk
) -> None:
    """R360, R361: where two occasions ask for the call, the earlier times hold, whichever was heard of first."""
    times = desk.policy.call_times(occasions)
    if times is None:
        return
    revisit = await revisits.of_order(work.session, order_id=order.id)
    if revisit is None:
        revisit = RevisitRow(
            id=work.new_id(),
            order_id=order.id,
            state=RevisitState.PLANNED,
            due_at=times.due_at,
            overdue_at=times.overdue_at,
            policy_version=desk.policy_version,
        )
        work.session.add(revisit)
        await work.session.flush()
    elif revisit.state in CALLED or revisit.attempt > 1:
        return
    schedule(work, revisit=revisit, times=times)


def schedule(work: UnitOfWork, *, revisit: RevisitRow, times: Times) -> None:
    """The next call is due then."""
    revisit.due_at, revisit.overdue_at, revisit.overdue_said_at = times.due_at, times.overdue_at, None
    _arm(work, revisit=revisit, at=revisit.due_at)


def unschedule(work: UnitOfWork, *, revisit: RevisitRow) -> None:
    """Nobody is reminded of this call any more."""
    work.cancel_deadline(_key(revisit))


async def remind_of_revisit(work: UnitOfWork, *, revisit_id: UUID) -> None:
    """Its time has come: the call is due, or overdue once it was due and nobody called."""
    seen = await revisits.find(work.session, revisit_id=revisit_id)
    order = await orders.lock(work.session, order_id=seen.order_id)
    revisit = await revisits.find(work.session, revisit_id=revisit_id)
    if revisit.state == RevisitState.PLANNED and revisit.due_at <= work.now:
        revisit.state = advance(RevisitState.PLANNED, step=RevisitStep.FALL_DUE)
        revisit.version += 1
        work.publish(
            RevisitDue(
                revisit_id=revisit.id,
                case_id=order.case_id,
                work_order_id=order.id,
                attempt=revisit.attempt,
                due_at=revisit.due_at,
            )
        )
        _arm(work, revisit=revisit, at=revisit.overdue_at)
    elif revisit.state == RevisitState.DUE and revisit.overdue_said_at is None and revisit.overdue_at <= work.now:
        revisit.overdue_said_at = work.now
        work.publish(
            RevisitOverdue(
                revisit_id=revisit.id,
                case_id=order.case_id,
                work_order_id=order.id,
                due_at=revisit.due_at,
                overdue_at=revisit.overdue_at,
            )
        )


def _arm(work: UnitOfWork, *, revisit: RevisitRow, at: datetime) -> None:
    work.set_deadline(_key(revisit), kind=REVISIT_DEADLINE, due=at, data={"revisit_id": str(revisit.id)})


def _key(revisit: RevisitRow) -> str:
    return f"revisit/{revisit.id}"
