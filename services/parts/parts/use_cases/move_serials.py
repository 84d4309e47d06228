"""Pieces that are known by their serial number move with the others of their part."""

from dataclasses import dataclass
from uuid import UUID

from parts.domain.ledger import Kind
from parts.domain.serials import check_all_named, check_drawn, check_each_once, check_leaving, check_new
from parts.queries import serials as known_serials
from parts.tables import SerialRow
from shared.messaging.unit_of_work import UnitOfWork

ONE_BY_ONE = frozenset({Kind.RECEIPT, Kind.ISSUE, Kind.RETURN})
"""What comes in, what is drawn for a customer, and what comes back, is known piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Pieces of a part that move, with the numbers given. `source`, `goal`: places; `on_hand`: at the source."""

    part_code: str
    kind: Kind
    pieces: int
    serials: tuple[str, ...]
    source: str | None
    goal: str | None
    on_hand: int
    request_id: UUID | None
    reference: str


async def move_serials(work: UnitOfWork, *, named: Named) -> None:
    """Under the lock of the part's stock. Raises Refusal and IllegalTransition, see `domain.serials`."""
    check_each_once(named.serials, part_code=named.part_code, pieces=named.pieces)
    rows = await known_serials.of_part(work.session, part_code=named.part_code, serials=named.serials)
    if named.source is None:
        lying = [serial for serial, row in rows.items() if row.location is not None]
        check_new(named.serials, part_code=named.part_code, lying=lying)
    else:
        there = await known_serials.lying_at(work.session, part_code=named.part_code, location=named.source)
        check_leaving(named.serials, part_code=named.part_code, pieces=named.pieces, lying=there, on_hand=named.on_hand)
    if named.kind is Kind.RETURN:
        drawn = [serial for serial, row in rows.items() if row.request_id == named.request_id]
        check_drawn(named.serials, part_code=named.part_code, drawn=drawn)
    if named.kind in ONE_BY_ONE:
        check_all_named(named.serials, part_code=named.part_code, pieces=named.pieces)
    for serial in named.serials:
        row = rows.get(serial) or _received(work, named=named, serial=serial)
        row.location, row.reference, row.moved_at = named.goal, named.reference, work.now
        row.request_id = named.request_id if named.kind is Kind.ISSUE else None


def _received(work: UnitOfWork, *, named: Named, serial: str) -> SerialRow:
    row = SerialRow(
        id=work.new_id(),
        part_code=named.part_code,
        serial=serial,
        reference=named.reference,
        received_at=work.now,
        moved_at=work.now,
    )
    work.session.add(row)
    return row
