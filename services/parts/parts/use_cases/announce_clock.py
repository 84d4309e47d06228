"""A clock of parts passed a mark or its deadline: whoever it is about hears of it."""

from uuid import UUID

from parts.policy.issuing import SITE_SHIPMENT_CLOCK
from parts.policy.suppliers import CONTACT_CLOCK
from parts.queries import dossiers, purchasing, supplier_cases
from shared.clocks.keeping import Announcement
from shared.clocks.terms import BREACH
from shared.contracts.parts import ClockBreached, ClockWarned
from shared.messaging.unit_of_work import UnitOfWork


async def announce(announcement: Announcement, work: UnitOfWork) -> None:
    """Say that a mark was reached or the promise broken, of whatever it was given for."""
    ids = await _about(announcement, work=work)
    if announcement.mark == BREACH:
        work.publish(ClockBreached(**ids, clock=announcement.clock))
    else:
        work.publish(ClockWarned(**ids, mark=str(announcement.mark), clock=announcement.clock))


async def _about(announcement: Announcement, *, work: UnitOfWork) -> dict[str, UUID | None]:
    """A supplier case (R328), what a site waits for (R232), and of all other clocks a request for parts (R468)."""
    name, subject_id = announcement.clock.clock, announcement.subject_id
    if name == CONTACT_CLOCK:
        case = await supplier_cases.find(work.session, supplier_case_id=subject_id)
        return {"supplier_case_id": case.id, "work_order_id": case.work_order_id, "case_id": case.case_id}
    if name == SITE_SHIPMENT_CLOCK:
        wanted = await purchasing.find_request(work.session, request_id=subject_id)
        return {"purchase_request_id": wanted.id, "work_order_id": wanted.work_order_id, "case_id": wanted.case_id}
    request = await dossiers.find_request(work.session, request_id=subject_id)
    return {"request_id": request.id, "work_order_id": request.work_order_id, "case_id": request.case_id}
