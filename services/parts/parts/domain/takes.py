"""Stock takes (盘点): what is counted in a place, against what the books said at the instant of the count."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parts.domain.serials import check_all_named
from shared.refusals import IllegalTransition


class TakeState(StrEnum):
    """Where a stock take stands."""

    OPEN = "open"
    POSTED = "posted"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A part that was counted. `booked`: what the books had there then; `movements`: how often it had moved there.

    `serials`: of a serial-tracked part, the numbers of all pieces that lie there.
    """

    part_code: str
    counted: int
    booked: int
    movements: int
    counted_at: datetime
    serials: tuple[str, ...] = ()

    @property
    def difference(self) -> int:
        """Pieces that there are more than the books said, negative for fewer."""
        return self.counted - self.booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Pieces of a part that were found, or, less than none, that are missing; `serials`: all, where it is tracked."""

    part_code: str
    pieces: int
    serials: tuple[str, ...] = ()


def check_open(state: TakeState) -> None:
    """Raises IllegalTransition for a stock take that is over."""
    if state is not TakeState.OPEN:
        raise IllegalTransition(
            "stock_take_over", detail=f"the stock take is {state}", expected="a stock take that is open, or a new one"
        )


def differences(
    counts: Sequence[Count], *, movements: Mapping[str, int], lying: Mapping[str, Collection[str]], location: str
) -> list[Difference]:
    """What has to be posted. `movements`: how often each part has moved there by now.

    `lying`: by the codes of serial-tracked parts, the numbers that the books have there. Raises IllegalTransition where
    goods moved after they were counted, and where nothing was counted at all; Refusal for pieces without their number.
    """
    if not counts:
        raise IllegalTransition(
            "nothing_counted", detail="no part was counted", expected="counts, or the stock take abandoned"
        )
    moved = [count for count in counts if movements.get(count.part_code, 0) != count.movements]
    if moved:
        told = ", ".join(f"{count.part_code} (counted at {count.counted_at.isoformat()})" for count in moved)
        raise IllegalTransition(
            "moved_since_counted",
            detail=f"at {location} there were movements since of: {told}",
            expected="these parts counted again, and the stock take posted before they move",
        )
    return [
        one
        for count in counts
        for one in (_named(count, lying=lying[count.part_code]) if count.part_code in lying else _unnamed(count))
    ]


def _unnamed(count: Count) -> Iterator[Difference]:
    if count.difference:
        yield Difference(part_code=count.part_code, pieces=count.difference)


def _named(count: Count, *, lying: Collection[str]) -> Iterator[Difference]:
    """Found ones first, so that what is reserved is never more than what is there."""
    check_all_named(count.serials, part_code=count.part_code, pieces=count.counted)
    if found := tuple(sorted(set(count.serials) - set(lying))):
        yield Difference(part_code=count.part_code, pieces=len(found), serials=found)
    if missing := tuple(sorted(set(lying) - set(count.serials))):
        yield Difference(part_code=count.part_code, pieces=-len(missing), serials=missing)
