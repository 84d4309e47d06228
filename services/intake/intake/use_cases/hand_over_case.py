"""A case gets another person who is responsible for it (R046)."""

from uuid import UUID

from intake.domain import case_steps
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.use_cases.change_case import keep, open_case
from intake.use_cases.note_staff import require_active
from shared.messaging.unit_of_work import UnitOfWork


async def hand_over_case(
    work: UnitOfWork, *, case_id: UUID, version: int | None, owner_id: str, office: Office
) -> CaseRows:
    """R046: from its owner to another active member of the staff; the audit log says who did it, from whom to whom."""
    await require_active(work, staff_number=owner_id)
    opened = await open_case(work, case_id=case_id, version=version)
    before = opened.rows.case.owner_id
    kept = keep(work, opened, change=case_steps.hand_over(opened.case, before=before, to=owner_id))
    kept.case.owner_id = owner_id
    await office.audit.record(
        work, action="case_handed_over", subject=f"case/{case_id}", details={"from": before, "to": owner_id}
    )
    return kept
