"""What was written about a supplier's problem is shown to those who deal with it, for a stated purpose, and audited."""

from dataclasses import dataclass
from uuid import UUID

from parts.desk import Desk
from parts.policy import require_known
from parts.queries import supplier_cases
from parts.use_cases.keep_words import course_of, problem_of
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """In plain text; None once the customer was erased. `courses`: what each report says, the first one first."""

    problem: str | None
    courses: tuple[tuple[UUID, str | None], ...]


async def show_words(work: UnitOfWork, *, supplier_case_id: UUID, purpose: str, desk: Desk) -> Words:
    """Refuses a purpose that the policy does not know. Raises Unknown."""
    require_known(purpose, known=desk.policy.suppliers.purposes, field="purpose")
    case = await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)
    reports = await supplier_cases.reports_of(work.session, ids=[case.id])
    await desk.audit.record(work, action="words_shown", subject=f"supplier_case/{case.id}", purpose=purpose)
    return Words(
        problem=problem_of(case, desk=desk),
        courses=tuple((report.id, course_of(report, desk=desk)) for report in reports),
    )
