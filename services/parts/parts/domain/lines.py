"""The lines of a request (领料申请): how many pieces were asked for, and what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.refusals import IllegalTransition, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One part of a request, in pieces. `reserved` are kept now; the others count what ever happened."""

    part_code: str
    asked: int
    reserved: int = 0
    issued: int = 0
    returned: int = 0
    fitted: int = 0
    lost: int = 0

    @property
    def missing(self) -> int:
        """Neither kept nor drawn."""
        return self.asked - self.reserved - self.issued

    @property
    def out(self) -> int:
        """Drawn, and neither brought back nor lost: fitted, or still with whoever drew it."""
        return self.issued - self.returned - self.lost

    @property
    def owed(self) -> int:
        """Drawn, and neither fitted nor brought back nor lost (R295)."""
        return self.out - self.fitted


def together(wanted: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Part code to pieces: what stands on two lines is one quantity."""
    sums: Counter[str] = Counter()
    for part_code, quantity in wanted:
        sums[part_code] += quantity
    return dict(sums)


def reserve(line: Line, *, available: int) -> Line:
    """R327: keep what there is of what is missing."""
    return replace(line, reserved=line.reserved + min(line.missing, max(available, 0)))


def draw(lines: Sequence[Line], *, wanted: Mapping[str, int]) -> list[Line]:
    """The lines after pieces were issued. Raises IllegalTransition for more than is reserved (R313)."""
    _require_asked(lines, wanted=wanted)
    for line in lines:
        if wanted.get(line.part_code, 0) > line.reserved:
            raise IllegalTransition(
                "more_than_reserved",
                detail=f"{line.part_code}: {wanted[line.part_code]} wanted, {line.reserved} reserved",
                expected=f"at most {line.reserved}; more has to be asked for at dispatch",
            )
    return [_moved(line, issued=wanted.get(line.part_code, 0)) for line in lines]


def bring_back(lines: Sequence[Line], *, wanted: Mapping[str, int]) -> list[Line]:
    """The lines after unused pieces came back. Raises IllegalTransition for pieces that were used (R315)."""
    _require_asked(lines, wanted=wanted)
    for line in lines:
        if wanted.get(line.part_code, 0) > line.owed:
            raise IllegalTransition(
                "part_used" if line.fitted else "more_than_issued",
                detail=f"{line.part_code}: {wanted[line.part_code]} to be returned; {_became(line)}",
                expected=f"at most {line.owed}: what was used is not taken back",
            )
    return [replace(line, returned=line.returned + wanted.get(line.part_code, 0)) for line in lines]


def write_off(lines: Sequence[Line], *, wanted: Mapping[str, int]) -> list[Line]:
    """R295: the lines after drawn pieces were lost. Raises IllegalTransition for pieces that nobody owes."""
    _require_asked(lines, wanted=wanted)
    for line in lines:
        if wanted.get(line.part_code, 0) > line.owed:
            raise IllegalTransition(
                "more_than_owed",
                detail=f"{line.part_code}: {wanted[line.part_code]} to be written off; {_became(line)}",
                expected=f"at most {line.owed}: what was drawn, and neither fitted nor brought back",
            )
    return [replace(line, lost=line.lost + wanted.get(line.part_code, 0)) for line in lines]


def fit(lines: Sequence[Line], *, fitted: Mapping[str, int]) -> tuple[list[Line], dict[str, int]]:
    """The lines after the repair, and what of `fitted` was not drawn on them: it came from another request."""
    left = dict(fitted)
    after = []
    for line in lines:
        used = min(line.owed, left.get(line.part_code, 0))
        if used:
            left[line.part_code] -= used
        after.append(replace(line, fitted=line.fitted + used))
    return after, {part_code: pieces for part_code, pieces in left.items() if pieces}


def _moved(line: Line, *, issued: int) -> Line:
    return replace(line, reserved=line.reserved - issued, issued=line.issued + issued)


def _became(line: Line) -> str:
    return f"of {line.issued} issued {line.fitted} were fitted, {line.returned} returned and {line.lost} lost"


def _require_asked(lines: Sequence[Line], *, wanted: Mapping[str, int]) -> None:
    known = {line.part_code for line in lines}
    if unknown := sorted(set(wanted) - known):
        raise Refusal(
            "not_asked_for",
            detail=f"{', '.join(unknown)} was not asked for in this request",
            expected=f"parts of the request: {', '.join(sorted(known))}",
        )
