"""The promises to be there: R222 from the repair call in working time, R188 and R217 by a time that the customer named.

Both clocks belong to the case, so that a pause may be written down before the case is cleared. The order of a later
round (rework) has clocks of its own, which start when the case is cleared again and wait for the same holds.
"""

from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.queries import cases, items, work_orders
from dispatch.tables import WorkOrderRow
from dispatch.use_cases.note_waits import ARRIVAL, WORKSHOP, Waiting, note_holds
from shared.clocks.keeping import Announcement
from shared.clocks.terms import BREACH, RequiredBy
from shared.contracts.dispatch import ClockBreached, ClockWarned
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseCleared
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Unknown

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
        await note_holds(work, clock=Waiting(ARRIVAL, subject_id), case_id=order.case_id, desk=desk)
    if order.required_by is not None:
        named = RequiredBy(required_by=order.required_by, marks=desk.policy.required_by.marks)
        await clocks.start(
            work, name=REQUIRED_BY, subject_id=subject_id, at=since, promise=named, reason="case_cleared"
        )


async def pause_for_hold(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """The case waits for somebody outside; counts where the policy of a clock lists the reason."""
    for name, subject_id in await _clocks_of(work, case_id=case_id):
        await desk.clocks.pause(work, name=name, subject_id=subject_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def resume_after_hold(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """That wait is over."""
    for name, subject_id in await _clocks_of(work, case_id=case_id):
        await desk.clocks.resume(work, name=name, subject_id=subject_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def _clocks_of(work: UnitOfWork, *, case_id: UUID) -> list[Waiting]:
    """Those of the case, of its later rounds and of what was taken in; those that start later read what is written."""
    await cases.lock(work.session, case_id=case_id)
    orders = await work_orders.lock_of_case(work.session, case_id=case_id)
    later = [order.promise_id for order in orders if order.promise_id != case_id]
    taken = await items.of_orders(work.session, order_ids=[order.id for order in orders])
    return [
        *(Waiting(ARRIVAL, subject_id) for subject_id in (case_id, *later)),
        *(Waiting(WORKSHOP, item.id) for item in taken),
    ]


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
