"""Goods are given back or exchanged (退换货), and goods go back to their vendor (退供应商)."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.goods_returns import (
    NAMED_AS,
    RETURN_PAPER,
    Decision,
    Destination,
    ReturnKind,
    ReturnState,
    bearer_of,
    check_given_out,
    check_no_numbers,
    check_not_more,
    check_receivable,
    check_shelf,
    check_were_fitted,
    decide,
    require_paper,
)
from parts.domain.ledger import Kind
from parts.policy import require_known
from parts.queries import dossiers, returns, stock
from parts.tables import GoodsReturnRow, VendorReturnRow
from parts.use_cases.draw_parts import take_back
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.move_serials import Named, move_serials
from parts.use_cases.move_stock import Move, move_stock
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def ask_for_return(
    work: UnitOfWork,
    *,
    kind: ReturnKind,
    origin: str,
    case_id: UUID | None,
    part_code: str,
    quantity: int,
    left_with: str | None,
    reason: str,
    desk: Desk,
) -> GoodsReturnRow:
    """R083: after-sales accepts it, from direct shops (直销店) for instance, whether it left the store or not.

    R179: where somebody has to consent, a return is the customer's cost until he does. `left_with`: the paper of the
    ledger, needed only of what is to be stock again. Raises Refusal for another origin or reason and for a paper with
    which nothing left, Unknown for the part, IllegalTransition for more than left with it and is not back.
    """
    terms = desk.policy.goods_returns
    require_known(origin, known=terms.origins, field="origin")
    require_known(reason, known=terms.reasons, field="reason")
    await stock.find_part(work.session, part_code=part_code)
    request_id = None
    if left_with is not None:
        out = await returns.given_out(work.session, part_code=part_code, left_with=left_with)
        check_given_out(out, part_code=part_code, left_with=left_with)
        check_not_more(quantity, out=out, part_code=part_code, left_with=left_with)
        request_id = out.request_id
    row = GoodsReturnRow(
        id=work.new_id(),
        kind=kind,
        origin=origin,
        case_id=case_id,
        part_code=part_code,
        quantity=quantity,
        left_with=left_with,
        request_id=request_id,
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

    Raises IllegalTransition for more than left and is not back by now, and for the shelf for what was fitted (R315) and
    what left with no paper; Refusal for serial numbers that are lacking or say nothing.
    """
    row = await returns.lock_goods(work.session, goods_return_id=goods_return_id)
    require_version(row.version, expected=version)
    check_receivable(ReturnState(row.state))
    if destination is Destination.STOCK:
        check_shelf(row.reason, unfit=desk.policy.goods_returns.unfit)
        await _lie_in_store(work, row=row, serials=serials, desk=desk)
    else:
        await _put_aside(work, row=row, kind=NAMED_AS[destination], serials=serials, desk=desk)
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


async def _lie_in_store(work: UnitOfWork, *, row: GoodsReturnRow, serials: tuple[str, ...], desk: Desk) -> None:
    """Stock again, worth what it cost when it left; of a request it is a return of the unused pieces that it owes."""
    left_with = require_paper(row.left_with)
    if row.request_id is not None:
        dossier = await dossiers.lock_request(work.session, request_id=row.request_id)
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
        return
    await lock_stock(work, codes={row.part_code}, desk=desk)
    out = await returns.given_out(work.session, part_code=row.part_code, left_with=left_with)
    check_not_more(row.quantity, out=out, part_code=row.part_code, left_with=left_with)
    back = Move(
        part_code=row.part_code,
        kind=Kind.RECEIPT,
        pieces=row.quantity,
        reference=f"{RETURN_PAPER}{row.id}",
        serials=serials,
        worth=out.worth_of(row.quantity),
        left_with=left_with,
    )
    await move_stock(work, moves=[back], desk=desk)


async def _put_aside(
    work: UnitOfWork, *, row: GoodsReturnRow, kind: Kind, serials: tuple[str, ...], desk: Desk
) -> None:
    """It left the books when it was given out, and stays out of them; what left once is counted back once."""
    if row.left_with is None:
        check_no_numbers(serials, part_code=row.part_code)
        return
    if row.request_id is not None:
        dossier = await dossiers.lock_request(work.session, request_id=row.request_id)
        [line] = [line for line in dossier.counted if line.part_code == row.part_code]
        before = await returns.came_back_used(work.session, request_id=row.request_id, part_code=row.part_code)
        check_were_fitted(line, pieces=row.quantity, before=before)
    await lock_stock(work, codes={row.part_code}, desk=desk)
    out = await returns.given_out(work.session, part_code=row.part_code, left_with=row.left_with)
    check_not_more(row.quantity, out=out, part_code=row.part_code, left_with=row.left_with)
    if not await stock.serial_tracked(work.session, codes={row.part_code}):
        check_no_numbers(serials, part_code=row.part_code)
        return
    named = Named(
        part_code=row.part_code,
        kind=kind,
        pieces=row.quantity,
        serials=serials,
        source=None,
        goal=None,
        request_id=None,
        left_with=row.left_with,
        reference=f"goods_return/{row.id}",
    )
    await move_serials(work, named=named)
