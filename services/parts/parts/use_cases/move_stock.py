"""The one way in which stock changes: a line in the ledger, under the lock of its part (R324)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from parts.domain.ledger import Kind, change, post
from parts.queries import stock, waiting
from parts.tables import MovementRow, StockRow
from shared.messaging.unit_of_work import UnitOfWork

FREED_DEADLINE = "freed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """So many pieces of one part. `reference`: the paper or the reason behind it."""

    part_code: str
    kind: Kind
    pieces: int
    reference: str
    request_id: UUID | None = None


async def move_stock(work: UnitOfWork, *, moves: Sequence[Move]) -> list[MovementRow]:
    """Post them all. Raises IllegalTransition where pieces are lacking, Unknown for what the catalogue has not.

    Where pieces become free for which a request waits, it is served right after this transaction: it hangs on a work
    order of its own, which may not be locked after stock.
    """
    held = await stock.lock(work.session, codes={move.part_code for move in moves})
    lines = [await _post(work, move=move, row=held.get(move.part_code)) for move in moves]
    freed = {line.part_code for line in lines if line.on_hand > line.reserved}
    wake_short(work, codes=await waiting.waited_for(work.session, codes=freed))
    return lines


def wake_short(work: UnitOfWork, *, codes: Collection[str]) -> None:
    """Have those who wait for these parts looked at right after this transaction."""
    for part_code in codes:
        work.set_deadline(
            f"{FREED_DEADLINE}/{part_code}", kind=FREED_DEADLINE, due=work.now, data={"part_code": part_code}
        )


async def _post(work: UnitOfWork, *, move: Move, row: StockRow | None) -> MovementRow:
    if row is None:
        await stock.find_part(work.session, part_code=move.part_code)
        raise LookupError(f"the part {move.part_code} has no stock")
    movement = change(move.kind, pieces=move.pieces)
    after = post(stock.stock_of(row), part_code=move.part_code, movement=movement)
    row.on_hand, row.reserved, row.issued = after.on_hand, after.reserved, after.issued
    line = MovementRow(
        id=work.new_id(),
        part_code=move.part_code,
        kind=move.kind,
        on_hand=movement.on_hand,
        reserved=movement.reserved,
        issued=movement.issued,
        request_id=move.request_id,
        reference=move.reference,
        at=work.now,
        by=work.cause.actor.id,
    )
    work.session.add(line)
    return line
