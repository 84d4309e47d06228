"""How satisfied customers were, over HTTP (R367)."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from feedback.domain.scoring import Tally, total
from feedback.queries.satisfaction import Counted

type Percent = Annotated[Decimal, Field(description="percent; a share has one decimal and is never rounded up")]


class Share(BaseModel):
    """How many answers there are, and how many of them are satisfied ones (the two upper of the four degrees)."""

    month: str = Field(description="in which they were given, such as `2040-03`")
    answered: int
    satisfied: int
    share: Percent
    reaches_target: bool


class TechnicianShare(Share):
    """All questions about one technician in one month."""

    technician_id: UUID


class QuestionShare(TechnicianShare):
    """One question about one technician in one month."""

    question: str


class Satisfaction(BaseModel):
    """The answers of some months: for the company, for each technician, and for each of the questions about him."""

    since: str = Field(description="the first month")
    until: str = Field(description="the last month")
    target: Percent
    months: list[Share]
    technicians: list[TechnicianShare]
    questions: list[QuestionShare]

    @classmethod
    def of(cls, counted: Sequence[Counted], *, since: date, until: date, target: Decimal) -> Self:
        """Summed up from the answers by month, technician and question."""
        return cls(
            since=month_text(since),
            until=month_text(until),
            target=target,
            months=[
                Share.model_validate(_share(tally, month=month, target=target))
                for month, tally in _summed(counted, by=lambda one: one.month)
            ],
            technicians=[
                TechnicianShare.model_validate(
                    {**_share(tally, month=month, target=target), "technician_id": technician_id}
                )
                for (month, technician_id), tally in _summed(counted, by=lambda one: (one.month, one.technician_id))
            ],
            questions=[
                QuestionShare.model_validate(
                    {
                        **_share(one.tally, month=one.month, target=target),
                        "technician_id": one.technician_id,
                        "question": one.question,
                    }
                )
                for one in counted
            ],
        )


def month_text(month: date) -> str:
    """A month as people write it in addresses and tables."""
    return f"{month:%Y-%m}"


def _summed[Key: Hashable](counted: Iterable[Counted], *, by: Callable[[Counted], Key]) -> list[tuple[Key, Tally]]:
    """The tallies of each key together, in the order in which the keys come."""
    groups: dict[Key, list[Tally]] = {}
    for one in counted:
        groups.setdefault(by(one), []).append(one.tally)
    return [(key, total(tallies)) for key, tallies in groups.items()]


def _share(tally: Tally, *, month: date, target: Decimal) -> dict[str, object]:
    return {
        "month": month_text(month),
        "answered": tally.answered,
        "satisfied": tally.satisfied,
        "share": tally.share,
        "reaches_target": tally.reaches(target),
    }
