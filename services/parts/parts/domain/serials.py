"""Serial numbers (序列号): each piece of a serial-tracked part is in one place, and moves one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from parts.domain.ledger import Kind
from shared.refusals import IllegalTransition, Refusal

SHOWN = 5

type Serials = Mapping[str, Sequence[str]]
"""Part code to the serial numbers of its pieces."""


class Away(StrEnum):
    """Where a piece is that lies in no place of the store."""

    DRAWN = "drawn"  # out with a request: with whoever drew it, or fitted
    USED_UP = "used_up"  # drawn by the house, or given to whoever asked purchasing
    AT_VENDOR = "at_vendor"
    WRITTEN_OFF = "written_off"  # lost, damaged, scrapped, or missing when it was counted
    REMOVED = "removed"  # taken out of a unit and handed in as an old part (旧件)


LEFT_AS: Mapping[Kind, Away] = MappingProxyType(
    {
        Kind.ISSUE: Away.DRAWN,
        Kind.INTERNAL: Away.USED_UP,
        Kind.SITE: Away.USED_UP,
        Kind.VENDOR_RETURN: Away.AT_VENDOR,
        Kind.LOSS: Away.WRITTEN_OFF,
        Kind.ADJUSTMENT: Away.WRITTEN_OFF,
    }
)
"""What becomes of a piece that a movement takes off the shelf, or out of the hands of who drew it, for good."""

_AGAIN = frozenset({Away.AT_VENDOR, Away.REMOVED, Away.WRITTEN_OFF})
"""What may be received again: repaired, or replaced by one of the same number."""

COMES_AS: Mapping[Kind, frozenset[Away]] = MappingProxyType(
    {
        Kind.RECEIPT: _AGAIN,
        Kind.SITE: _AGAIN,
        Kind.ADJUSTMENT: frozenset({Away.WRITTEN_OFF}),  # found again
    }
)
"""Which of the pieces that were there before may come again with a movement that is no return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece as the store knows it: it lies in a place, or is away. `reference`: the paper of its last move."""

    location: str | None
    away: Away | None
    request_id: UUID | None
    reference: str


def check_each_once(serials: Sequence[str], *, part_code: str, pieces: int) -> None:
    """Raises Refusal for one that is named twice, or for more of them than pieces."""
    if len(set(serials)) < len(serials) or len(serials) > pieces:
        raise Refusal(
            "wrong_serials",
            detail=f"{part_code}: {len(serials)} serial numbers, {len(set(serials))} of them different, for {pieces}",
            expected=f"at most {pieces} serial numbers, each once",
        )


def check_serials(wanted: Mapping[str, int], *, serials: Serials) -> None:
    """`wanted`: part code to pieces; `serials`: to their numbers, where any are known. Raises Refusal."""
    for part_code, given in serials.items():
        check_each_once(given, part_code=part_code, pieces=wanted.get(part_code, 0))


def check_all_named(serials: Sequence[str], *, part_code: str, pieces: int) -> None:
    """Raises Refusal where a piece of a serial-tracked part moves or is counted without its number."""
    check_each_once(serials, part_code=part_code, pieces=pieces)
    if len(serials) != pieces:
        raise Refusal(
            "serials_needed",
            detail=f"{part_code} is known by serial numbers; {len(serials)} are given for {pieces} pieces",
            expected=f"exactly {pieces} serial numbers",
        )


def check_coming(serials: Sequence[str], *, part_code: str, kind: Kind, known: Mapping[str, Piece]) -> None:
    """`known`: those that the store ever had. Raises IllegalTransition for a piece that is somewhere else."""
    if lying := sorted(serial for serial in serials if serial in known and known[serial].location is not None):
        raise IllegalTransition(
            "serial_in_store",
            detail=f"{part_code}: {', '.join(lying[:SHOWN])} lies in the store already",
            expected="the serial numbers of the pieces that came in; what lies in another place is transferred",
        )
    again = [serial for serial in serials if serial in known]
    if out := sorted(serial for serial in again if known[serial].away not in COMES_AS[kind]):
        told = ", ".join(f"{serial} is {known[serial].away} with {known[serial].reference}" for serial in out[:SHOWN])
        raise IllegalTransition(
            "serial_out",
            detail=f"{part_code}: {told}",
            expected="new pieces, and those that were repaired or replaced; what was drawn comes back with a return,"
            " and what was written off is found by an adjustment",
        )


def check_drawn(serials: Sequence[str], *, part_code: str, drawn: Collection[str]) -> None:
    """`drawn`: those that left with the paper that is returned. Raises IllegalTransition for others."""
    if strange := [serial for serial in serials if serial not in drawn]:
        raise IllegalTransition(
            "serial_not_drawn",
            detail=f"{part_code}: {', '.join(strange[:SHOWN])} was not drawn for this request",
            expected=f"of those that were: {', '.join(sorted(drawn)[:SHOWN]) or 'none'}",
        )


def check_leaving(serials: Sequence[str], *, part_code: str, lying: Collection[str]) -> None:
    """`lying`: those in the place that is left. Raises IllegalTransition for others."""
    if missing := [serial for serial in serials if serial not in lying]:
        raise IllegalTransition(
            "serial_not_there",
            detail=f"{part_code}: {', '.join(missing[:SHOWN])} does not lie there",
            expected=f"of those that do: {', '.join(sorted(lying)[:SHOWN]) or 'none is known'}",
        )


def check_may_flip(part_code: str, *, on_hand: int, issued: int) -> None:
    """Raises IllegalTransition where pieces would lie there or come back with numbers that nobody knows, or without."""
    if on_hand or issued:
        raise IllegalTransition(
            "serials_in_use",
            detail=f"{part_code}: {on_hand} pieces are on hand and {issued} issued, named or unnamed as they came",
            expected="is_serial as it is until none is on hand or issued, or another part_code for the pieces to come",
        )
