"""When a kit can be complete is told to dispatch, and told anew once what is on order changes (R327, R143)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from parts.domain.promising import Ahead, Incoming, ready_at
from parts.domain.supply_words import NOT_ORDERED, RequestState
from parts.queries import dossiers, stock, waiting
from parts.queries.dossiers import Dossier
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartsShort
from shared.messaging.unit_of_work import UnitOfWork

PROMISE_DEADLINE = "promise"


async def promise_parts(work: UnitOfWork, *, dossier: Dossier) -> None:
    """R143: a request is short from now on. No visit is offered before what is on order for nobody completes its kit.

    The caller holds the stock of its parts.
    """
    dossier.request.ready_at = await _ready_at(work, dossier=dossier, ahead=Ahead.ALL)
    _say_short(work, dossier=dossier)


async def promise_anew(work: UnitOfWork, *, codes: Collection[str]) -> None:
    """What is on order of these parts has changed: whoever relies on it is looked at right after this transaction.

    Their stock is held, as whoever becomes short holds it, so that none of them is overlooked. Each hangs on a work
    order of his own, which is never locked after stock.
    """
    await stock.lock(work.session, codes=codes)
    for request_id in await waiting.who_relies_on(work.session, codes=codes):
        work.set_deadline(
            f"{PROMISE_DEADLINE}/{request_id}",
            kind=PROMISE_DEADLINE,
            due=work.now,
            data={"request_id": str(request_id)},
        )


async def correct_promise(work: UnitOfWork, *, request_id: UUID) -> None:
    """R327: the day as it stands now, those who asked before first; said again only where it is another one."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    request, supply = dossier.request, dossier.supply
    if supply.request is not RequestState.SHORT or supply.claim not in NOT_ORDERED:
        return
    await stock.lock(work.session, codes=dossier.missing.keys())
    promised = await _ready_at(work, dossier=dossier, ahead=Ahead.OLDER)
    if promised != request.ready_at:
        request.ready_at = promised
        request.version += 1
        _say_short(work, dossier=dossier)


async def _ready_at(work: UnitOfWork, *, dossier: Dossier, ahead: Ahead) -> datetime | None:
    missing, session = dossier.missing, work.session
    coming = await waiting.incoming(session, codes=missing.keys())
    free = await waiting.free_pieces(session, codes=missing.keys())
    there = [Incoming(part_code=code, pieces=pieces, expected_at=work.now) for code, pieces in free.items()]
    before = await waiting.waited_ahead(session, codes=missing.keys(), request=dossier.request, ahead=ahead)
    return ready_at(missing, incoming=[*there, *coming], ahead=before, now=work.now)


def _say_short(work: UnitOfWork, *, dossier: Dossier) -> None:
    request = dossier.request
    work.publish(
        PartsShort(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            missing=tuple(PartNeed(part_code=code, quantity=pieces) for code, pieces in dossier.missing.items()),
            short_at=dossier.its_claim.opened_at,
            ready_at=request.ready_at,
            promised_at=work.now,
        )
    )
