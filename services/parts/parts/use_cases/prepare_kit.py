"""Before parts are drawn: the kit is packed for the trip (R257), and the front desk confirms an addition (R198)."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.issuing import is_addition
from parts.domain.supply_words import RequestState
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def prepare_kit(work: UnitOfWork, *, request_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """R257, R327: every piece that was asked for lies packed. Raises IllegalTransition while anything is missing."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    if dossier.supply.request is not RequestState.RESERVED:
        raise IllegalTransition(
            "kit_not_complete",
            detail=f"the request is {dossier.supply.request}",
            expected="a request that is reserved: every piece lies in the store and nothing was drawn yet",
        )
    dossier.request.prepared_at, dossier.request.prepared_by = work.now, work.cause.actor.id
    dossier.request.version += 1
    await desk.audit.record(work, action="kit_prepared", subject=f"parts_request/{request_id}")
    return dossier


async def confirm_addition(work: UnitOfWork, *, request_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """R198: the front desk knows of the second add-on (二次增项). Raises IllegalTransition where it is none."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    if not is_addition(await dossiers.asked_before(work.session, request=dossier.request)):
        raise IllegalTransition(
            "no_addition",
            detail="the order asked for nothing before",
            expected="a request that adds to an earlier one of the same work order",
        )
    if dossier.request.confirmed_at is not None:
        raise IllegalTransition(
            "confirmed_already",
            detail=f"{dossier.request.confirmed_by} confirmed it at {dossier.request.confirmed_at.isoformat()}",
            expected="nothing more: it may be drawn",
        )
    dossier.request.confirmed_at, dossier.request.confirmed_by = work.now, work.cause.actor.id
    dossier.request.version += 1
    await desk.audit.record(work, action="addition_confirmed", subject=f"parts_request/{request_id}")
    return dossier
