"""The promise to contact whoever reported a repair (响应时限, R210, R066): from registration to first contact."""

from uuid import UUID

from intake.domain.case import Case
from intake.office import Office
from intake.policy import RESPONSE
from intake.queries import cases
from intake.tables import HoldRow
from intake.use_cases.tell_story import tell
from shared.clocks.keeping import Announcement
from shared.clocks.terms import BREACH
from shared.contracts.envelope import Event
from shared.contracts.intake import ClockBreached, ClockWarned
from shared.messaging.unit_of_work import UnitOfWork


async def start_response_clock(work: UnitOfWork, *, case: Case, office: Office) -> None:
    """The clock runs from the registration."""
    await office.clocks.start(
        work,
        name=RESPONSE,
        subject_id=case.id,
        at=case.registration.opened_at,
        promise=office.policy.response_clock,
        reason="case_opened",
    )


async def stop_response_clock(work: UnitOfWork, *, case_id: UUID, reason: str, office: Office) -> None:
    """The promise is kept, or no longer owed; an earlier stop stays the one that counts."""
    await office.clocks.stop(work, name=RESPONSE, subject_id=case_id, at=work.now, reason=reason)


async def pause_response_clock(work: UnitOfWork, *, hold: HoldRow, office: Office) -> None:
    """The case waits; whether that stops the clock is the policy's."""
    await office.clocks.pause(
        work, name=RESPONSE, subject_id=hold.case_id, at=work.now, ref=str(hold.id), reason=hold.reason
    )


async def resume_response_clock(work: UnitOfWork, *, hold: HoldRow, office: Office) -> None:
    """The wait is over."""
    await office.clocks.resume(
        work, name=RESPONSE, subject_id=hold.case_id, at=work.now, ref=str(hold.id), reason=hold.reason
    )


async def announce_clock(announcement: Announcement, work: UnitOfWork) -> None:
    """Say that a mark was reached or the promise broken; it belongs to the case's story as well."""
    case = (await cases.load(work.session, case_id=announcement.subject_id)).case
    event: Event
    if announcement.mark == BREACH:
        event = ClockBreached(case_id=case.id, case_number=case.number, clock=announcement.clock)
    else:
        event = ClockWarned(
            case_id=case.id, case_number=case.number, mark=str(announcement.mark), clock=announcement.clock
        )
    tell(work, event=event, case_id=case.id)
