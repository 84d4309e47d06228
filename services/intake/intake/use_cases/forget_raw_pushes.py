"""Pushes are kept as they came for a while only: they hold numbers, and what they tell was read long ago."""

from datetime import timedelta

from intake.queries import calls
from shared.messaging.unit_of_work import UnitOfWork
from shared.retention import Forget


def forgetting_raw_pushes(*, kept: timedelta) -> Forget:
    """Destroys the raw form of pushes that came longer ago than `kept`; repetitions of them are still known.

    It goes by business time, for how long a number may be kept is a promise to the customer.
    """

    async def forget(work: UnitOfWork) -> int:
        return await calls.empty_raw(work.session, received_by=work.now - kept)

    return forget
