"""Nobody drew the pieces in time: they go back to the shelf."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.supply_words import Happening, RequestState
from parts.queries import dossiers
from parts.use_cases.carry_out import carry_out
from shared.messaging.unit_of_work import UnitOfWork

KEPT = frozenset({RequestState.RESERVED, RequestState.SHORT})


async def expire_reservation(work: UnitOfWork, *, request_id: UUID, desk: Desk) -> None:
    """Nothing where they were drawn or let go, or where their time is not over; kept in part they go likewise."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    expires_at = dossier.request.expires_at
    if dossier.supply.request in KEPT and expires_at is not None and work.now >= expires_at:
        await carry_out(work, dossier=dossier, happening=Happening.EXPIRED, desk=desk)
