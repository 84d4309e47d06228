"""A work order of a case was completed, or signed off by the customer."""

from intake.office import Office
from intake.queries import cases, heard
from intake.tables import OrderRow
from intake.use_cases.follow_case import follow_case
from shared.contracts.dispatch import WorkOrderCompleted, WorkOrderSignedOff
from shared.messaging.unit_of_work import UnitOfWork


async def note_completion(work: UnitOfWork, *, event: WorkOrderCompleted, office: Office) -> None:
    """R280: the repair is done and tried, which resolves the case."""
    row = OrderRow(
        id=event.work_order_id,
        case_id=event.case_id,
        number=event.work_order_number,
        resolution=event.resolution,
        completed_at=event.completed_at,
    )
    await _note(work, row=row, office=office)


async def note_sign_off(work: UnitOfWork, *, event: WorkOrderSignedOff, office: Office) -> None:
    """R260: the customer signed, without which the case is not closed."""
    row = OrderRow(
        id=event.work_order_id,
        case_id=event.case_id,
        number=event.work_order_number,
        signed_off_at=event.signed_off_at,
    )
    await _note(work, row=row, office=office)


async def _note(work: UnitOfWork, *, row: OrderRow, office: Office) -> None:
    is_known = await cases.lock_if_known(work.session, case_id=row.case_id)
    await heard.note_order(work.session, row=row)
    if is_known:
        await follow_case(work, case_id=row.case_id, office=office)
