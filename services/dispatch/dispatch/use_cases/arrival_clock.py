"""The promises to be there: R222 from the repair call in working time, R188 and R217 by a time that the customer named.

Both clocks belong to the case, so that a pause may be written down before the case is cleared. The order of a later
round (rework) has clocks of its own, which start when the case is cleared again and wait for the same holds.
"""

from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.queries import cases, work_orders
from dispatch.tables import WorkOrderRow
from shared.clocks.keeping import Announcement
from shared.clocks.terms import BREACH, RequiredBy
from shared.contracts.dispatch import ClockBreached, ClockWarned
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseCleared
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Unknown

ARRIVAL = "arrival"
REQUIRED_BY = "required_by"


async def start_arrival_clock(work: UnitOfWork, *, order: WorkOrderRow, case: CaseCleared, desk: Desk) -> None:
    """R222: from the repair call on; what the case waited for until it was cleared is a pause."""
    clocks, subject_id = desk.clocks, order.promise_id
    promise = desk.policy.arrival_clock(order.zone)
    since = order.called_at if order.round == 1 else case.cleared_at
    await clocks.start(work, name=ARRIVAL, subject_id=subject_id, at=since, promise=promise, reason="case_cleared")
    for number, wait in enumerate(case.waited, start=1):
        ref = f"waited/{number}"
        await clocks.pause(work, name=ARRIVAL, subject_id=subject_id, at=wait.since, ref=ref, reason=wait.reason)
        await clocks.resume(work, name=ARRIVAL, subject_id=subject_id, at=wait.until, ref=ref, reason=wait.reason)
    if order.round > 1:
        await _wait_likewise(work, order=order, desk=desk)
    if order.required_by is not None:
        named = RequiredBy(required_by=order.required_by, marks=desk.policy.required_by.marks)
        await clocks.start(
            work, name=REQUIRED_BY, subject_id=subject_id, at=since, promise=named, reason="case_cleared"
        )


async def _wait_likewise(work: UnitOfWork, *, order: WorkOrderRow, desk: Desk) -> None:
    """A hold that was heard of before this round was opened is written down for its clock too."""
    for hold in await cases.holds(work.session, case_id=order.case_id, clock=ARRIVAL):
        enter = desk.clocks.pause if hold.kind == "pause" else desk.clocks.resume
        await enter(work, name=ARRIVAL, subject_id=order.promise_id, at=hold.at, ref=hold.ref, reason=hold.reason)


async def pause_arrival_clock(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """The case waits for somebody outside; counts where the clock's policy lists the reason."""
    for subject_id in await _subjects(work, case_id=case_id):
        await desk.clocks.pause(work, name=ARRIVAL, subject_id=subject_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def resume_arrival_clock(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """That wait is over."""
    for subject_id in await _subjects(work, case_id=case_id):
        await desk.clocks.resume(work, name=ARRIVAL, subject_id=subject_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def _subjects(work: UnitOfWork, *, case_id: UUID) -> list[UUID]:
    """The case, and every later round of it that is known; those that are opened later read what is written now."""
    await cases.lock(work.session, case_id=case_id)
    later = await work_orders.promises_of(work.session, case_id=case_id)
    return [case_id, *(subject_id for subject_id in later if subject_id != case_id)]


async def stop_arrival_clock(work: UnitOfWork, *, order: WorkOrderRow, at: datetime, reason: str, desk: Desk) -> None:
    """He is there, or nobody has to come any more."""
    await desk.clocks.stop(work, name=ARRIVAL, subject_id=order.promise_id, at=at, reason=reason)
    if order.required_by is not None:
        await desk.clocks.stop(work, name=REQUIRED_BY, subject_id=order.promise_id, at=at, reason=reason)


async def announce(announcement: Announcement, work: UnitOfWork) -> None:
    """Say that a mark was reached or the promise broken."""
    order = await work_orders.find_promised(work.session, promise_id=announcement.subject_id)
    if order is None:
        raise Unknown(
            "unknown_promise",
            detail=f"nothing was promised about {announcement.subject_id}",
            expected="a case with an order, or an item",
        )
    event: Event
    if announcement.mark == BREACH:
        event = ClockBreached(
            work_order_id=order.id, work_order_number=order.number, case_id=order.case_id, clock=announcement.clock
        )
    else:
        event = ClockWarned(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            mark=str(announcement.mark),
            clock=announcement.clock,
        )
    work.publish(event)
