"""How long a request waits: for parts (R468, R214), to be handed out (R232), and for the customer's deposit (R320).

Each is a clock of its own where the policy has one of its name. They belong to the request. What began under another
policy is paused and ends all the same.
"""

from datetime import datetime
from typing import Literal

from parts.desk import Desk
from parts.domain.issuing import needed_at
from parts.domain.supply_words import LOST, UNPAID, RequestState, Supply
from parts.queries.dossiers import Dossier
from shared.messaging.unit_of_work import UnitOfWork

PARTS_WAIT, SHIPMENT, DEPOSIT = "parts_wait", "shipment", "deposit"


async def time_request(work: UnitOfWork, *, dossier: Dossier, before: Supply | None, desk: Desk) -> None:
    """Start, pause and stop what follows from how the request stood before and stands now; None: it is new."""
    after = dossier.supply
    await _time_parts(work, dossier=dossier, before=before, desk=desk)
    if before is None or before.request is not after.request:
        await time_shipment(work, dossier=dossier, desk=desk)
    was_unpaid = before is not None and before.deposit in UNPAID
    if after.deposit in UNPAID and not was_unpaid:
        await _start(work, dossier=dossier, name=DEPOSIT, at=work.now, reason="deposit_required", desk=desk)
        await _enter(work, dossier=dossier, kind="pause", desk=desk)
    if was_unpaid and after.deposit not in UNPAID:
        await _stop(work, dossier=dossier, name=DEPOSIT, at=work.now, reason=str(after.deposit), desk=desk)
        await _enter(work, dossier=dossier, kind="resume", desk=desk)


async def _time_parts(work: UnitOfWork, *, dossier: Dossier, before: Supply | None, desk: Desk) -> None:
    """R468: from short until it is complete, or will not come."""
    was_short = before is not None and _waits(before)
    is_short = _waits(dossier.supply)
    if is_short and not was_short:
        await _start(work, dossier=dossier, name=PARTS_WAIT, at=work.now, reason="parts_short", desk=desk)
    if was_short and not is_short:
        reason = str(dossier.supply.request)
        await _stop(work, dossier=dossier, name=PARTS_WAIT, at=work.now, reason=reason, desk=desk)


def _waits(supply: Supply) -> bool:
    return supply.request is RequestState.SHORT and supply.claim is not None


async def time_shipment(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """R232: from the moment when the site needs the kit until it is on its way (第一时间), or needed no more.

    All of it follows from what is known by now, so that it does not matter what was heard first.
    """
    order, request = dossier.order, dossier.request
    since = needed_at(
        desk.policy.issuing.shipped_from,
        started_at=order.started_at,
        requested_at=request.requested_at,
        reserved_at=request.reserved_at,
    )
    if since is None:
        return
    await _start(work, dossier=dossier, name=SHIPMENT, at=since, reason="site_needs_it", desk=desk)
    lost_at = request.ended_at if dossier.supply.request in LOST else None
    ends = (request.issued_at, lost_at, order.completed_at, order.cancelled_at)
    if known := [end for end in ends if end is not None]:
        await _stop(work, dossier=dossier, name=SHIPMENT, at=min(known), reason="needed_no_more", desk=desk)


async def _start(work: UnitOfWork, *, dossier: Dossier, name: str, at: datetime, reason: str, desk: Desk) -> None:
    promise = desk.policy.clocks.get(name)
    if promise is not None:
        await desk.clocks.start(work, name=name, subject_id=dossier.request.id, at=at, promise=promise, reason=reason)


async def _stop(work: UnitOfWork, *, dossier: Dossier, name: str, at: datetime, reason: str, desk: Desk) -> None:
    if await _is_timed(work, dossier=dossier, name=name, desk=desk):
        await desk.clocks.stop(work, name=name, subject_id=dossier.request.id, at=at, reason=reason)


async def _enter(work: UnitOfWork, *, dossier: Dossier, kind: Literal["pause", "resume"], desk: Desk) -> None:
    """What is ordered against a deposit waits for the customer: whether that counts is the policy's to say."""
    if PARTS_WAIT in desk.policy.clocks or await _is_timed(work, dossier=dossier, name=PARTS_WAIT, desk=desk):
        enter = desk.clocks.pause if kind == "pause" else desk.clocks.resume
        ref = f"deposit/{dossier.its_deposit.id}"
        await enter(work, name=PARTS_WAIT, subject_id=dossier.request.id, at=work.now, ref=ref, reason=DEPOSIT)


async def _is_timed(work: UnitOfWork, *, dossier: Dossier, name: str, desk: Desk) -> bool:
    return bool(await desk.clocks.known(work.session, name=name, subjects=[dossier.request.id]))
