"""The part that was ordered for him is there: the customer hears it, and again while it lies unused (R322)."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.supply_words import ORDERED, RequestState
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.tables import ERASED
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartArrived
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

CHASE_DEADLINE = "chase"


def tell_customer(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """Say it now, and let the time run after which he is told again, where the policy has him chased (R322)."""
    claim, request = dossier.its_claim, dossier.request
    lines = (PartNeed(part_code=part_code, quantity=pieces) for part_code, pieces in dossier.ordered.items())
    work.publish(
        PartArrived(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            claim_order_id=claim.id,
            customer_id=request.customer_id,
            lines=tuple(lines),
            arrived_at=request.reserved_at or work.now,
            reminder=claim.reminders,
        )
    )
    if (chased := desk.policy.claims.chase_every) is not None:
        work.set_deadline(
            f"{CHASE_DEADLINE}/{claim.id}",
            kind=CHASE_DEADLINE,
            due=work.now + chased,
            data={"request_id": str(request.id)},
        )


async def chase_customer(work: UnitOfWork, *, request_id: UUID, desk: Desk) -> None:
    """R322: he is told again; nothing where the parts were drawn or let go, or never come, or where he is forgotten."""
    seen = await dossiers.look(work.session, request_id=request_id)
    if await is_erased(work, customer_id=seen.request.customer_id, table=ERASED):
        return
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    if dossier.supply.request is RequestState.RESERVED and dossier.supply.claim in ORDERED:
        dossier.its_claim.reminders += 1
        dossier.its_claim.version += 1
        tell_customer(work, dossier=dossier, desk=desk)
