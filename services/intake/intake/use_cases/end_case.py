"""A case is resolved without a visit, closed, opened again, or given a further visit: what people decide at its end."""

from uuid import UUID

from intake.domain import case_ends
from intake.office import Office
from intake.queries import cases
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.erase_customer import require_not_erased
from intake.use_cases.response_clock import stop_response_clock
from shared.messaging.unit_of_work import UnitOfWork
from shared.policy.labels import Labels
from shared.refusals import Refusal


async def resolve_case(
    work: UnitOfWork, *, case_id: UUID, version: int | None, resolution: str, office: Office
) -> CaseRows:
    """The problem is solved and nobody has to go; open quotes, approvals and holds end with it."""
    _require_known(resolution, known=office.policy.resolutions, what="resolution")
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_ends.resolve(opened.case, resolution=resolution, at=work.now))
    work.cancel_deadline(f"quote/{case_id}")
    await stop_response_clock(work, case_id=case_id, reason="resolved", office=office)
    details = {"resolution": resolution}
    await office.audit.record(work, action="case_resolved", subject=f"case/{case_id}", details=details)
    return kept


async def close_case(work: UnitOfWork, *, case_id: UUID, version: int | None, office: Office) -> CaseRows:
    """The case is over; a refusal names what is missing (R260, R321)."""
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_ends.close(opened.case, by=work.cause.actor.id, at=work.now))
    details = {"resolution": kept.case.resolution}
    await office.audit.record(work, action="case_closed", subject=f"case/{case_id}", details=details)
    return kept


async def reopen_case(work: UnitOfWork, *, case_id: UUID, version: int | None, reason: str, office: Office) -> CaseRows:
    """Somebody looks at the case again, for a reason of the policy."""
    _require_known(reason, known=office.policy.reopen_reasons, what="reason")
    customer_id = (await cases.load(work.session, case_id=case_id)).case.customer_id
    await require_not_erased(work, customer_id=customer_id)
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_ends.reopen(opened.case, reason=reason, at=work.now))
    await office.audit.record(work, action="case_reopened", subject=f"case/{case_id}", details={"reason": reason})
    return kept


async def visit_again(work: UnitOfWork, *, case_id: UUID, version: int | None, office: Office) -> CaseRows:
    """A reopened case is cleared for dispatch as its next round."""
    opened = await open_case(work, case_id=case_id, version=version)
    kept = keep(work, opened, change=case_ends.visit_again(opened.case, at=work.now))
    details = {"round": kept.case.round}
    await office.audit.record(work, action="further_visit_asked", subject=f"case/{case_id}", details=details)
    return kept


def _require_known(code: str, *, known: Labels, what: str) -> None:
    if code not in known:
        expected = ", ".join(sorted(known))
        raise Refusal(f"unknown_{what}", detail=f"There is no {what} {code}.", expected=f"one of {expected}")
