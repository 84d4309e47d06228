"""The customer was called back and the repair confirmed with him (R066)."""

from uuid import UUID

from intake.domain import case_steps
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.response_clock import stop_response_clock
from shared.messaging.unit_of_work import UnitOfWork


async def contact_customer(work: UnitOfWork, *, case_id: UUID, version: int | None, office: Office) -> CaseRows:
    """R066: record the first contact; it stops the response clock (R210)."""
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_steps.contact(opened.case, at=work.now))
    await stop_response_clock(work, case_id=case_id, reason="contacted", office=office)
    await office.audit.record(work, action="case_contacted", subject=f"case/{case_id}")
    return kept
