"""One row of the table: what was measured, what it was measured against, and what it must reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a figure must reach, and what we are after: `>= 0.30`, `<= 1.3`, or, of the value itself, `<= 250 ms`."""

    must: str
    after: str = ""

    def is_reached(self, figure: "Figure", *, bound: str) -> bool:
        """Whether the figure is on the right side of `bound`; a bound with a unit is about the value itself."""
        comparison, number, *unit = bound.split()
        measured = figure.value if unit else figure.ratio
        return measured >= float(number) if comparison == ">=" else measured <= float(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One run: the value and its reference, measured one right after the other."""

    value: float
    reference: float

    @property
    def ratio(self) -> float:
        return self.value / self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A row of the table, of one or several runs."""

    name: str
    what: str
    against: str
    unit: str
    goal: Goal
    runs: Sequence[Pair]

    @property
    def value(self) -> float:
        """The median of the runs."""
        return median(run.value for run in self.runs)

    @property
    def reference(self) -> float:
        """The median of the runs."""
        return median(run.reference for run in self.runs)

    @property
    def ratio(self) -> float:
        """The median of the runs' own ratios."""
        return median(run.ratio for run in self.runs)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of any run."""
        ratios = [run.ratio for run in self.runs]
        return min(ratios), max(ratios)

    @property
    def passes(self) -> bool:
        """Whether it reaches what it must."""
        return self.goal.is_reached(self, bound=self.goal.must)

    @property
    def arrives(self) -> bool:
        """Whether it reaches what we are after, where there is more to reach than it must."""
        return not self.goal.after or self.goal.is_reached(self, bound=self.goal.after)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
