"""Everything that was asked for lies in the store: it is kept until it is drawn, or until its time is over."""

from parts.desk import Desk
from parts.queries.dossiers import Dossier
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartsReserved
from shared.messaging.unit_of_work import UnitOfWork

EXPIRY_DEADLINE = "reservation"


def keep_parts(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """Say so, and let the time run after which the pieces go back to the shelf."""
    request, terms = dossier.request, desk.policy.reservations
    expires_at = work.now + (terms.kept_for if dossier.claim is None else terms.kept_for_claim)
    request.reserved_at, request.expires_at = work.now, expires_at
    work.set_deadline(
        f"{EXPIRY_DEADLINE}/{request.id}",
        kind=EXPIRY_DEADLINE,
        due=expires_at,
        data={"request_id": str(request.id)},
    )
    work.publish(
        PartsReserved(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            lines=tuple(PartNeed(part_code=line.part_code, quantity=line.asked) for line in dossier.lines),
            reserved_at=work.now,
            expires_at=expires_at,
        )
    )
