"""Somebody with authority decides whether a fee is waived (批件, R189, R190)."""

from uuid import UUID

from intake.domain import case_steps
from intake.domain.approvals import Decision
from intake.office import Office
from intake.queries import cases
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.response_clock import stop_response_clock
from shared.messaging.unit_of_work import UnitOfWork


async def decide_approval(
    work: UnitOfWork, *, approval_id: UUID, version: int | None, decision: Decision, office: Office
) -> CaseRows:
    """R189: only the role that the amount calls for decides; approved clears the case (R190), rejected ends it.

    `version` is the case's.
    """
    asked = await cases.find_approval(work.session, approval_id=approval_id)
    opened = await open_case(work, case_id=asked.case_id, version=version)
    change = case_steps.decide_waiver(
        opened.case, approval_id=approval_id, decision=decision, role=work.cause.actor.role, at=work.now
    )
    kept = keep(work, opened, change=change)
    if change[0].cancelled_at is not None:
        await stop_response_clock(work, case_id=asked.case_id, reason="cancelled", office=office)
    await office.audit.record(
        work,
        action="approval_decided",
        subject=f"case/{asked.case_id}",
        details={"approval_id": str(approval_id), "decision": decision},
    )
    return kept
