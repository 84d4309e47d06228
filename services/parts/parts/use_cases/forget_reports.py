"""What payment providers signed is kept for a while only: it may name who paid, also where nobody knows for what."""

from datetime import timedelta

from parts.queries import money
from shared.messaging.unit_of_work import UnitOfWork
from shared.retention import Forget


def forgetting_reports(*, kept: timedelta) -> Forget:
    """Destroys the reports that came longer ago than `kept`; the amounts stay, and repetitions are known for ever.

    A report that nobody can read or match is found by no customer's erasure: so it ends, by business time.
    """

    async def forget(work: UnitOfWork) -> int:
        return await money.empty_reports(work.session, received_by=work.now - kept)

    return forget
