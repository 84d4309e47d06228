"""A claim order goes to the supplier, is put off by him, arrives, or turns out to be not obtainable."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.claims import Delivery, arriving, check_expected
from parts.domain.serials import check_serials
from parts.domain.supply_words import Happening, RequestState
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out, receive_in_part
from parts.use_cases.keep_parts import keep_until_expected
from parts.use_cases.promise_day import look_again
from parts.use_cases.quote_claim_order import require_signed_quotation
from shared.contracts.parts import ClaimOrderPlaced
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def place_claim_order(
    work: UnitOfWork, *, claim_order_id: UUID, version: int | None, supplier: str, expected_at: datetime, desk: Desk
) -> Dossier:
    """R195, R199, R320: quoted and signed, the deposit paid where the policy insists. Again, it moves the day."""
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    claim, request = dossier.its_claim, dossier.request
    require_version(claim.version, expected=version)
    check_expected(expected_at, now=work.now)
    await require_signed_quotation(work, dossier=dossier)
    claim.expected_at = expected_at
    await carry_out(work, dossier=dossier, happening=Happening.PLACED, desk=desk)
    claim.supplier, claim.placed_at = supplier, claim.placed_at or work.now
    claim.version += 1
    look_again(work, codes=dossier.ordered)
    if dossier.supply.request is RequestState.SHORT:
        request.ready_at = expected_at
        keep_until_expected(work, dossier=dossier, expected_at=expected_at, desk=desk)
        work.publish(
            ClaimOrderPlaced(
                request_id=request.id,
                work_order_id=request.work_order_id,
                case_id=request.case_id,
                claim_order_id=claim.id,
                expected_at=expected_at,
                placed_at=work.now,  # of this placement: whoever hears two of them goes by the later one
            )
        )
    await desk.audit.record(
        work,
        action="claim_order_placed",
        subject=f"claim_order/{claim.id}",
        details={"expected_at": expected_at.isoformat()},
    )
    return dossier


async def receive_claim_order(
    work: UnitOfWork, *, claim_order_id: UUID, version: int | None, delivery: Delivery, desk: Desk
) -> Dossier:
    """What was ordered lies in the store, or some of it: kept for whoever waits for it, else free stock.

    `delivery`: all that is still to come where no pieces are named; all serials of serial-tracked parts. The order is
    there once nothing of it is to come. Raises Refusal for more than that, and where serials are missing.
    """
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    claim = dossier.its_claim
    require_version(claim.version, expected=version)
    awaited = dossier.awaited
    came = replace(delivery, pieces=arriving(awaited, named=delivery.pieces))
    check_serials(came.pieces, serials=came.serials)
    if came.pieces == awaited:
        claim.arrived_at = work.now
        await carry_out(work, dossier=dossier, happening=Happening.ARRIVED, desk=desk, delivery=came)
    else:
        await receive_in_part(work, dossier=dossier, delivery=came, desk=desk)
    await desk.audit.record(
        work,
        action="claim_order_arrived",
        subject=f"claim_order/{claim.id}",
        details={"pieces": sum(came.pieces.values()), "to_come": sum(dossier.awaited.values())},
    )
    return dossier


async def give_up_claim_order(work: UnitOfWork, *, claim_order_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """Nobody can deliver it: everything is let go, and the deposit refunded."""
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    require_version(dossier.its_claim.version, expected=version)
    await carry_out(work, dossier=dossier, happening=Happening.NOT_OBTAINABLE, desk=desk)
    await desk.audit.record(work, action="claim_order_given_up", subject=f"claim_order/{claim_order_id}")
    return dossier
