"""A claim order (索赔订货) bears every signature that it needs, and may go to the supplier (R199)."""

from parts.desk import Desk
from parts.domain.supply_words import Happening
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out
from shared.contracts.parts import ClaimOrderApproved
from shared.messaging.unit_of_work import UnitOfWork


async def approve_claim_order(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """The caller has locked the request, and knows that no signature is missing."""
    claim, request = dossier.its_claim, dossier.request
    await carry_out(work, dossier=dossier, happening=Happening.SIGNED, desk=desk)
    claim.approved_at = work.now
    work.publish(
        ClaimOrderApproved(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            claim_order_id=claim.id,
            approved_at=work.now,
        )
    )
