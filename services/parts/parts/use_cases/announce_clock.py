"""A clock of parts passed a mark or its deadline: whoever it is about hears of it."""

from parts.policy.suppliers import CONTACT_CLOCK
from parts.use_cases.supplier_clock import announce_contact
from parts.use_cases.time_request import announce_wait
from shared.clocks.keeping import Announcement
from shared.messaging.unit_of_work import UnitOfWork


async def announce(announcement: Announcement, work: UnitOfWork) -> None:
    """The clock of a supplier case says so itself (R328), all others are about requests (R468, R232)."""
    if announcement.clock.clock == CONTACT_CLOCK:
        await announce_contact(announcement, work)
    else:
        await announce_wait(announcement, work)
