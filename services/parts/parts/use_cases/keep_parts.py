"""Everything that was asked for lies in the store: it is kept until it is drawn, or until its time is over."""

from datetime import datetime, timedelta
from uuid import UUID

from parts.desk import Desk
from parts.domain.ledger import Kind
from parts.domain.lines import reserve
from parts.domain.promising import renew
from parts.domain.serving import Partial, lies_free
from parts.queries import dossiers, stock
from parts.queries.dossiers import Dossier
from parts.use_cases.move_stock import Move, move_stock
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartsReserved
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version

EXPIRY_DEADLINE = "reservation"


async def keep_what_there_is(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """R327: of what is missing, whatever lies free on the shelf is kept for the request."""
    held = await stock.lock(work.session, codes={line.part_code for line in dossier.lines})
    before = dossier.counted
    kept = [reserve(line, available=stock.stock_of(held[line.part_code]).available) for line in before]
    dossier.write_lines(kept)
    request_id = dossier.request.id
    moves = [
        Move(
            part_code=new.part_code,
            kind=Kind.RESERVE,
            pieces=new.reserved - old.reserved,
            reference=f"parts_request/{request_id}",
            request_id=request_id,
        )
        for old, new in zip(before, kept, strict=True)
        if new.reserved > old.reserved
    ]
    await move_stock(work, moves=moves, desk=desk)


async def keep_in_part(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """R327: what there is, unless the policy wants a kit whole and it is not: then nothing of it leaves the shelf."""
    held = await stock.lock(work.session, codes={line.part_code for line in dossier.lines})
    available = {part_code: stock.stock_of(row).available for part_code, row in held.items()}
    is_whole = lies_free(dossier.missing, available=available)
    if is_whole or desk.policy.reservations.partial is Partial.KEPT:
        await keep_what_there_is(work, dossier=dossier, desk=desk)


def keep_parts(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """Say so, and let the time run after which the pieces go back to the shelf."""
    request = dossier.request
    request.reserved_at = request.ready_at = work.now
    _keep_until(work, dossier=dossier, expires_at=work.now + _kept_for(dossier, desk=desk))


def keep_for_a_while(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """Pieces that wait for those that are missing are not kept for ever either; where there are none, no time runs."""
    if any(line.reserved for line in dossier.lines):
        _keep_until(work, dossier=dossier, expires_at=work.now + desk.policy.reservations.kept_for_claim)


def keep_until_expected(work: UnitOfWork, *, dossier: Dossier, expected_at: datetime, desk: Desk) -> None:
    """The supplier has what is missing: the time of what is kept meanwhile runs from the day that he promised."""
    expires_at = dossier.request.expires_at
    if expires_at is not None:
        until = max(expires_at, expected_at + desk.policy.reservations.kept_for_claim)
        _keep_until(work, dossier=dossier, expires_at=until)


async def renew_reservation(work: UnitOfWork, *, request_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """The pieces are kept for as long again, and dispatch hears until when. Raises IllegalTransition."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    request = dossier.request
    require_version(request.version, expected=version)
    expires_at = renew(
        request.expires_at,
        renewals=request.renewals,
        allowed=desk.policy.reservations.renewals,
        until=work.now + _kept_for(dossier, desk=desk),
    )
    request.renewals += 1
    request.version += 1
    _keep_until(work, dossier=dossier, expires_at=expires_at)
    await desk.audit.record(work, action="reservation_renewed", subject=f"parts_request/{request_id}")
    return dossier


def _kept_for(dossier: Dossier, *, desk: Desk) -> timedelta:
    terms = desk.policy.reservations
    return terms.kept_for if dossier.claim is None else terms.kept_for_claim


def _keep_until(work: UnitOfWork, *, dossier: Dossier, expires_at: datetime) -> None:
    """Dispatch hears until when a whole kit is kept; of what is kept in part it hears when that is over."""
    request = dossier.request
    request.expires_at = expires_at
    work.set_deadline(
        f"{EXPIRY_DEADLINE}/{request.id}",
        kind=EXPIRY_DEADLINE,
        due=expires_at,
        data={"request_id": str(request.id)},
    )
    if dossier.missing:
        return
    work.publish(
        PartsReserved(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            lines=tuple(PartNeed(part_code=line.part_code, quantity=line.asked) for line in dossier.lines),
            reserved_at=request.reserved_at or work.now,
            expires_at=expires_at,
        )
    )
