"""Pieces that are known by their serial number move with the others of their part."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from parts.domain.ledger import Kind
from parts.domain.serials import LEFT_AS, check_all_named, check_coming, check_drawn, check_leaving
from parts.queries import serials as known_serials
from parts.tables import SerialRow
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Pieces of a part that move, with the numbers given. `source`, `goal`: places.

    `left_with`: the paper with which pieces left that are given back, where that was for no request.
    """

    part_code: str
    kind: Kind
    pieces: int
    serials: tuple[str, ...]
    source: str | None
    goal: str | None
    request_id: UUID | None
    left_with: str | None
    reference: str


async def move_serials(work: UnitOfWork, *, named: Named) -> None:
    """All of them, under the lock of the part's stock. Raises Refusal and IllegalTransition, see `domain.serials`."""
    check_all_named(named.serials, part_code=named.part_code, pieces=named.pieces)
    rows = await known_serials.of_part(work.session, part_code=named.part_code, serials=named.serials)
    if named.source is not None:
        there = await known_serials.lying_at(work.session, part_code=named.part_code, location=named.source)
        check_leaving(named.serials, part_code=named.part_code, lying=there)
    else:
        _check_coming(named, rows=rows)
    for serial in named.serials:
        row = rows.get(serial) or _received(work, named=named, serial=serial)
        row.location, row.reference, row.moved_at = named.goal, named.reference, work.now
        row.away = LEFT_AS[named.kind] if named.goal is None else None
        row.request_id = named.request_id if named.kind is Kind.ISSUE else None


def _check_coming(named: Named, *, rows: Mapping[str, SerialRow]) -> None:
    if named.kind in {Kind.RETURN, Kind.LOSS}:
        drawn = [serial for serial, row in rows.items() if row.request_id == named.request_id]
    elif named.left_with is not None:
        drawn = [serial for serial, row in rows.items() if row.reference == named.left_with]
    else:
        known = {serial: known_serials.piece_of(row) for serial, row in rows.items()}
        check_coming(named.serials, part_code=named.part_code, kind=named.kind, known=known)
        return
    check_drawn(named.serials, part_code=named.part_code, drawn=drawn)


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
