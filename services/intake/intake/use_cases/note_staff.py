"""Who works here and in which role (员工), as notifier's directory tells: people are named as responsible for cases."""

from intake.queries import staff
from intake.tables import StaffRow
from shared.contracts.notifier import StaffChanged
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal

ACTIVE = "active"


async def note_staff(work: UnitOfWork, *, event: StaffChanged) -> None:
    """Keep what the newest revision says; an older one that comes late changes nothing."""
    row = StaffRow(
        id=event.staff_id,
        staff_number=event.staff_number,
        role=event.role,
        status=event.status,
        revision=event.revision,
        heard_at=work.now,
    )
    await staff.note(work.session, row=row)


async def require_active(work: UnitOfWork, *, staff_number: str) -> None:
    """R046: whoever is named responsible is somebody who works here. Raises Refusal."""
    statuses = await staff.statuses(work.session, staff_number=staff_number)
    if ACTIVE not in statuses:
        state = "does not work here any more" if statuses else "is not in the staff register"
        raise Refusal(
            "owner_not_active",
            detail=f"{staff_number} {state}.",
            expected="the staff_number of an active member, see GET /v1/staff?status=active",
        )
