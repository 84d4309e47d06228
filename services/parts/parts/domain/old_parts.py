"""Removed parts (旧件): as many come back as were exchanged, and under warranty each by its number (R296)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from parts.domain.lines import Line
from parts.domain.serials import SHOWN, Piece
from shared.contracts.facts import WarrantyStatus
from shared.refusals import IllegalTransition, Refusal


class FaultySerials(StrEnum):
    """Whether the number of the faulty piece has to be known, as that of the piece that replaced it is."""

    IN_WARRANTY = "in_warranty"
    OPTIONAL = "optional"


class Repair(StrEnum):
    """How far the repair is that parts were taken out in."""

    UNDER_WAY = "under_way"
    COMPLETED = "completed"


def is_needed(terms: FaultySerials, *, warranty: WarrantyStatus) -> bool:
    """Whether the faulty pieces of serial-tracked parts have to be named."""
    return terms is FaultySerials.IN_WARRANTY and warranty is WarrantyStatus.IN_WARRANTY


def check_exchanged(
    lines: Sequence[Line], *, wanted: Mapping[str, int], handed_in: Mapping[str, int], repair: Repair
) -> None:
    """`handed_in`: what came back with the request before. Raises Refusal for a part that was not issued on it.

    Raises IllegalTransition for more than were fitted; while the repair is under way, all that is out counts as fitted.
    """
    out = {line.part_code: line for line in lines if line.issued}
    if unknown := sorted(wanted.keys() - out.keys()):
        raise Refusal(
            "not_issued",
            detail=f"{', '.join(unknown)} was not issued on this request",
            expected=f"what was taken out for: {', '.join(sorted(out)) or 'nothing yet'}",
        )
    for part_code, pieces in wanted.items():
        line, before = out[part_code], handed_in.get(part_code, 0)
        exchanged = line.fitted if repair is Repair.COMPLETED else line.out
        if before + pieces > exchanged:
            raise IllegalTransition(
                "more_than_exchanged",
                detail=f"{part_code}: {pieces} removed ones to come back after {before}; {exchanged} were exchanged",
                expected=f"at most {max(exchanged - before, 0)}",
            )


def check_not_exchanged(lines: Sequence[Line], *, wanted: Mapping[str, int], handed_in: Mapping[str, int]) -> None:
    """A piece whose removed one was handed in is fitted, and neither comes back unused nor is lost (R296, R315).

    Raises IllegalTransition where fewer would be out than removed ones came in.
    """
    for line in lines:
        exchanged = handed_in.get(line.part_code, 0)
        most = max(line.out - exchanged, 0)
        if wanted.get(line.part_code, 0) > most:
            raise IllegalTransition(
                "exchanged_already",
                detail=f"{line.part_code}: {wanted[line.part_code]} not fitted; {line.out} are out,"
                f" and for {exchanged} of them the removed ones were handed in",
                expected=f"at most {most}: what was exchanged is fitted, and is neither taken back nor written off",
            )


def check_removed(serials: Sequence[str], *, part_code: str, known: Mapping[str, Piece], request_id: UUID) -> None:
    """Raises IllegalTransition for a piece that lies on a shelf, and for one that was drawn as the replacement."""
    again = {serial: known[serial] for serial in serials if serial in known}
    if lying := sorted(serial for serial, piece in again.items() if piece.location is not None):
        raise IllegalTransition(
            "serial_in_store",
            detail=f"{part_code}: {', '.join(lying[:SHOWN])} lies in the store, and was taken out of nothing",
            expected="the serial numbers of the faulty pieces",
        )
    if new := sorted(serial for serial, piece in again.items() if piece.request_id == request_id):
        raise IllegalTransition(
            "replacement_itself",
            detail=f"{part_code}: {', '.join(new[:SHOWN])} was drawn for this request",
            expected="the serial numbers of the faulty pieces; what was drawn and not fitted is a return",
        )


def check_not_lying(serials: Sequence[str], *, part_code: str, lying: Sequence[str]) -> None:
    """`lying`: removed pieces that are not cleared away. Raises IllegalTransition for one that is there already."""
    if again := sorted(set(serials) & set(lying)):
        raise IllegalTransition(
            "removed_already",
            detail=f"{part_code}: {', '.join(again[:SHOWN])} was handed in already",
            expected="a piece that is not among GET /v1/old-parts?cleared=false",
        )
