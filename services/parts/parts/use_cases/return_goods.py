"""Goods are given back or exchanged (退换货), and goods go back to their vendor (退供应商)."""

from typing import Literal
from uuid import UUID

from parts.desk import Desk
from parts.domain.goods_returns import (
    Decision,
    ReturnKind,
    ReturnState,
    bearer_of,
    check_receivable,
    check_shelf,
    decide,
)
from parts.domain.ledger import Kind
from parts.policy import require_known
from parts.queries import returns, stock
from parts.tables import GoodsReturnRow, VendorReturnRow
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
    reason: str,
    desk: Desk,
) -> GoodsReturnRow:
    """R083: after-sales accepts it, from direct shops (直销店) for instance.

    R179: where somebody has to consent, a return is the customer's cost until he does. Raises Refusal for another
    origin or reason, Unknown for the part.
    """
    terms = desk.policy.goods_returns
    require_known(origin, known=terms.origins, field="origin")
    require_known(reason, known=terms.reasons, field="reason")
    await stock.find_part(work.session, part_code=part_code)
    row = GoodsReturnRow(
        id=work.new_id(),
        kind=kind,
        origin=origin,
        case_id=case_id,
        part_code=part_code,
        quantity=quantity,
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
    """The goods are there: on the shelf again, or not fit for it (R143). Who bears the cost stays as decided (R179)."""
    row = await returns.lock_goods(work.session, goods_return_id=goods_return_id)
    require_version(row.version, expected=version)
    check_receivable(ReturnState(row.state))
    row.state, row.destination = ReturnState.RECEIVED, destination
    row.received_at, row.received_by = work.now, work.cause.actor.id
    row.version += 1
    if destination == "stock":
        check_shelf(row.reason, unfit=desk.policy.goods_returns.unfit)
        reference = f"goods_return/{goods_return_id}"
        move = Move(
            part_code=row.part_code, kind=Kind.RECEIPT, pieces=row.quantity, reference=reference, serials=serials
        )
        await move_stock(work, moves=[move], desk=desk)
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
