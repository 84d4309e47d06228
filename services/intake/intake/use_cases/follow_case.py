"""The consequences of what was heard of a case."""

from uuid import UUID

from intake.domain import case_ends
from intake.office import Office
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.response_clock import stop_response_clock
from shared.messaging.unit_of_work import UnitOfWork


async def follow_case(work: UnitOfWork, *, case_id: UUID, office: Office) -> None:
    """Bring the case, which its caller has locked, to where everything that was heard of it leads."""
    opened = await open_case(work, case_id=case_id, version=None)
    change = case_ends.follow(opened.case, at=work.now)
    if change[0] == opened.case:
        return
    keep(work, opened, change=change)
    await stop_response_clock(work, case_id=case_id, reason="resolved", office=office)
