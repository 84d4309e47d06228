"""Pieces are brought from one place to another (调拨): both sides in one transaction, or neither."""

from parts.desk import Desk
from parts.domain.ledger import Kind
from parts.tables import MovementRow
from parts.use_cases.move_stock import Move, move_stock
from shared.messaging.unit_of_work import UnitOfWork


async def transfer_stock(
    work: UnitOfWork,
    *,
    part_code: str,
    pieces: int,
    source: str,
    destination: str,
    serials: tuple[str, ...],
    desk: Desk,
) -> list[MovementRow]:
    """The line of the place left and that of the place reached. Raises IllegalTransition for more than lies there."""
    move = Move(
        part_code=part_code,
        kind=Kind.TRANSFER,
        pieces=pieces,
        reference=f"transfer/{work.new_id()}",
        location=source,
        destination=destination,
        serials=serials,
    )
    lines = await move_stock(work, moves=[move], desk=desk)
    await desk.audit.record(
        work,
        action="stock_transferred",
        subject=f"part/{part_code}",
        details={"quantity": pieces, "from": source, "to": destination},
    )
    return lines
