"""How satisfied customers were: answers counted by month, technician and question (R367)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.domain.scoring import SATISFIED, Tally
from feedback.tables import ScoreRow, SurveyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TalliesAsked:
    """Which answers are counted: those of the months from `since` to `until`, both first days and both included."""

    since: date
    until: date
    technician_id: UUID | None = None
    question: str | None = None


class Counted(NamedTuple):
    """The answers to one question about one technician in one month."""

    month: date
    technician_id: UUID
    question: str
    tally: Tally


async def tallies(session: AsyncSession, *, asked: TalliesAsked) -> Sequence[Counted]:
    """Every month, technician and question that has an answer, in this order."""
    keys = (col(SurveyRow.month), col(SurveyRow.technician_id), col(ScoreRow.question))
    satisfied = func.count().filter(col(ScoreRow.degree).in_(SATISFIED))
    equal = ((keys[1], asked.technician_id), (keys[2], asked.question))
    statement = (
        select(*keys, func.count(), satisfied)
        .join(SurveyRow, col(SurveyRow.id) == col(ScoreRow.survey_id))
        .where(keys[0].between(asked.since, asked.until))
        .where(*(column == value for column, value in equal if value is not None))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        Counted(month, technician_id, question, Tally(answered=answered, satisfied=content))
        for month, technician_id, question, answered, content in await session.execute(statement)
        if month is not None
    ]
