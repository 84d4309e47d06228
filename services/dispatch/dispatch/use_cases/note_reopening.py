"""A case was reopened: its orders are found by that until another round of it is cleared."""

from dispatch.queries import cases
from shared.contracts.intake import CaseReopened
from shared.messaging.unit_of_work import UnitOfWork


async def note_reopening(work: UnitOfWork, *, case: CaseReopened) -> None:
    """The last reopening counts, whichever is heard first."""
    known = await cases.lock(work.session, case_id=case.case_id)
    if known.reopened_at is None or case.reopened_at > known.reopened_at:
        known.reopened_at, known.reopen_reason = case.reopened_at, case.reason
