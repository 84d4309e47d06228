"""The customer, or the property company for him, says yes or no to the fee (R186, R209)."""

from uuid import UUID

from intake.domain import case_steps
from intake.domain.quotes import ConsentBy
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from shared.messaging.unit_of_work import UnitOfWork


async def accept_quote(
    work: UnitOfWork, *, case_id: UUID, version: int | None, quote_id: UUID, by: ConsentBy, office: Office
) -> CaseRows:
    """R186: with the recorded consent of `by` the case is cleared."""
    opened = await open_case(work, case_id=case_id, version=version)
    work.cancel_deadline(f"quote/{case_id}")
    change = case_steps.accept_quote(opened.case, quote_id=quote_id, by=by, at=work.now)
    details = {"quote_id": str(quote_id), "by": by}
    await office.audit.record(work, action="quote_accepted", subject=f"case/{case_id}", details=details)
    return keep(work, opened, change=change)


async def refuse_quote(
    work: UnitOfWork, *, case_id: UUID, version: int | None, quote_id: UUID, by: ConsentBy, office: Office
) -> CaseRows:
    """R209, R189: the refusal is recorded, and a waiver of the fee is asked of the role that may grant it."""
    opened = await open_case(work, case_id=case_id, version=version)
    work.cancel_deadline(f"quote/{case_id}")
    change = case_steps.refuse_quote(
        opened.case,
        quote_id=quote_id,
        by=by,
        at=work.now,
        approval_id=work.new_id(),
        bands=office.policy.waiver.bands,
    )
    details = {"quote_id": str(quote_id), "by": by}
    await office.audit.record(work, action="quote_refused", subject=f"case/{case_id}", details=details)
    return keep(work, opened, change=change)
