"""Missing pieces lie on the shelf after all: they came in otherwise, or another request let them go."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.serving import first_served, lies_free
from parts.domain.supply_words import Happening, RequestState
from parts.queries import dossiers, stock, waiting
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out
from parts.use_cases.keep_parts import keep_parts, keep_what_there_is
from parts.use_cases.move_stock import wake_short
from parts.use_cases.time_request import time_shipment
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def find_parts(work: UnitOfWork, *, request_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """Keep all of them, and call the claim order off unless the supplier has it. Raises IllegalTransition.

    Where something is still missing that is refused as well: it stays ordered, and nothing changes.
    """
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    await _keep(work, dossier=dossier, desk=desk)
    if missing := [f"{pieces} of {part_code}" for part_code, pieces in dossier.missing.items()]:
        raise IllegalTransition(
            "still_missing",
            detail=f"the shelf does not have {', '.join(missing)}",
            expected="a request whose missing pieces all lie free on the shelf; GET /v1/stock shows what does",
        )
    await desk.audit.record(work, action="parts_found", subject=f"parts_request/{request_id}")
    return dossier


async def serve_short(work: UnitOfWork, *, part_code: str, desk: Desk) -> None:
    """Pieces of a part became free: whoever's turn it is gets them, and then the next one is looked at.

    One request in each transaction, since a work order is locked before stock and never after another work order.
    """
    who = await waiting.who_waits(work.session, codes=[part_code])
    wanted = {code for one in who for code in one.missing}
    free = await waiting.free_pieces(work.session, codes=wanted)
    served = first_served(who, available=free, priorities=desk.policy.reservations.priorities)
    if served is None:
        return
    wake_short(work, codes=[part_code])
    dossier = await dossiers.lock_request(work.session, request_id=served.request_id)
    if dossier.supply.request is RequestState.SHORT and await _is_still_free(work, dossier=dossier):
        await _keep(work, dossier=dossier, desk=desk)


async def _keep(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    await carry_out(work, dossier=dossier, happening=Happening.FOUND, desk=desk)
    await keep_what_there_is(work, dossier=dossier, desk=desk)
    if not dossier.missing:
        keep_parts(work, dossier=dossier, desk=desk)
        await time_shipment(work, dossier=dossier, desk=desk)


async def _is_still_free(work: UnitOfWork, *, dossier: Dossier) -> bool:
    """Looked at under the lock of the whole kit: stock is locked once, in the order of the codes, or not at all."""
    held = await stock.lock(work.session, codes={line.part_code for line in dossier.lines})
    available = {part_code: stock.stock_of(row).available for part_code, row in held.items()}
    return lies_free(dossier.missing, available=available)
