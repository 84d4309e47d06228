"""A case is called off; dispatch hears it and stops wherever it is."""

from uuid import UUID

from intake.domain import case_steps
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.response_clock import stop_response_clock
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal


async def cancel_case(work: UnitOfWork, *, case_id: UUID, version: int | None, reason: str, office: Office) -> CaseRows:
    """End the case for a reason of the policy: open quotes and approvals go with it, its clock stops."""
    if reason not in office.policy.cancel_reasons:
        known = ", ".join(sorted(office.policy.cancel_reasons))
        raise Refusal("unknown_cancel_reason", detail=f"There is no reason {reason}.", expected=f"one of {known}")
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_steps.cancel(opened.case, reason=reason, at=work.now))
    work.cancel_deadline(f"quote/{case_id}")
    await stop_response_clock(work, case_id=case_id, reason="cancelled", office=office)
    await office.audit.record(work, action="case_cancelled", subject=f"case/{case_id}", details={"reason": reason})
    return kept
