"""The time in which a supplier is contacted (第一时间, R328) runs out: it is said as of every promise."""

from parts.queries import supplier_cases
from shared.clocks.keeping import Announcement
from shared.clocks.terms import BREACH
from shared.contracts.envelope import Event
from shared.contracts.parts import SupplierContactBreached, SupplierContactWarned
from shared.messaging.unit_of_work import UnitOfWork


async def announce_contact(announcement: Announcement, work: UnitOfWork) -> None:
    """Say that a mark of a supplier case was reached or the promise broken."""
    case = await supplier_cases.find(work.session, supplier_case_id=announcement.subject_id)
    event: Event
    if announcement.mark == BREACH:
        event = SupplierContactBreached(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            clock=announcement.clock,
        )
    else:
        event = SupplierContactWarned(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            mark=str(announcement.mark),
            clock=announcement.clock,
        )
    work.publish(event)
