"""Surveys and their answers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.domain.surveys import SurveyState
from feedback.tables import OrderRow, ScoreRow, SurveyRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


class Asked(NamedTuple):
    """A survey with the order that it is about."""

    survey: SurveyRow
    order: OrderRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveysAsked:
    """Which surveys a list shows; None means all. `month` is that in which the answer counts, its first day."""

    states: frozenset[SurveyState] = frozenset()
    order_id: UUID | None = None
    case_id: UUID | None = None
    technician_id: UUID | None = None
    month: date | None = None


async def find(session: AsyncSession, *, survey_id: UUID) -> SurveyRow:
    """A survey as it stands now. Raises Unknown."""
    survey = await session.get(SurveyRow, survey_id, populate_existing=True)
    if survey is None:
        raise _unknown(survey_id)
    return survey


async def of_order(session: AsyncSession, *, order_id: UUID) -> SurveyRow | None:
    """The survey of an order, if one is planned. The caller holds the order's lock."""
    statement = select(SurveyRow).where(col(SurveyRow.order_id) == order_id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def look_at(session: AsyncSession, *, survey_id: UUID) -> Asked:
    """A survey with its order. Raises Unknown."""
    found = (await session.execute(_surveys().where(col(SurveyRow.id) == survey_id))).one_or_none()
    if found is None:
        raise _unknown(survey_id)
    return Asked(*found)


async def listed(session: AsyncSession, *, asked: SurveysAsked, page: PageAsked) -> Sequence[Asked]:
    """Surveys, those that are sent last in front; one row more than the page where there is another page."""
    found = _surveys().where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(SurveyRow.send_at), id_=col(SurveyRow.id))
    return [Asked(*row) for row in await session.execute(statement)]


async def scores_of(session: AsyncSession, *, survey_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ScoreRow]]:
    """What was ticked, by survey."""
    statement = select(ScoreRow).where(col(ScoreRow.survey_id).in_(survey_ids)).order_by(col(ScoreRow.question))
    found: dict[UUID, list[ScoreRow]] = {survey_id: [] for survey_id in survey_ids}
    for row in await session.scalars(statement):
        found[row.survey_id].append(row)
    return found


def _surveys() -> Select[SurveyRow, OrderRow]:
    return (
        select(SurveyRow, OrderRow)
        .join(OrderRow, col(OrderRow.id) == col(SurveyRow.order_id))
        .execution_options(populate_existing=True)
    )


def _conditions(asked: SurveysAsked) -> Iterator[ColumnElement[bool]]:
    equal = (
        (col(OrderRow.id), asked.order_id),
        (col(OrderRow.case_id), asked.case_id),
        (col(SurveyRow.technician_id), asked.technician_id),
        (col(SurveyRow.month), asked.month),
    )
    yield from (column == value for column, value in equal if value is not None)
    if asked.states:
        yield col(SurveyRow.state).in_(asked.states)


def _unknown(survey_id: UUID) -> Unknown:
    return Unknown("unknown_survey", detail=f"there is no survey {survey_id}", expected="an id of GET /v1/surveys")
