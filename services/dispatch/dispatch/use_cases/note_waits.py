"""What an order waits for on account of its parts (R320, R327) stands in the ledger of every clock that it may stop."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.parts_requests import Wait
from shared.messaging.unit_of_work import UnitOfWork


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
