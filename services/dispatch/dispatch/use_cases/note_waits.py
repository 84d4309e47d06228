"""What an order waits for stands in the ledger of every clock that may stop for it: parts and deposits (R320, R327),
and whatever its case is held for. A clock that starts later begins with all of it.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.parts_requests import Wait
from dispatch.queries import cases
from shared.messaging.unit_of_work import UnitOfWork

ARRIVAL, WORKSHOP = "arrival", "workshop"


class Waiting(NamedTuple):
    """The clock of a promise: whether it stands still for a reason is its policy's to say."""

    name: str
    subject_id: UUID


async def note_waits(work: UnitOfWork, *, clock: Waiting, request_id: UUID, waits: Iterable[Wait], desk: Desk) -> None:
    """Pause it from when each wait began; resume it where that is over."""
    name, subject_id = clock
    for wait in waits:
        ref = f"{wait.reason}/{request_id}"
        await desk.clocks.pause(work, name=name, subject_id=subject_id, at=wait.since, ref=ref, reason=wait.reason)
        if wait.until is not None:
            await desk.clocks.resume(work, name=name, subject_id=subject_id, at=wait.until, ref=ref, reason=wait.reason)


async def note_holds(work: UnitOfWork, *, clock: Waiting, case_id: UUID, desk: Desk) -> None:
    """What its case was held for before the clock started; the caller holds the case or the order."""
    for hold in await cases.holds(work.session, case_id=case_id, clock=ARRIVAL):
        enter = desk.clocks.pause if hold.kind == "pause" else desk.clocks.resume
        await enter(work, name=clock.name, subject_id=clock.subject_id, at=hold.at, ref=hold.ref, reason=hold.reason)
