"""Somebody has found out why more was fitted than was issued, and the books and the shelf agree again."""

from uuid import UUID

from parts.desk import Desk
from parts.policy import require_known
from parts.queries import discrepancies
from parts.tables import DiscrepancyRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def clear_discrepancy(
    work: UnitOfWork, *, discrepancy_id: UUID, version: int | None, reason: str, desk: Desk
) -> DiscrepancyRow:
    """Once, with a reason of the policy. It moves no stock: what was counted is an adjustment of its own.

    Raises IllegalTransition where it was cleared already.
    """
    require_known(reason, known=desk.policy.discrepancy_reasons, field="reason")
    row = await discrepancies.lock(work.session, discrepancy_id=discrepancy_id)
    require_version(row.version, expected=version)
    if row.cleared_at is not None:
        raise IllegalTransition(
            "discrepancy_cleared",
            detail=f"{row.cleared_by} cleared it at {row.cleared_at.isoformat()}: {row.reason}",
            expected="a discrepancy of GET /v1/discrepancies?cleared=false",
        )
    row.cleared_at, row.cleared_by, row.reason = work.now, work.cause.actor.id, reason
    row.version += 1
    await desk.audit.record(
        work, action="discrepancy_cleared", subject=f"discrepancy/{row.id}", details={"reason": reason}
    )
    return row
