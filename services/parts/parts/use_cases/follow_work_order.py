"""A work order is started, completed or called off: what hangs on it follows, whatever was heard first."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from parts.desk import Desk
from parts.domain.ledger import Kind
from parts.domain.lines import fit, together
from parts.domain.supply_words import OPEN, Happening
from parts.queries import costs, dossiers, stock
from parts.queries.dossiers import Dossier
from parts.tables import DiscrepancyRow, WorkOrderRow
from parts.use_cases.carry_out import balance, carry_out
from parts.use_cases.lend_tool import end_use
from parts.use_cases.move_stock import Move, move_stock
from parts.use_cases.time_request import time_shipment
from shared.contracts.dispatch import WorkOrderCancelled, WorkOrderCompleted, WorkOrderStarted
from shared.messaging.unit_of_work import UnitOfWork


async def start_issuing(work: UnitOfWork, *, started: WorkOrderStarted, desk: Desk) -> None:
    """R314: from now on parts may be drawn; the first start of several counts. R232: a kit is waited for."""
    order = await dossiers.lock_order(work.session, order_id=started.work_order_id)
    order.started_at = min(order.started_at or started.started_at, started.started_at)
    for dossier in await dossiers.of_order(work.session, order=order):
        await time_shipment(work, dossier=dossier, desk=desk)


async def release_parts(work: UnitOfWork, *, cancelled: WorkOrderCancelled, desk: Desk) -> None:
    """Everything goes back, the deposit too; what the supplier has already will be free stock."""
    order = await dossiers.lock_order(work.session, order_id=cancelled.work_order_id)
    if order.cancelled_at is not None:
        return
    order.cancelled_at = cancelled.cancelled_at
    await end_use(work, work_order_id=order.work_order_id, ended_at=cancelled.cancelled_at, desk=desk)
    for dossier in await _open_dossiers(work, order=order):
        await carry_out(work, dossier=dossier, happening=Happening.CANCELLED, desk=desk)
        await balance(work, dossier=dossier, desk=desk)


async def settle_parts(work: UnitOfWork, *, completed: WorkOrderCompleted, desk: Desk) -> None:
    """R321: what was fitted is used up and its deposit refunded; what was not drawn goes back; the rest is owed.

    What was fitted and neither issued nor shipped straight to its site moves no stock: it is a discrepancy, for
    somebody to count and to clear up.
    """
    order = await dossiers.lock_order(work.session, order_id=completed.work_order_id)
    if order.completed_at is not None:
        return
    order.completed_at = completed.completed_at
    await end_use(work, work_order_id=order.work_order_id, ended_at=completed.completed_at, desk=desk)
    left = together([(line.part_code, line.quantity) for line in completed.fitted])
    for dossier in await _open_dossiers(work, order=order):
        left = await _use_up(work, dossier=dossier, fitted=left, desk=desk)
        is_replaced = any(line.fitted for line in dossier.lines if line.part_code in dossier.ordered)
        happening = Happening.FITTED if is_replaced else Happening.NOT_FITTED
        await carry_out(work, dossier=dossier, happening=happening, desk=desk)
        await balance(work, dossier=dossier, desk=desk)
    left = await _use_up_at_site(work, order=order, fitted=left)
    if left:
        work.session.add(
            DiscrepancyRow(
                id=work.new_id(),
                work_order_id=order.work_order_id,
                work_order_number=completed.work_order_number,
                case_id=completed.case_id,
                lines=[{"part_code": code, "quantity": pieces} for code, pieces in sorted(left.items())],
                found_at=completed.completed_at,
            )
        )


async def _open_dossiers(work: UnitOfWork, *, order: WorkOrderRow) -> Sequence[Dossier]:
    """Those that are not over, with the stock of all their parts locked in one go."""
    found = [one for one in await dossiers.of_order(work.session, order=order) if one.supply.request in OPEN]
    await stock.lock(work.session, codes={line.part_code for one in found for line in one.lines})
    return found


async def _use_up(work: UnitOfWork, *, dossier: Dossier, fitted: dict[str, int], desk: Desk) -> dict[str, int]:
    """Have the fitted pieces leave the books; what of them was not drawn on this request."""
    before = dossier.counted
    after, left = fit(before, fitted=fitted)
    dossier.write_lines(after)
    used = [(old.part_code, new.fitted - old.fitted) for old, new in zip(before, after, strict=True)]
    moves = [_consumed(part, pieces, request_id=dossier.request.id) for part, pieces in used if pieces]
    await move_stock(work, moves=moves, desk=desk)
    return left


async def _use_up_at_site(work: UnitOfWork, *, order: WorkOrderRow, fitted: Mapping[str, int]) -> dict[str, int]:
    """R337: note what of it had gone straight to the site; what had not."""
    there = together(
        [(one.part_code, one.pieces) for one in await costs.at_site(work.session, work_order_id=order.work_order_id)]
    )
    used = {code: min(pieces, there.get(code, 0)) for code, pieces in fitted.items() if code in there}
    order.fitted_from_site = [{"part_code": code, "quantity": pieces} for code, pieces in sorted(used.items())]
    missing = {code: pieces - used.get(code, 0) for code, pieces in fitted.items()}
    return {code: pieces for code, pieces in missing.items() if pieces}


def _consumed(part_code: str, pieces: int, *, request_id: UUID) -> Move:
    reference = f"parts_request/{request_id}"
    return Move(part_code=part_code, kind=Kind.CONSUME, pieces=pieces, reference=reference, request_id=request_id)
