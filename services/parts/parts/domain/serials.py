"""Serial numbers (序列号): which pieces of a serial-tracked part lie where, so that they are issued one by one."""

from collections.abc import Collection, Mapping, Sequence

from shared.refusals import IllegalTransition, Refusal

SHOWN = 5

type Serials = Mapping[str, Sequence[str]]
"""Part code to the serial numbers of its pieces."""


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
    """Raises Refusal where a piece of a serial-tracked part comes or is issued without its number."""
    if len(serials) != pieces:
        raise Refusal(
            "serials_needed",
            detail=f"{part_code} is known by serial numbers; {len(serials)} are given for {pieces} pieces",
            expected=f"exactly {pieces} serial numbers",
        )


def check_new(serials: Sequence[str], *, part_code: str, lying: Collection[str]) -> None:
    """`lying`: those that lie anywhere in the store. Raises IllegalTransition for a piece that cannot come again."""
    if known := sorted(set(serials) & set(lying)):
        raise IllegalTransition(
            "serial_in_store",
            detail=f"{part_code}: {', '.join(known[:SHOWN])} lies in the store already",
            expected="the serial numbers of the pieces that came in",
        )


def check_drawn(serials: Sequence[str], *, part_code: str, drawn: Collection[str]) -> None:
    """`drawn`: those that are out with the request. Raises IllegalTransition for others."""
    if strange := [serial for serial in serials if serial not in drawn]:
        raise IllegalTransition(
            "serial_not_drawn",
            detail=f"{part_code}: {', '.join(strange[:SHOWN])} was not drawn for this request",
            expected=f"of those that were: {', '.join(sorted(drawn)[:SHOWN]) or 'none'}",
        )


def check_leaving(serials: Sequence[str], *, part_code: str, pieces: int, lying: Collection[str], on_hand: int) -> None:
    """Those that are named have to lie there, and no more may leave unnamed than lie there unnamed.

    `lying`: known numbers in that place, where `on_hand` pieces lie. Raises IllegalTransition.
    """
    if missing := [serial for serial in serials if serial not in lying]:
        raise IllegalTransition(
            "serial_not_there",
            detail=f"{part_code}: {', '.join(missing[:SHOWN])} does not lie there",
            expected=f"of those that do: {', '.join(sorted(lying)[:SHOWN]) or 'none is known'}",
        )
    if pieces - len(serials) > on_hand - len(lying):
        raise IllegalTransition(
            "serials_needed",
            detail=f"{part_code}: {pieces - len(serials)} pieces without a number, where {on_hand - len(lying)} lie",
            expected=f"the serial numbers of {pieces} pieces",
        )
