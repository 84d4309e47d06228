"""Goods are given back or exchanged (退换货), and goods go back to their vendor (退供应商)."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from parts.desk import Desk
from parts.domain.goods_returns import (
    Decision,
    ReturnKind,
    ReturnState,
    bearer_of,
    check_given_out,
    check_not_more,
    check_receivable,
    check_shelf,
    decide,
)
from parts.domain.ledger import Kind
from parts.domain.lines import bring_back
from parts.policy import require_known
from parts.queries import dossiers, returns, stock
from parts.tables import GoodsReturnRow, VendorReturnRow
from parts.use_cases.draw_parts import take_back
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.move_stock import Move, move_stock
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version

type Destination = Literal["stock", "scrap"]


async def ask_for_return(
    work: UnitOfWork,
    *,
    kind: ReturnKind,
    origin: str,
    case_id: UUID | None,
    part_code: str,
    quantity: int,
    left_with: str,
    reason: str,
    desk: Desk,
) -> GoodsReturnRow:
    """R083: after-sales accepts it, from direct shops (直销店) for instance, as it left with a paper of the ledger.

    R179: where somebody has to consent, a return is the customer's cost until he does. Raises Refusal for another
    origin or reason and for a paper with which nothing left, Unknown for the part, IllegalTransition for more than left
    and is not back, and for what was fitted (R315).
    """
    terms = desk.policy.goods_returns
    require_known(origin, known=terms.origins, field="origin")
    require_known(reason, known=terms.reasons, field="reason")
    await stock.find_part(work.session, part_code=part_code)
    out = await returns.given_out(work.session, part_code=part_code, left_with=left_with)
    check_given_out(out, part_code=part_code, left_with=left_with)
    if out.request_id is None:
        check_not_more(quantity, out=out, part_code=part_code, left_with=left_with)
    else:
        seen = await dossiers.look(work.session, request_id=out.request_id)
        bring_back(seen.counted, wanted={part_code: quantity})
    row = GoodsReturnRow(
        id=work.new_id(),
        kind=kind,
        origin=origin,
        case_id=case_id,
        part_code=part_code,
        quantity=quantity,
        left_with=left_with,
        request_id=out.request_id,
        reason=reason,
        state=ReturnState.ASKED,
        borne_by=bearer_of(kind, state=ReturnState.ASKED, consents=terms.consented_by),
        asked_at=work.now,
        asked_by=work.cause.actor.id,
    )
    work.session.add(row)
    await desk.audit.record(work, action="return_asked", subject=f"goods_return/{row.id}", details={"origin": origin})
    return row


async def decide_return(
    work: UnitOfWork, *, goods_return_id: UUID, version: int | None, decision: Decision, desk: Desk
) -> GoodsReturnRow:
    """R179: with the general manager's consent (总经理) the company bears the cost. Raises NotAllowed."""
    row = await returns.lock_goods(work.session, goods_return_id=goods_return_id)
    require_version(row.version, expected=version)
    consents, role = desk.policy.goods_returns.consented_by, work.cause.actor.role
    state = decide(ReturnState(row.state), role=role, consents=consents, approved=decision)
    row.state, row.borne_by = state, bearer_of(ReturnKind(row.kind), state=state, consents=consents)
    row.decided_at, row.decided_by = work.now, work.cause.actor.id
    row.version += 1
    await desk.audit.record(
        work, action="return_decided", subject=f"goods_return/{goods_return_id}", details={"decision": decision}
    )
    return row


async def receive_return(
    work: UnitOfWork,
    *,
    goods_return_id: UUID,
    version: int | None,
    destination: Destination,
    serials: tuple[str, ...],
    desk: Desk,
) -> GoodsReturnRow:
    """The goods are there: on the shelf again, or not fit for it (R143). Who bears the cost stays as decided (R179).

    Raises IllegalTransition for more than left and is not back by now, and for what was fitted since (R315).
    """
    row = await returns.lock_goods(work.session, goods_return_id=goods_return_id)
    require_version(row.version, expected=version)
    check_receivable(ReturnState(row.state))
    if destination == "stock":
        check_shelf(row.reason, unfit=desk.policy.goods_returns.unfit)
    if row.request_id is None:
        await _from_the_house(work, row=row, destination=destination, serials=serials, desk=desk)
    else:
        await _from_a_request(
            work, row=row, request_id=row.request_id, destination=destination, serials=serials, desk=desk
        )
    row.state, row.destination = ReturnState.RECEIVED, destination
    row.received_at, row.received_by = work.now, work.cause.actor.id
    row.version += 1
    await desk.audit.record(
        work,
        action="return_received",
        subject=f"goods_return/{goods_return_id}",
        details={"destination": destination},
    )
    return row


async def return_to_vendor(
    work: UnitOfWork,
    *,
    part_code: str,
    quantity: int,
    supplier: str,
    reason: str,
    serials: tuple[str, ...],
    desk: Desk,
) -> VendorReturnRow:
    """Free pieces leave the store for their vendor. Raises IllegalTransition for more than lie free."""
    require_known(reason, known=desk.policy.goods_returns.vendor_reasons, field="reason")
    row = VendorReturnRow(
        id=work.new_id(),
        part_code=part_code,
        quantity=quantity,
        supplier=supplier,
        reason=reason,
        at=work.now,
        by=work.cause.actor.id,
    )
    reference = f"vendor_return/{row.id}"
    move = Move(part_code=part_code, kind=Kind.VENDOR_RETURN, pieces=quantity, reference=reference, serials=serials)
    await move_stock(work, moves=[move], desk=desk)
    work.session.add(row)
    await desk.audit.record(
        work, action="returned_to_vendor", subject=f"part/{part_code}", details={"quantity": quantity, "reason": reason}
    )
    return row


async def _from_a_request(
    work: UnitOfWork,
    *,
    row: GoodsReturnRow,
    request_id: UUID,
    destination: Destination,
    serials: tuple[str, ...],
    desk: Desk,
) -> None:
    """Its lines know what is owed: it is a return of unused pieces (R315), of which what is unfit is written off."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    await take_back(
        work,
        dossier=dossier,
        wanted={row.part_code: row.quantity},
        serials={row.part_code: serials},
        reason=row.reason,
        received_at=work.now,
        location=None,
        desk=desk,
    )
    if destination == "scrap":
        await move_stock(
            work, moves=[_move(row, kind=Kind.ADJUSTMENT, pieces=-row.quantity, serials=serials)], desk=desk
        )


async def _from_the_house(
    work: UnitOfWork, *, row: GoodsReturnRow, destination: Destination, serials: tuple[str, ...], desk: Desk
) -> None:
    """It is worth what it cost when it left; what is unfit stays out of the books."""
    await lock_stock(work, codes={row.part_code}, desk=desk)
    out = await returns.given_out(work.session, part_code=row.part_code, left_with=row.left_with)
    check_not_more(row.quantity, out=out, part_code=row.part_code, left_with=row.left_with)
    if destination == "stock":
        move = _move(row, kind=Kind.RECEIPT, pieces=row.quantity, serials=serials)
        back = replace(move, unit_cost=out.cost / out.pieces, left_with=row.left_with)
        await move_stock(work, moves=[back], desk=desk)


def _move(row: GoodsReturnRow, *, kind: Kind, pieces: int, serials: tuple[str, ...]) -> Move:
    return Move(part_code=row.part_code, kind=kind, pieces=pieces, reference=f"goods_return/{row.id}", serials=serials)
