"""What the answers say: who is not satisfied, and how large the share of the satisfied is (R158, R367)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from shared.contracts.facts import Degree, Score

FROM_BEST_TO_WORST = tuple(Degree)
SATISFIED = frozenset({Degree.VERY_SATISFIED, Degree.SATISFIED})
"""The two upper ones of the four degrees (满意) are what a share of satisfied customers counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From when on a card is a bad one: this many answers, and each as bad as `degree` or worse."""

    degree: Degree
    answers: int


def bad_questions(scores: Iterable[Score], *, degree: Degree) -> tuple[str, ...]:
    """The questions that were answered with `degree` or worse."""
    limit = FROM_BEST_TO_WORST.index(degree)
    return tuple(score.question for score in scores if FROM_BEST_TO_WORST.index(score.degree) >= limit)


def is_dissatisfied(scores: Iterable[Score], *, threshold: Threshold) -> bool:
    """Whether somebody has to look after this customer again."""
    return len(bad_questions(scores, degree=threshold.degree)) >= threshold.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many answered one question, and how many of them were satisfied."""

    answered: int
    satisfied: int

    @property
    def share(self) -> Decimal:
        """Percent with one decimal, never rounded up: 89.96 % do not reach 90 %."""
        return Decimal(self.satisfied * 1000 // self.answered) / 10 if self.answered else Decimal(0)

    def reaches(self, target: Decimal) -> bool:
        """Whether the share is `target` percent or more (R367), computed without rounding."""
        return self.answered > 0 and Decimal(self.satisfied * 100) >= target * self.answered


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    counted = tuple(tallies)
    return Tally(answered=sum(one.answered for one in counted), satisfied=sum(one.satisfied for one in counted))
