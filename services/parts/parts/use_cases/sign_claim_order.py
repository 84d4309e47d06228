"""A claim order (索赔订货) is signed by those who have to, or refused by one of them (R199)."""

from typing import Literal
from uuid import UUID

from parts.desk import Desk
from parts.domain.claims import check_signature
from parts.domain.supply import step
from parts.domain.supply_words import Happening
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.tables import SignatureRow
from parts.use_cases.approve_claim_order import approve_claim_order
from parts.use_cases.carry_out import carry_out
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version

type Decision = Literal["approve", "reject"]


async def sign_claim_order(
    work: UnitOfWork, *, claim_order_id: UUID, version: int | None, decision: Decision, desk: Desk
) -> Dossier:
    """R199: the last signature approves the order, one refusal ends it. Raises NotAllowed for who has not to sign."""
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    claim, actor = dossier.its_claim, work.cause.actor
    require_version(claim.version, expected=version)
    step(dossier.supply, happening=Happening.SIGNED, terms=desk.policy.deposits.terms)
    signed = [signature.role for signature in dossier.signatures]
    check_signature(actor.role, needed=claim.signatures_needed, signed=signed)
    signature = SignatureRow(
        claim_order_id=claim.id, role=actor.role, decision=decision, signed_by=actor.id, signed_at=work.now
    )
    work.session.add(signature)
    dossier.signatures.append(signature)
    claim.version += 1
    if decision == "reject":
        await carry_out(work, dossier=dossier, happening=Happening.REJECTED, desk=desk)
    elif set(claim.signatures_needed) == {*signed, actor.role}:
        await approve_claim_order(work, dossier=dossier, desk=desk)
    await desk.audit.record(
        work, action="claim_order_signed", subject=f"claim_order/{claim.id}", details={"decision": decision}
    )
    return dossier
