"""The promises to be there: R222 from the repair call in working time, R188 and R217 by a time that the customer named.

Both clocks belong to the case, so that a pause may be written down before the case is cleared.
"""

from datetime import datetime
from uuid import UUID

from dispatch.desk import Desk
from dispatch.queries import work_orders
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
    clocks, case_id = desk.clocks, order.case_id
    promise = desk.policy.arrival_clock(order.zone)
    await clocks.start(
        work, name=ARRIVAL, subject_id=case_id, at=order.called_at, promise=promise, reason="case_cleared"
    )
    for number, wait in enumerate(case.waited, start=1):
        ref = f"waited/{number}"
        await clocks.pause(work, name=ARRIVAL, subject_id=case_id, at=wait.since, ref=ref, reason=wait.reason)
        await clocks.resume(work, name=ARRIVAL, subject_id=case_id, at=wait.until, ref=ref, reason=wait.reason)
    if order.required_by is not None:
        named = RequiredBy(required_by=order.required_by, marks=desk.policy.required_by.marks)
        await clocks.start(
            work, name=REQUIRED_BY, subject_id=case_id, at=order.called_at, promise=named, reason="case_cleared"
        )


async def pause_arrival_clock(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """The case waits for somebody outside; counts where the clock's policy lists the reason."""
    await desk.clocks.pause(work, name=ARRIVAL, subject_id=case_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def resume_arrival_clock(
    work: UnitOfWork, *, case_id: UUID, hold_id: UUID, at: datetime, reason: str, desk: Desk
) -> None:
    """That wait is over."""
    await desk.clocks.resume(work, name=ARRIVAL, subject_id=case_id, at=at, ref=f"hold/{hold_id}", reason=reason)


async def stop_arrival_clock(work: UnitOfWork, *, order: WorkOrderRow, at: datetime, reason: str, desk: Desk) -> None:
    """He is there, or nobody has to come any more."""
    await desk.clocks.stop(work, name=ARRIVAL, subject_id=order.case_id, at=at, reason=reason)
    if order.required_by is not None:
        await desk.clocks.stop(work, name=REQUIRED_BY, subject_id=order.case_id, at=at, reason=reason)


async def announce(announcement: Announcement, work: UnitOfWork) -> None:
    """Say that a mark was reached or the promise broken."""
    order = await work_orders.find_of_case(work.session, case_id=announcement.subject_id)
    if order is None:
        raise Unknown(
            "unknown_case", detail=f"case {announcement.subject_id} has no work order", expected="a case with an order"
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
