"""The promises about what was taken in: until when it is repaired (R225), and when the customer has it again (R309)."""

from dispatch.desk import Desk
from dispatch.queries import parts_requests
from dispatch.tables import ItemRow, WorkOrderRow
from dispatch.use_cases.note_waits import WORKSHOP, Waiting, note_holds, note_waits
from shared.clocks.terms import ClockPolicy, RequiredBy
from shared.messaging.unit_of_work import UnitOfWork

PROMISED = "promised"


async def start_item_clocks(work: UnitOfWork, *, order: WorkOrderRow, item: ItemRow, desk: Desk) -> None:
    """Both run from the moment at which it was taken in; their marks and breaches call for help (R229).

    What the order waits for already, repairing it waits for too.
    """
    promises: dict[str, ClockPolicy | RequiredBy] = {
        WORKSHOP: desk.policy.workshop_clock(item.units),
        PROMISED: RequiredBy(required_by=item.promised_at, marks=desk.policy.take_in.marks),
    }
    for name, promise in promises.items():
        await desk.clocks.start(
            work, name=name, subject_id=item.id, at=item.taken_in_at, promise=promise, reason="taken_in"
        )
    clock = Waiting(WORKSHOP, item.id)
    await note_holds(work, clock=clock, case_id=order.case_id, desk=desk)
    for request in await parts_requests.of_order(work.session, order_id=order.id):
        waits = parts_requests.facts_of(request).waits
        await note_waits(work, clock=clock, request_id=request.id, waits=waits, desk=desk)


async def stop_workshop_clock(work: UnitOfWork, *, item: ItemRow, reason: str, desk: Desk) -> None:
    """It is repaired and inspected, or not to be repaired any more."""
    await desk.clocks.stop(work, name=WORKSHOP, subject_id=item.id, at=work.now, reason=reason)


async def stop_item_clocks(work: UnitOfWork, *, item: ItemRow, desk: Desk) -> None:
    """The customer has it again."""
    for name in (WORKSHOP, PROMISED):
        await desk.clocks.stop(work, name=name, subject_id=item.id, at=work.now, reason="returned")
