"""Pieces come in (入库), and what is counted differs from what was booked (盘点)."""

from parts.desk import Desk
from parts.domain.forms import ReceiptForm
from parts.domain.ledger import Kind
from parts.domain.valuation import worth_of
from parts.policy import require_known
from parts.queries import serials, stock
from parts.tables import MovementRow
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.move_stock import Move, move_stock
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition


async def receive_stock(work: UnitOfWork, *, form: ReceiptForm, desk: Desk) -> MovementRow:
    """Once for each part and reference. Raises IllegalTransition for the same reference again, Unknown for the part."""
    known = await _receipt(work, form=form, desk=desk)
    if known is not None:
        raise _posted(known)
    return await _receive(work, form=form, desk=desk)


async def put_receipt(work: UnitOfWork, *, form: ReceiptForm, desk: Desk) -> RowOutcome:
    """One line of an import; a line that was imported before changes nothing.

    Raises IllegalTransition for another one of the same part and reference: pieces of a second place, at another cost
    or with other numbers have a paper of their own.
    """
    known = await _receipt(work, form=form, desk=desk)
    if known is None:
        await _receive(work, form=form, desk=desk)
        return RowOutcome.CREATED
    numbers = await _known_numbers(work, form=form)
    if not _says_the_same(known, form=form, desk=desk) or numbers < len(form.serials):
        raise _posted(known)
    return RowOutcome.UNCHANGED


async def adjust_stock(
    work: UnitOfWork,
    *,
    part_code: str,
    difference: int,
    reason: str,
    location: str | None,
    serials: tuple[str, ...],
    desk: Desk,
) -> MovementRow:
    """More or fewer pieces on the shelf than the books say. Raises IllegalTransition for fewer than are reserved."""
    require_known(reason, known=desk.policy.adjustment_reasons, field="reason")
    move = Move(
        part_code=part_code,
        kind=Kind.ADJUSTMENT,
        pieces=difference,
        reference=reason,
        location=location,
        serials=serials,
    )
    [line] = await move_stock(work, moves=[move], desk=desk)
    await desk.audit.record(
        work,
        action="stock_adjusted",
        subject=f"part/{part_code}",
        details={"difference": difference, "reason": reason},
    )
    return line


async def _receipt(work: UnitOfWork, *, form: ReceiptForm, desk: Desk) -> MovementRow | None:
    await lock_stock(work, codes={form.part_code}, desk=desk)
    return await stock.receipt(work.session, part_code=form.part_code, reference=form.reference)


def _says_the_same(known: MovementRow, *, form: ReceiptForm, desk: Desk) -> bool:
    """Whether the line is what was received; what it cost is no difference where the line does not say."""
    worth = known.value if form.unit_cost is None else worth_of(form.quantity, unit_cost=form.unit_cost)
    location = form.location or desk.policy.first_storeroom.code
    return (known.on_hand, known.location, known.value) == (form.quantity, location, worth)


async def _known_numbers(work: UnitOfWork, *, form: ReceiptForm) -> int:
    """How many of its numbers pieces of the part have; all where the part has none."""
    if not await stock.serial_tracked(work.session, codes={form.part_code}):
        return len(form.serials)
    return len(await serials.of_part(work.session, part_code=form.part_code, serials=form.serials))


async def _receive(work: UnitOfWork, *, form: ReceiptForm, desk: Desk) -> MovementRow:
    move = Move(
        part_code=form.part_code,
        kind=Kind.RECEIPT,
        pieces=form.quantity,
        reference=form.reference,
        location=form.location,
        unit_cost=form.unit_cost,
        serials=form.serials,
    )
    [line] = await move_stock(work, moves=[move], desk=desk)
    await desk.audit.record(
        work, action="stock_received", subject=f"part/{form.part_code}", details={"quantity": form.quantity}
    )
    return line


def _posted(known: MovementRow) -> IllegalTransition:
    return IllegalTransition(
        "receipt_posted",
        detail=f"{known.part_code} was received under {known.reference} already: {known.on_hand} pieces at"
        f" {known.location}, worth {known.value} yuan",
        expected="another reference, or an adjustment where the quantity was wrong",
    )
