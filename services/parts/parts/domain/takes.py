"""Stock takes (盘点): what is counted in a place, against what the books said at the instant of the count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.refusals import IllegalTransition


class TakeState(StrEnum):
    """Where a stock take stands."""

    OPEN = "open"
    POSTED = "posted"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A part that was counted. `booked`: what the books had there then; `movements`: how often it had moved there."""

    part_code: str
    counted: int
    booked: int
    movements: int
    counted_at: datetime

    @property
    def difference(self) -> int:
        """Pieces that there are more than the books said, negative for fewer."""
        return self.counted - self.booked


def check_open(state: TakeState) -> None:
    """Raises IllegalTransition for a stock take that is over."""
    if state is not TakeState.OPEN:
        raise IllegalTransition(
            "stock_take_over", detail=f"the stock take is {state}", expected="a stock take that is open, or a new one"
        )


def differences(counts: Sequence[Count], *, movements: Mapping[str, int], location: str) -> dict[str, int]:
    """What has to be posted: part code to pieces. `movements`: how often each part has moved there by now.

    Raises IllegalTransition where goods moved after they were counted, and where nothing was counted at all.
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
    return {count.part_code: count.difference for count in counts if count.difference}
