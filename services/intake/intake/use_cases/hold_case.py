"""A case waits for somebody outside, and goes on."""

from uuid import UUID

from intake.domain import case_steps
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.tables import HoldRow
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.response_clock import pause_response_clock, resume_response_clock
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal, Unknown


async def hold_case(
    work: UnitOfWork, *, case_id: UUID, version: int | None, reason: str, office: Office
) -> tuple[CaseRows, HoldRow]:
    """The case is on hold for a reason of the policy; clocks that list the reason stop counting."""
    if reason not in office.policy.hold_reasons:
        known = ", ".join(sorted(office.policy.hold_reasons))
        raise Refusal("unknown_hold_reason", detail=f"There is no reason {reason}.", expected=f"one of {known}")
    opened = await open_case(work, case_id=case_id, version=version)
    change = case_steps.hold(opened.case, hold_id=work.new_id(), reason=reason, at=work.now)
    kept = keep(work, opened, change=change)
    new = kept.holds[-1]
    await pause_response_clock(work, hold=new, office=office)
    details = {"hold_id": str(new.id), "reason": reason}
    await office.audit.record(work, action="case_held", subject=f"case/{case_id}", details=details)
    return kept, new


async def release_case(
    work: UnitOfWork, *, case_id: UUID, version: int | None, hold_id: UUID, office: Office
) -> CaseRows:
    """The wait is over."""
    opened = await open_case(work, case_id=case_id, version=version)
    if all(hold.id != hold_id for hold in opened.case.holds):
        raise Unknown("unknown_hold", detail=f"The case has no hold {hold_id}.", expected="a hold of the case")
    kept = keep(work, opened, change=case_steps.release(opened.case, hold_id=hold_id, at=work.now))
    released = next(hold for hold in kept.holds if hold.id == hold_id)
    await resume_response_clock(work, hold=released, office=office)
    details = {"hold_id": str(hold_id), "reason": released.reason}
    await office.audit.record(work, action="case_released", subject=f"case/{case_id}", details=details)
    return kept
